"""Whole files and pieces of them, written; nobody's bytes lost."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maquette.domain.cards import DiffCard
from maquette.domain.errors import Refused
from maquette.kinds.tools import Result
from maquette.testing.tools import result
from maquette.tools.by_hand import Hand
from maquette.tools.texts.diffs import SHOWN, Change, diff_card
from maquette.tools.texts.documents import Document
from maquette.tools.texts.replacing import replace

pytestmark = pytest.mark.anyio


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    tree.mkdir()
    return tree


def diff(came: Result) -> DiffCard:
    assert isinstance(came.card, DiffCard)
    return came.card


async def test_a_new_file_is_written_with_its_folders(context: Hand, tree: Path) -> None:
    came = await result("write", context, path="a/b/c.txt", text="one\ntwo\n")
    assert came.text == "Wrote a/b/c.txt: 8 bytes."
    assert (tree / "a/b/c.txt").read_bytes() == b"one\ntwo\n"
    card = diff(came)
    assert (card.added, card.removed, card.files) == (2, 0, ("a/b/c.txt",))


async def test_f20_a_file_that_was_not_read_is_not_replaced(context: Hand, tree: Path) -> None:
    (tree / "f").write_text("theirs\n")
    with pytest.raises(Refused, match="exists and you haven't read it"):
        await result("write", context, path="f", text="mine\n")
    assert (tree / "f").read_text() == "theirs\n"
    await result("read", context, path="f")
    assert (await result("write", context, path="f", text="mine\n")).text == "Wrote f: 5 bytes (it had 7)."
    await result("write", context, path="f", text="mine again\n")
    assert (tree / "f").read_text() == "mine again\n"


async def test_f20_what_a_person_changed_meanwhile_is_shown_and_not_overwritten(context: Hand, tree: Path) -> None:
    (tree / "f").write_text("a\nb\nc\n")
    await result("read", context, path="f")
    (tree / "f").write_text("a\nperson's\nc\n")
    with pytest.raises(Refused) as caught:
        await result("write", context, path="f", text="a\nb\nagent's\n")
    assert "changed by somebody else" in str(caught.value)
    assert "-b\n+person's" in str(caught.value)
    assert (tree / "f").read_text() == "a\nperson's\nc\n"
    await result("write", context, path="f", text="a\nperson's\nagent's\n")
    assert (tree / "f").read_text() == "a\nperson's\nagent's\n"


async def test_f20_an_edit_elsewhere_keeps_what_a_person_changed_meanwhile_and_shows_it(
    context: Hand, tree: Path
) -> None:
    (tree / "f").write_text("a\nb\nc\n")
    await result("read", context, path="f")
    (tree / "f").write_text("a\nperson's\nc\n")
    came = await result("edit", context, path="f", old="c\n", new="agent's\n")
    assert (tree / "f").read_text() == "a\nperson's\nagent's\n"
    assert "-b\n+person's" in came.text
    assert (await result("edit", context, path="f", old="a\n", new="A\n")).text == "Edited f at line 1."


async def test_f20_an_edit_of_what_a_person_changed_meanwhile_is_refused_and_shows_it(
    context: Hand, tree: Path
) -> None:
    (tree / "f").write_text("a\nb\nc\n")
    await result("read", context, path="f")
    (tree / "f").write_text("a\nb's\nc  \n")
    for old, every in (("b\n", False), ("a\nb", True), ("c\n", False)):
        with pytest.raises(Refused, match=r"(?s)changed by somebody else.*-b\n"):
            await result("edit", context, path="f", old=old, new="x", all=every)
        (tree / "f").write_text("a\nb\nc\n")
        await result("read", context, path="f")
        (tree / "f").write_text("a\nb's\nc  \n")
    assert (tree / "f").read_text() == "a\nb's\nc  \n"


async def test_f21_a_file_rewritten_keeps_its_endings_and_its_mark(context: Hand, tree: Path) -> None:
    (tree / "f").write_bytes(b"\xef\xbb\xbfa\r\nb\r\n")
    await result("read", context, path="f")
    came = await result("write", context, path="f", text="a\nc\n")
    assert (tree / "f").read_bytes() == b"\xef\xbb\xbfa\r\nc\r\n"
    assert (diff(came).added, diff(came).removed) == (1, 1)


async def test_f21_mode_bits_are_kept(context: Hand, tree: Path) -> None:
    (tree / "run").write_text("#!/bin/sh\necho 1\n")
    (tree / "run").chmod(0o755)
    await result("edit", context, path="run", old="1", new="2")
    assert (tree / "run").stat().st_mode & 0o777 == 0o755


async def test_parallel_edits_of_one_file_are_all_done(context: Hand, tree: Path) -> None:
    (tree / "f").write_text("".join(f"<{n}>\n" for n in range(20)))
    edits = [result("edit", context, path="f", old=f"<{n}>", new=f"[{n}]") for n in range(20)]
    await asyncio.gather(*edits)
    assert (tree / "f").read_text() == "".join(f"[{n}]\n" for n in range(20))


@pytest.mark.parametrize("path", ["../out", "/tmp/out-of-tree", "link/x", ".git/config"])
async def test_nothing_outside_the_tree_is_written(context: Hand, tree: Path, path: str) -> None:
    (tree / ".git").mkdir()
    (tree / "link").symlink_to(tree.parent)
    before = sorted(tree.parent.rglob("*"))
    with pytest.raises(Refused):
        await result("write", context, path=path, text="x")
    with pytest.raises(Refused):
        await result("edit", context, path=path, old="x", new="y")
    with pytest.raises(Refused):
        await result("apply_patch", context, patch=f"*** Begin Patch\n*** Add File: {path}\n+x\n*** End Patch")
    assert sorted(tree.parent.rglob("*")) == before


def edited(before: bytes, old: str, new: str, *, every: bool = False) -> tuple[bytes, str]:
    replaced = replace(Document.of(before, "f"), old, new, "f", every=every)
    return replaced.document.data(), replaced.overlooked


@pytest.mark.parametrize(
    ("before", "old", "new", "expected", "overlooked"),
    [
        (b"a b c\n", "b", "x", b"a x c\n", ""),
        (b"a\r\nb\r\nc\r\n", "a\nb\n", "x\ny\nz\n", b"x\r\ny\r\nz\r\nc\r\n", ""),
        (b"a\nb", "b", "c\nd", b"a\nc\nd", ""),
        (b"a\nb\r\nc\n", "b", "x\ny", b"a\nx\r\ny\r\nc\n", ""),
        (b"caf\xe9 a\n", "a\n", "b\n", b"caf\xe9 b\n", ""),
        ("say “hi” – it’s\n".encode(), '"hi" - it\'s', "no", b"say no\n", "quotes"),
        (b"a  \nb\t\nc\n", "a\nb\n", "x\ny\n", b"x\ny\nc\n", "trailing whitespace"),
        (b"f:\n    if x:\n        y\n", "if x:\n    y", "if z:\n    w", b"f:\n    if z:\n        w\n", "indentation"),
        (b"if x:\n  y\n", "    if x:\n      y\n", "    if z:\n\n      w\n", b"if z:\n\n  w\n", "indentation"),
    ],
)  # fmt: skip
async def test_an_edit_finds_its_place_and_keeps_the_rest(
    before: bytes, old: str, new: str, expected: bytes, overlooked: str
) -> None:
    data, told = edited(before, old, new)
    assert data == expected
    assert overlooked in told
    assert bool(overlooked) == bool(told)


async def test_what_is_there_more_than_once_is_refused_with_its_lines(context: Hand, tree: Path) -> None:
    (tree / "f").write_text("x\ny\nx\n")
    with pytest.raises(Refused, match=r"has `old` 2 times, at lines 1, 3\. Add lines around it"):
        await result("edit", context, path="f", old="x", new="z")
    came = await result("edit", context, path="f", old="x", new="z", all=True)
    assert came.text == "Edited f at lines 1, 3."
    assert (tree / "f").read_text() == "z\ny\nz\n"


async def test_what_is_not_there_is_refused_with_what_comes_nearest(context: Hand, tree: Path) -> None:
    (tree / "f.py").write_text("import os\n\ndef area(width, height):\n    return width * height\n")
    with pytest.raises(Refused) as caught:
        await result("edit", context, path="f.py", old="def area(w, h):\n    return width * height\n", new="x")
    assert "3\tdef area(width, height):\n4\t    return width * height" in str(caught.value)
    with pytest.raises(Refused, match="nor anything like it"):
        await result("edit", context, path="f.py", old="#" * 30, new="x")
    with pytest.raises(Refused, match=r"There is f\.py"):
        await result("edit", context, path="g.py", old="a", new="b")
    with pytest.raises(Refused, match="are the same"):
        await result("edit", context, path="f.py", old="os", new="os")
    with pytest.raises(Refused, match="`old` is empty"):
        await result("edit", context, path="f.py", old="", new="b")


async def test_indentation_that_differs_from_line_to_line_is_not_guessed() -> None:
    with pytest.raises(Refused):
        edited(b"  a\n        b\n", "a\nb\n", "c\nd\n")


TEXT = st.text(st.sampled_from("ab \t\r\n“é\x0c"), max_size=40)


@given(TEXT, st.integers(0, 40), st.integers(1, 10), TEXT)
def test_an_exact_edit_changes_just_that(text: str, start: int, length: int, new: str) -> None:
    normal = text.replace("\r\n", "\n").replace("\r", "")
    old = normal[start : start + length]
    new = new.replace("\r", "")
    if not old or old == new or normal.count(old) != 1:
        return
    assert edited(normal.encode(), old, new) == (normal.replace(old, new).encode(), "")
    windows = normal.replace("\n", "\r\n")
    if normal.count("\n"):
        assert (
            edited(windows.encode(), old, new)[0]
            == windows.replace(old.replace("\n", "\r\n"), new.replace("\n", "\r\n")).encode()
        )


LINES = st.lists(st.sampled_from(["a", "b", "", "c\r", "“x”", "-", "+ y"]), max_size=12).map("\n".join)


@given(LINES, LINES, st.sampled_from(["f.txt", "a b/ü.txt", 'q"uo\\te']), st.sampled_from([None, "was.txt"]))
def test_git_applies_the_diff_that_is_shown(before: str, after: str, path: str, was: str | None) -> None:
    card = diff_card([Change(path, before.encode(), after.encode(), was)])
    applied = applied_by_git(before.encode(), card.diff, path, was)
    assert applied == after.encode()
    count = card.diff.count("\n+") - card.diff.count("\n+++ ")
    assert card.added == count


def applied_by_git(before: bytes, diff: str, path: str, was: str | None) -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        old, new = Path(folder, was or path), Path(folder, path)
        old.parent.mkdir(parents=True, exist_ok=True)
        old.write_bytes(before)
        if "@@" in diff or was:
            subprocess.run(["git", "apply", "--unsafe-paths", "-"], cwd=folder, input=diff.encode(), check=True)
        return new.read_bytes()


async def test_a_diff_is_bounded_in_size_and_in_cost() -> None:
    before, after = b"x\ny\n" * 50_000, b"y\nx\n" * 60_000
    card = diff_card([Change("f", before, after)])
    assert len(card.diff) < SHOWN + 100
    assert (card.added - card.removed) == 20_000
    assert "more characters are not shown" in card.diff
