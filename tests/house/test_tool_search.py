"""Finding files and lines; what is ignored, what is bounded."""

from __future__ import annotations

import asyncio
import subprocess
import time
from pathlib import Path

import pytest

from maquette.domain.cards import TableCard
from maquette.domain.errors import Refused
from maquette.testing.tools import result
from maquette.tools import search
from maquette.tools.by_hand import Hand

pytestmark = pytest.mark.anyio

FILES = {
    "README.md": "# Shop\n\nSells a(b) things.\n",
    "src/shop.py": "def price(n):\n    return n * 2\n\n\ndef total(ns):\n    return sum(map(price, ns))\n",
    "src/deep/er/till.py": "from shop import price\n",
    "src/windows.txt": "price\r\n\r\nother\r\n",
    ".github/check.yml": "run: price\n",
    ".git/config": "price\n",
    "build/out.py": "price = 1\n",
    "src/made.pyc": "price\n",
    "src/deep/kept.pyc": "price\n",
    "vendor/lib.py": "price\n",
    ".gitignore": "/build/\n*.pyc\n",
    ".ignore": "vendor\n",
    "src/deep/.gitignore": "!kept.pyc\n",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    for name, text in FILES.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return tree


async def test_lines_are_found_file_by_file_and_ignored_files_left_out(context: Hand) -> None:
    came = await result("search", context, pattern="price")
    assert came.text.splitlines() == [
        ".github/check.yml",
        "1: run: price",
        "src/shop.py",
        "1: def price(n):",
        "6:     return sum(map(price, ns))",
        "src/windows.txt",
        "1: price",
        "src/deep/kept.pyc",
        "1: price",
        "src/deep/er/till.py",
        "1: from shop import price",
    ]
    assert isinstance(came.card, TableCard)
    assert came.card.rows[1] == ("src/shop.py", "1", "def price(n):")


WHERE = {
    "src/shop.py": ["src/shop.py"],
    "src/deep": ["src/deep/kept.pyc", "src/deep/er/till.py"],
    "./src/deep/": ["src/deep/kept.pyc", "src/deep/er/till.py"],
    "*.py": ["src/shop.py", "src/deep/er/till.py"],
    "src/*.py": ["src/shop.py"],
    "src/**/*.py": ["src/shop.py", "src/deep/er/till.py"],
    "vendor": ["vendor/lib.py"],
    "build/out.py": ["build/out.py"],
}


async def test_where_is_a_file_a_folder_or_a_glob(context: Hand) -> None:
    for where, files in WHERE.items():
        came = await result("search", context, pattern="price", where=where)
        assert [line for line in came.text.splitlines() if not line[0].isdigit()] == files, where
        whole = await result("search", context, pattern="price", where=f"{context.files.root}/{where}")
        assert whole.text == came.text


def listed_by_git(tree: Path) -> set[str]:
    git = ["git", "-C", str(tree), "-c", "core.excludesFile=/dev/null"]
    (tree / ".git" / "config").unlink()
    subprocess.run([*git, "init", "-q"], check=True)
    listed = subprocess.run([*git, "ls-files", "-co", "--exclude-standard", "t"], check=True, capture_output=True)
    return {name for name in listed.stdout.decode().split() if not name.endswith(".gitignore")}


async def test_what_is_ignored_agrees_with_git(context: Hand, tree: Path) -> None:
    ignoring = "*.log\n!keep.log\nlogs/\n/only-here\ndoc/**/tmp\na/*/c\n\\#odd\n[bad\ntrail \nfoo[0-9].txt\n"
    (tree / ".gitignore").write_text(ignoring)
    (tree / ".ignore").unlink()
    names = """x.log keep.log sub/keep.log logs/y only-here sub/only-here doc/tmp doc/a/b/tmp doc/a/tmpx a/b/c a/b/d/c
    #odd foo1.txt foox.txt trail sub/logs/z sub/x.log"""
    for name in names.split():
        path = tree / "t" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("needle\n")
    (tree / "t" / "sub" / ".gitignore").write_text("!x.log\n")
    found = await result("search", context, pattern="needle", where="t")
    expected = listed_by_git(tree)
    assert {line for line in found.text.splitlines() if not line[0].isdigit()} == expected
    assert 5 < len(expected) < 16


async def test_a_regex_is_one_of_a_line(context: Hand) -> None:
    assert (await result("search", context, pattern=r"^def \w+\(n\):$")).text == "src/shop.py\n1: def price(n):"
    assert "[nothing found" in (await result("search", context, pattern=r"price\s+other")).text
    assert (await result("search", context, pattern="^other$")).text == "src/windows.txt\n3: other"


async def test_what_is_no_regex_is_looked_for_as_it_is(context: Hand) -> None:
    came = await result("search", context, pattern="a(b")
    assert came.text.splitlines()[:2] == ["README.md", "3: Sells a(b) things."]
    assert "plain text" in came.text


NAMES = {
    "TILL": ["src/deep/er/till.py"],
    "*.md": ["README.md"],
    "src/**/*.py": ["src/shop.py", "src/deep/er/till.py"],
    "deep/": ["src/deep/.gitignore", "src/deep/kept.pyc", "src/deep/er/till.py"],
}


async def test_names_are_found_by_glob_or_part(context: Hand) -> None:
    for pattern, files in NAMES.items():
        came = await result("search", context, pattern=pattern, names=True)
        assert came.text.splitlines() == files, pattern


async def test_what_is_found_is_bounded_and_the_rest_counted(context: Hand, tree: Path) -> None:
    for number in range(30):
        (tree / f"many{number:02}.txt").write_text("needle " + "x" * 5_000 + "\n" + "needle\n" * 49)
    (tree / "wide.txt").write_text("y" * 9_000 + "needle" + "z" * 9_000)
    came = await result("search", context, pattern="needle", where="*.txt")
    assert len(came.text) < 20_000
    assert "… 30 more in this file" in came.text
    assert came.text.endswith("[1,501 lines in 31 files match; 100 are shown]")
    wide = await result("search", context, pattern="needle", where="wide.txt")
    assert "yyneedlezz" in wide.text
    assert len(wide.text) < 250
    names = await result("search", context, pattern="many", names=True)
    assert len(names.text.splitlines()) == 30


async def test_binary_and_huge_files_are_passed_over_and_said(context: Hand, tree: Path) -> None:
    (tree / "b.bin").write_bytes(b"needle\0\n")
    (tree / "huge").write_bytes(b"needle\n" * 1_600_000)
    came = await result("search", context, pattern="needle")
    assert came.text == "[nothing found (2 binary or large files were not looked into)]"


async def test_s30_a_regex_without_end_is_given_up_within_two_seconds(context: Hand, tree: Path) -> None:
    (tree / "evil.txt").write_text("a" * 64 + "!\n")
    await result("shell", context, command="true")
    began = time.monotonic()
    with pytest.raises(Refused, match="takes too long"):
        await result("search", context, pattern="(a+)+$", where="evil.txt")
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("names", [True, False])
async def test_s30_a_glob_without_end_is_given_up_within_two_seconds(context: Hand, tree: Path, names: bool) -> None:
    (tree / ("a" * 200)).write_text("a")
    await result("shell", context, command="true")
    glob = "*a" * 40 + "b"
    began = time.monotonic()
    with pytest.raises(Refused, match="takes too long"):
        await result("search", context, pattern=glob if names else "x", where=None if names else glob, names=names)
    assert time.monotonic() - began < 2


async def test_s30_a_stopped_search_ends_within_two_seconds_and_leaves_no_process(context: Hand, tree: Path) -> None:
    (tree / "evil.txt").write_text("a" * 64 + "!\n")
    searching = asyncio.ensure_future(result("search", context, pattern="(a+)+$", where="evil.txt"))
    there = "grep -alsE '[G]itIgnoreSpec' /proc/[0-9]*/cmdline"
    up = await result("shell", context, command=f"until {there}; do sleep 0.02; done", seconds=10)
    assert "cmdline" in up.text
    searching.cancel()
    began = time.monotonic()
    with pytest.raises(asyncio.CancelledError):
        await searching
    assert time.monotonic() - began < 2
    assert "cmdline" not in (await result("shell", context, command=there)).text


async def test_a_search_out_of_time_says_so(context: Hand, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "SECONDS", 0.2)
    (tree / "evil.txt").write_text("a" * 64 + "!\n")
    came = await result("search", context, pattern="(a+)+$")
    assert "there may be more" in came.text


async def test_nothing_outside_the_tree_is_searched(context: Hand) -> None:
    for where in ("../..", "/etc", "src/../../x"):
        with pytest.raises(Refused, match="outside the tree"):
            await result("search", context, pattern="root", where=where)


async def test_links_are_not_followed(context: Hand, tree: Path) -> None:
    (tree / "etc").symlink_to("/etc")
    (tree / "round").symlink_to(".")
    assert "[nothing found" in (await result("search", context, pattern="nobody:")).text


async def test_a_place_that_is_not_there_is_refused(context: Hand) -> None:
    with pytest.raises(Refused, match="There is no nowhere"):
        await result("search", context, pattern="x", where="nowhere")
    with pytest.raises(Refused, match="is empty"):
        await result("search", context, pattern="")
