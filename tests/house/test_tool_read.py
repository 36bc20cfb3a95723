"""What the model gets to see of a file, a picture, a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from maquette.domain.cards import CodeCard, ImageCard, TableCard
from maquette.domain.errors import Refused
from maquette.kinds.providers import SkillSpec
from maquette.testing.tools import result, tool_context
from maquette.tools import read
from maquette.tools.by_hand import Hand
from maquette.tools.texts import excerpts

pytestmark = pytest.mark.anyio

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    (tree / "src").mkdir(parents=True)
    (tree / "src" / "prices.py").write_text("one\ntwo\nthree\n")
    return tree


async def test_lines_come_behind_their_numbers(context: Hand) -> None:
    came = await result("read", context, path="src/prices.py")
    assert came.text == "1\tone\n2\ttwo\n3\tthree"
    assert came.card == CodeCard(path="src/prices.py", text="one\ntwo\nthree", first_line=1)


async def test_a_part_says_what_follows(context: Hand) -> None:
    came = await result("read", context, path="src/prices.py", **{"from": 2, "lines": 1})
    assert came.text == "2\ttwo\n[1 more lines; go on with from: 3]"
    beyond = await result("read", context, path="src/prices.py", **{"from": 9})
    assert beyond.text == "[src/prices.py ends at line 3]"


async def test_an_empty_file_says_so(context: Hand, tree: Path) -> None:
    (tree / "empty").touch()
    assert (await result("read", context, path="empty")).text == "(empty file)"


async def test_a_whole_path_beneath_the_root_is_taken(context: Hand, tree: Path) -> None:
    assert (await result("read", context, path=str(tree / "src/prices.py"))).text.startswith("1\tone")


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "link", "src/../../secret"])
async def test_nothing_outside_the_tree_is_read(context: Hand, tree: Path, path: str) -> None:
    (tree.parent / "secret").write_text("secret")
    (tree / "link").symlink_to(tree.parent / "secret")
    with pytest.raises(Refused):
        await result("read", context, path=path)


async def test_a_wrong_name_is_answered_with_the_like(context: Hand) -> None:
    with pytest.raises(Refused, match=r"There is no src/price\.py\. There is src/prices\.py\."):
        await result("read", context, path="src/price.py")
    with pytest.raises(Refused, match="nor a folder nowhere"):
        await result("read", context, path="nowhere/x.py")


async def test_a_folder_is_listed(context: Hand, tree: Path) -> None:
    (tree / "a.txt").write_text("12345")
    came = await result("read", context)
    assert came.text == "a.txt\t5\nsrc/"
    assert isinstance(came.card, TableCard)
    (tree / "none").mkdir()
    assert (await result("read", context, path="none")).text == "(empty folder)"


async def test_a_large_folder_is_cut(context: Hand, tree: Path) -> None:
    for number in range(read.LISTED + 5):
        (tree / "src" / f"f{number}").touch()
    assert (await result("read", context, path="src")).text.endswith("\n[6 more]")


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 20, "image/jpeg"),
        (b"GIF89a" + b"\0" * 20, "image/gif"),
        (b"RIFF\x10\0\0\0WEBPVP8 " + b"\0" * 8, "image/webp"),
    ],
)
async def test_a_picture_is_handed_over(context: Hand, tree: Path, data: bytes, media_type: str) -> None:
    (tree / "picture").write_bytes(data)
    came = await result("read", context, path="picture")
    assert [(image.media_type, image.data) for image in came.images] == [(media_type, data)]
    assert isinstance(came.card, ImageCard)


async def test_a_picture_too_big_and_a_binary_file_are_refused_with_what_to_do(context: Hand, tree: Path) -> None:
    (tree / "big.png").write_bytes(PNG + b"\0" * read.IMAGE)
    with pytest.raises(Refused, match="Make a smaller one"):
        await result("read", context, path="big.png")
    (tree / "program").write_bytes(b"\x7fELF\0\0\0")
    with pytest.raises(Refused, match="binary file; look at it with shell"):
        await result("read", context, path="program")


async def test_long_lines_and_long_files_are_cut(context: Hand, tree: Path) -> None:
    (tree / "long").write_bytes(b"x" * 3_000_000 + b"\nlast")
    came = await result("read", context, path="long")
    assert len(came.text) < 2_000
    assert came.text.endswith("x… [2,998,500 more]\n2\tlast")
    (tree / "many").write_text("line\n" * 5_000)
    came = await result("read", context, path="many")
    assert came.text.endswith("1000\tline\n[4,000 more lines; go on with from: 1001]")
    (tree / "wide").write_text(("y" * 1_000 + "\n") * 200)
    assert len((await result("read", context, path="wide")).text) < 33_000


async def test_a_part_of_a_file_of_any_size_is_read(context: Hand, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excerpts, "LIMIT", 1_000_000)
    (tree / "huge").write_text("".join(f"{n}\n" for n in range(1, 300_001)))
    came = await result("read", context, path="huge", **{"from": 200_000, "lines": 2})
    assert came.text == "200000\t200000\n200001\t200001\n[the file has 1,988,895 bytes; go on with from: 200002]"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("\ufeffcafé\r\nb".encode(), "1\tcafé\n2\tb"),
        ("\ufeffcafé\nb\n".encode("utf-16-le"), "1\tcafé\n2\tb"),
        (b"caf\xe9\n", "1\tcaf\ufffd"),
    ],
)
async def test_marks_and_encodings_are_seen_through(context: Hand, tree: Path, data: bytes, text: str) -> None:
    (tree / "f").write_bytes(data)
    assert (await result("read", context, path="f")).text.removeprefix("\ufeff") == text


async def test_a_skill_and_its_files_are_readable(tree: Path, tmp_path: Path) -> None:
    folder = tmp_path / "skills" / "tidy"
    folder.mkdir(parents=True)
    (folder / "SKILL.md").write_text("---\nname: tidy\ndescription: Tidies.\n---\n\nDo this.\n\n---\n\nThen that.\n")
    (folder / "scripts").mkdir()
    (folder / "scripts" / "run.py").write_text("print(1)\n")
    skill = SkillSpec(name="tidy", when="Tidies.", folder=str(folder))
    async with tool_context(tree, skills=[skill]) as context:
        opened = await result("skill", context, name="tidy")
        assert opened.text == (
            f"Do this.\n\n---\n\nThen that.\n\nThe skill's folder is {folder}; it holds: SKILL.md, scripts/run.py"
        )
        assert (await result("read", context, path=f"{folder}/scripts/run.py")).text == "1\tprint(1)"
        assert (await result("shell", context, command=f"python3 {folder}/scripts/run.py")).text == "1\n[exit 0]"
        with pytest.raises(Refused, match="no skill 'tidier'; there are: tidy"):
            await result("skill", context, name="tidier")


async def test_a_skill_that_leads_outside_its_folder_is_not_opened(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    folder = tmp_path / "bad"
    folder.mkdir()
    (folder / "SKILL.md").symlink_to(tmp_path / "secret")
    async with tool_context(tree, skills=[SkillSpec(name="bad", when="", folder=str(folder))]) as context:
        with pytest.raises(Refused):
            await result("skill", context, name="bad")
