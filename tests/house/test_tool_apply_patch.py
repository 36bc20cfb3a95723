"""Patches over several files: all or nothing, nothing outside, nobody's changes lost."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maquette.domain.cards import DiffCard
from maquette.domain.errors import Refused
from maquette.testing.tools import result
from maquette.tools.by_hand import Hand
from maquette.tools.texts.changes import apply
from maquette.tools.texts.patches import parse
from maquette.tools.texts.seen import Seen
from maquette.workspace.files import BeneathFiles

pytestmark = pytest.mark.anyio


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    (tree / "src").mkdir(parents=True)
    (tree / "src" / "a.py").write_text("one = 1\ntwo = 2\n")
    (tree / "src" / "b.py").write_text("b = 1\n")
    return tree


def everything(tree: Path) -> dict[str, tuple[bytes, int]]:
    files = (path for path in sorted(tree.rglob("*")) if path.is_file())
    return {str(path.relative_to(tree)): (path.read_bytes(), path.stat().st_mode) for path in files}


def patch(*lines: str) -> str:
    return "\n".join(["*** Begin Patch", *lines, "*** End Patch"])


WHOLE = patch(
    *("*** Add File: docs/c.md", "+# C"),
    *("*** Update File: src/a.py", "*** Move to: src/core/a.py", "@@", " one = 1", "-two = 2", "+two = 3"),
    *("*** Delete File: src/b.py",),
)


async def test_files_are_added_changed_moved_and_deleted(context: Hand, tree: Path) -> None:
    (tree / "src/a.py").chmod(0o755)
    came = await result("apply_patch", context, patch=WHOLE)
    assert came.text == "A docs/c.md\nR src/a.py -> src/core/a.py\nD src/b.py"
    assert {path: data for path, (data, _) in everything(tree).items()} == {
        "docs/c.md": b"# C\n",
        "src/core/a.py": b"one = 1\ntwo = 3\n",
    }
    assert (tree / "src/core/a.py").stat().st_mode & 0o777 == 0o755
    assert isinstance(came.card, DiffCard)
    assert (came.card.added, came.card.removed) == (2, 2)
    assert came.card.files == ("docs/c.md", "src/core/a.py", "src/b.py")


async def test_a_patch_may_come_as_input(context: Hand) -> None:
    assert (await result("apply_patch", context, input=WHOLE)).text.startswith("A docs/c.md")


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (("*** Update File: src/a.py", "-nine = 9", "+x"), "Hunk 1 of src/a.py doesn't match"),
        (("*** Update File: src/c.py", "-x", "+y"), "There is no src/c.py"),
        (("*** Delete File: src/c.py",), "There is no src/c.py"),
        (("*** Update File: src/a.py", "*** Move to: src/b.py"), "can't be moved to src/b.py: that exists"),
        (("*** Add File: src/a.py", "+x"), "src/a.py exists and you haven't read it"),
        (("*** Delete File: src",), "src is a folder"),
        (("*** Add File: ../x", "+x"), "outside"),
        (("*** Update File: src/a.py", "*** Move to: /etc/x"), "outside"),
        (("*** Add File: .git/hooks/post-commit", "+x"), "git"),
    ],
)
async def test_where_one_part_does_not_fit_nothing_is_done(
    context: Hand, tree: Path, lines: tuple[str, ...], says: str
) -> None:
    before = everything(tree)
    with pytest.raises(Refused) as caught:
        await result("apply_patch", context, patch=patch("*** Add File: first.txt", "+x", *lines))
    assert says in str(caught.value)
    assert everything(tree) == before


async def test_sections_build_upon_one_another(context: Hand, tree: Path) -> None:
    came = await result(
        "apply_patch",
        context,
        patch=patch(
            *("*** Update File: src/a.py", "-one = 1", "+one = 10"),
            *("*** Update File: ./src/a.py", "-one = 10", "+one = 100"),
            *("*** Delete File: src/b.py", "*** Add File: src/b.py", "+b = 2"),
            *("*** Add File: n", "+n", "*** Delete File: n"),
        ),
    )
    assert came.text == "M src/a.py\nM src/b.py"
    assert (tree / "src/a.py").read_text() == "one = 100\ntwo = 2\n"
    assert (tree / "src/b.py").read_text() == "b = 2\n"
    assert not (tree / "n").exists()


async def test_two_files_may_change_places(context: Hand, tree: Path) -> None:
    await result(
        "apply_patch",
        context,
        patch=patch(
            *("*** Update File: src/a.py", "*** Move to: t", "*** Update File: src/b.py", "*** Move to: src/a.py"),
            *("*** Update File: t", "*** Move to: src/b.py"),
        ),
    )
    assert (tree / "src/a.py").read_text() == "b = 1\n"
    assert (tree / "src/b.py").read_text() == "one = 1\ntwo = 2\n"
    assert not (tree / "t").exists()


async def test_what_was_overlooked_is_told(context: Hand) -> None:
    came = await result("apply_patch", context, patch=patch("*** Update File: src/a.py", "-  two = 2", "+two = 3"))
    assert came.text.endswith("\nNote: hunk 1 of src/a.py matched at line 2, overlooking indentation.")


async def test_f20_a_persons_change_is_kept_and_shown(context: Hand, tree: Path) -> None:
    await result("read", context, path="src/a.py")
    (tree / "src/a.py").write_text("one = 1\ntwo = 2\nthree = 3\n")
    came = await result("apply_patch", context, patch=patch("*** Update File: src/a.py", "-one = 1", "+one = 9"))
    assert (tree / "src/a.py").read_text() == "one = 9\ntwo = 2\nthree = 3\n"
    assert "+three = 3" in came.text


@pytest.mark.parametrize("lines", [("*** Delete File: src/b.py",), ("*** Update File: src/b.py", "-b = 1", "+b = 2")])
async def test_f20_what_a_person_changed_is_neither_deleted_nor_replaced(
    context: Hand, tree: Path, lines: tuple[str, ...]
) -> None:
    await result("read", context, path="src/b.py")
    (tree / "src/b.py").write_text("b = 'person'\n")
    with pytest.raises(Refused, match=r"(?s)changed by somebody else.*\+b = 'person'"):
        await result("apply_patch", context, patch=patch(*lines))
    assert (tree / "src/b.py").read_text() == "b = 'person'\n"


class FailsAt(BeneathFiles):
    """A disk that is full from the n-th change on, but for a while only."""

    def __init__(self, root: Path, number: int) -> None:
        super().__init__(root)
        self.left = number

    def _change(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def write(self, path: str, data: bytes) -> None:
        self._change()
        super().write(path, data)

    def move(self, path: str, to: str) -> None:
        self._change()
        super().move(path, to)


@pytest.mark.parametrize("number", range(1, 5))
async def test_f5_what_fails_in_the_middle_is_taken_back(tree: Path, number: int) -> None:
    (tree / "src/b.py").chmod(0o755)
    before = everything(tree)
    with pytest.raises(Refused, match="Nothing was changed"):
        apply(FailsAt(tree, number), parse(WHOLE), Seen(tree))
    assert everything(tree) == before


PATHS = st.sampled_from(
    [
        "src/a.py",
        "src/b.py",
        "new",
        "src",
        "../out",
        "/etc/x",
        "link/x",
        "out",
        ".git/config",
        "src/../../o",
        "",
        "a\0b",
        "x" * 300,
    ]
)
KINDS = st.sampled_from(["Add File", "Delete File", "Update File", "Move to"])
HEADERS = st.tuples(KINDS, PATHS).map(lambda pair: f"*** {pair[0]}: {pair[1]}")
BODIES = st.sampled_from(["@@", "@@ one = 1", "-one = 1", "+x", " two = 2", "-b = 1", "", "*** End of File", "+"])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(HEADERS, BODIES), max_size=12))
def test_any_patch_is_applied_or_refused_and_nothing_outside_is_touched(lines: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "tree")
        (tree / "src").mkdir(parents=True)
        (tree / ".git").mkdir()
        (tree / ".git" / "config").write_text("git's\n")
        (tree / "src" / "a.py").write_text("one = 1\ntwo = 2\n")
        (tree / "src" / "b.py").write_text("b = 1\n")
        (Path(folder) / "outside").mkdir()
        (Path(folder) / "outside" / "x").write_text("one = 1\n")
        (tree / "link").symlink_to("../outside")
        (tree / "out").symlink_to("../outside/x")
        before = everything(tree)
        try:
            apply(BeneathFiles(tree), parse(patch(*lines)), Seen(tree))
        except Refused:
            assert everything(tree) == before
        assert [p.name for p in sorted(Path(folder).iterdir())] == ["outside", "tree"]
        assert everything(Path(folder, "outside"))["x"][0] == b"one = 1\n"
        assert (tree / ".git" / "config").read_text() == "git's\n"
        assert not list(tree.rglob("*.deleted"))
