"""The skills that make variants by rule: each kind differs, keeps what must hold, and is broken where it says so."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from maquette.samples.lantern import APPROACHES, make_lantern
from maquette.skills.folders import BUILT_IN

UNIQUE = '''"""Tools."""


def unique(rows):
    """Without doubles, in order."""
    found = []
    for row in rows:
        if row not in found:
            found.append(row)
    return found
'''
MODULE = """def later(rows):
    found = []
    for row in rows:
        if row > 7:
            found.append(row * 7)
    return found


def empty(rows):
    if len(rows) == 0:
        return True
    return False
"""


def made(skill: str, folder: Path, request: str) -> str:
    """What a skill's script says of its work in a folder."""
    (script,) = (BUILT_IN / skill / "scripts").glob("*.py")
    words = [sys.executable, "-B", str(script), "--request", request]
    ran = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=30, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def passes(folder: Path, *words: str) -> bool:
    ran = subprocess.run([sys.executable, "-B", *words], cwd=folder, capture_output=True, timeout=30, check=False)
    return ran.returncode == 0


def variants(skill: str, folder: Path, file: str, count: int, request: str) -> Sequence[tuple[str, str]]:
    """What each attempt makes of a file, and says of it."""
    plain = (folder / file).read_text()
    found: list[tuple[str, str]] = []
    for number in range(1, count + 1):
        (folder / file).write_text(plain)
        told = made(skill, folder, request.format(number=number, seed=(number - 1) // 3 + 1))
        found.append(((folder / file).read_text(), told))
    return found


def pages(folder: Path, count: int, *ways: str) -> Sequence[tuple[str, str, str]]:
    """The page, its style, and what is said of it, of so many attempts that take these ways in turn."""
    plain = {path: path.read_text() for path in (folder / "index.html", folder / "style.css")}
    found: list[tuple[str, str, str]] = []
    for number in range(1, count + 1):
        for path, text in plain.items():
            path.write_text(text)
        way, seed = ways[(number - 1) % len(ways)], (number - 1) // len(ways) + 1
        asked = f"This is attempt {number} of several.\nApproach: {way}\nVariant: {seed}."
        told = made("page-variants", folder, asked)
        found.append(((folder / "index.html").read_text(), (folder / "style.css").read_text(), told))
        assert passes(folder, "check.py") is ("Broken on purpose" not in told)
    return found


def test_pages_keep_their_words_and_only_the_one_said_to_be_broken_fails_its_check(tmp_path: Path) -> None:
    make_lantern(folder := tmp_path / "lantern")
    before = (folder / "index.html").read_text()
    found = pages(folder, 8, *APPROACHES)
    assert len({(page, style) for page, style, _ in found}) == 8
    second, sixth = found[1], found[5]
    twin = sixth[1].replace("footer{margin-top:1px}\n", "")
    assert (sixth[0], twin) == second[:2], "a near-twin of the former one of its approach"
    assert all("by rule" in style for number, (_, style, _) in enumerate(found, 1) if number not in (4, 8))
    assert not any("script" in page for page, _, _ in found)

    added = [page for page, _, _ in (found[3], found[7])]
    assert [style for _, style, _ in (found[3], found[7])] == [(folder / "style.css").read_text()] * 2
    for page in added:
        (more,) = set(page.splitlines()) - set(before.splitlines())
        assert page.replace(f"{more}\n", "") == before, "one line more, and all others as they were"


def test_a_page_with_its_style_in_it_is_laid_out_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!doctype html><title>Shop</title><h1>Shop</h1><h2>Open</h2><p>Now.</p>")
    told = made("page-variants", tmp_path, "This is attempt 1 of several.\nApproach: cards")
    page = (tmp_path / "index.html").read_text()
    assert "layout cards" in told
    assert "<style>" in page
    assert "<p>Now.</p>" in page


def test_a_function_gets_other_algorithms_one_of_which_is_wrong_and_twins_after_these(tmp_path: Path) -> None:
    (tmp_path / "tools.py").write_text(UNIQUE)
    plain = "Make unique() faster. This is attempt {number} of several."
    found = variants("algorithm-variants", tmp_path, "tools.py", 6, plain)
    assert len({text for text, _ in found}) == 6
    right: list[bool] = []
    for text, _ in found:
        (tmp_path / "tools.py").write_text(text)
        right.append(passes(tmp_path, "-c", "import tools; assert tools.unique([2, 1, 2]) == [2, 1]"))
    assert right == [True, True, True, True, False, True]
    assert "near-twin" in found[5][1]
    assert found[5][0].replace("item", "x") == found[0][0].replace("item", "x")


def test_a_module_is_refactored_one_rule_at_a_time(tmp_path: Path) -> None:
    (tmp_path / "rows.py").write_text(MODULE)
    plain = "Refactor rows.py. This is attempt {number} of several."
    found = variants("module-variants", tmp_path, "rows.py", 7, plain)
    check = "import rows; assert (rows.later([1, 8]), rows.empty([]), rows.empty([1])) == ([56], True, False)"
    right: list[bool] = []
    for text, _ in found:
        (tmp_path / "rows.py").write_text(text)
        right.append(passes(tmp_path, "-c", check))
    assert right == [True, True, True, True, True, True, False]
    assert "[row * 7 for row in rows if row > 7]" in found[1][0]
    assert "NUMBER_7 = 7" in found[2][0]
    assert "if not rows:" in found[3][0]


def test_outside_an_exploration_the_first_rule_that_finds_something_is_taken_or_it_says_that_none_does(
    tmp_path: Path,
) -> None:
    (tmp_path / "rows.py").write_text("def one():\n    return 7\n\n\ndef two():\n    return [7]\n")
    assert "rows.py: constants" in made("module-variants", tmp_path, "refactor rows.py")
    once = (tmp_path / "rows.py").read_text()
    assert "NUMBER_7 = 7" in once
    assert "nothing to change" in made("module-variants", tmp_path, "refactor rows.py")
    assert (tmp_path / "rows.py").read_text() == once


def test_another_module_than_the_one_that_is_named_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "rows.py").write_text(MODULE)
    (script,) = (BUILT_IN / "module-variants" / "scripts").glob("*.py")
    words = [sys.executable, "-B", str(script), "--request", "refactor prices.py"]
    ran = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False)
    assert ran.returncode == 2
    assert "no such Python module" in ran.stderr
    assert (tmp_path / "rows.py").read_text() == MODULE


@pytest.mark.parametrize("skill", ["page-variants", "algorithm-variants", "module-variants"])
def test_where_there_is_nothing_to_vary_it_says_so(skill: str, tmp_path: Path) -> None:
    (script,) = (BUILT_IN / skill / "scripts").glob("*.py")
    words = [sys.executable, "-B", str(script)]
    ran = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False)
    assert ran.returncode == 2
    assert ran.stderr.startswith("There is no ")
