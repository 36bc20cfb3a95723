"""The dead-code skill on whole projects: what goes, what the checks hold back, and what a crash leaves."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from house.skill_runs import git, make_repo, run_skill, script, write

UNITTEST = f"{sys.executable} -m unittest -q"
TESTS = """
import sys, unittest
from app import main

class T(unittest.TestCase):
    def test_main(self):
        self.assertEqual(main.main(), 1)

    def test_names_that_nothing_spells_out(self):
        self.assertEqual(main.__getattribute__("hid" + "den")(), 2)
"""
MAIN = """import os


def main():
    return 1


def gone_a(): ...


def gone_b(): ...


def hidden():
    return 2


def gone_c(): ...
"""
PROJECT: dict[str, str | bytes] = {
    "app/__init__.py": "",
    "app/main.py": MAIN,
    "tests/__init__.py": "",
    "tests/test_main.py": TESTS,
}


def names(path: Path) -> set[str]:
    """Qualified names of what a file defines and binds by importing."""
    found: set[str] = set()

    def walk(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            match child:
                case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                    found.add(prefix + name)
                    walk(child, f"{prefix}{name}.")
                case ast.Assign(targets=[ast.Name(id=name)]):
                    found.add(prefix + name)
                case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                    found.update(a.asname or a.name for a in aliases)
                case _:
                    walk(child, prefix)

    walk(ast.parse(path.read_bytes()), "")
    return found


def test_what_only_the_checks_know_to_be_alive_stays_and_the_rest_goes(tmp_path: Path) -> None:
    make_repo(tmp_path, PROJECT)
    ran = run_skill("dead-code", tmp_path, "--check", UNITTEST)
    assert ran.status == 0, ran.err
    assert names(tmp_path / "app/main.py") == {"main", "hidden"}
    assert "`hidden` | app/main.py" in ran.out
    assert "the checks failed without it" in ran.out
    assert (tmp_path / "app/main.py").read_text() == (
        "def main():\n    return 1\n\n\ndef hidden():\n    return 2\n"
    )  # fmt: skip


def test_nothing_is_changed_when_the_checks_fail_beforehand(tmp_path: Path) -> None:
    make_repo(tmp_path, {**PROJECT, "tests/test_main.py": TESTS.replace("main(), 1", "main(), 7")})
    ran = run_skill("dead-code", tmp_path, "--check", UNITTEST)
    assert ran.status == 3
    assert "nothing was changed" in ran.out
    assert "AssertionError" in ran.out
    assert not git(tmp_path, "status", "--porcelain", "--ignored")


@pytest.mark.parametrize(
    ("files", "options", "sentence"),
    [
        ({"a.txt": ""}, [], "no Python source files"),
        ({"app/__init__.py": "", "app/a.py": "import os\n"}, [], "No checks were found"),
        ({"app/__init__.py": "", "app/a.py": "import os\n"}, ["--check", "true"], "prove nothing"),
    ],
    ids=["no Python", "no checks", "checks that don't look"],
)
def test_what_it_cannot_work_with_is_refused_in_a_sentence(
    tmp_path: Path, files: dict[str, str | bytes], options: list[str], sentence: str
) -> None:
    make_repo(tmp_path, files)
    ran = run_skill("dead-code", tmp_path, *options)
    assert ran.status == 2
    assert sentence in ran.err
    assert "Traceback" not in ran.err
    assert not git(tmp_path, "status", "--porcelain", "--ignored")


def test_untracked_files_are_left_alone(tmp_path: Path) -> None:
    make_repo(tmp_path, PROJECT)
    write(tmp_path, {"app/mine.py": "import os\ndef nobody(): ...\n"})
    assert run_skill("dead-code", tmp_path, "--check", UNITTEST).status == 0
    assert (tmp_path / "app/mine.py").read_text() == "import os\ndef nobody(): ...\n"


def test_a_repo_that_git_cannot_read_is_left_alone(tmp_path: Path) -> None:
    make_repo(tmp_path, PROJECT)
    (tmp_path / ".git/config").write_text("[core\n")
    ran = run_skill("dead-code", tmp_path, "--check", UNITTEST)
    assert ran.status == 2
    assert "git can't say which files" in ran.err
    assert (tmp_path / "app/main.py").read_text() == MAIN


def test_line_endings_a_byte_order_mark_and_mode_bits_are_kept(tmp_path: Path) -> None:
    source = b"\xef\xbb\xbfimport os\r\n\r\n\r\ndef main():\r\n\treturn 1\r\n\r\n\r\ndef gone():\r\n\tpass\r\n"
    make_repo(tmp_path, {**PROJECT, "app/main.py": source, "tests/test_main.py": TESTS.split("    def test_names")[0]})
    (tmp_path / "app/main.py").chmod(0o755)
    ran = run_skill("dead-code", tmp_path, "--check", UNITTEST)
    assert ran.status == 0, ran.err
    assert (tmp_path / "app/main.py").read_bytes() == b"\xef\xbb\xbfdef main():\r\n\treturn 1\r\n"
    assert (tmp_path / "app/main.py").stat().st_mode & 0o777 == 0o755


def test_a_face_is_only_cleaned_when_asked(tmp_path: Path) -> None:
    face = "__version__ = '1'\n\n\ndef offered(): ...\n"
    make_repo(tmp_path, {**PROJECT, "app/__init__.py": face})
    assert "public" in run_skill("dead-code", tmp_path, "--check", UNITTEST).out
    assert (tmp_path / "app/__init__.py").read_text() == face
    assert run_skill("dead-code", tmp_path, "--check", UNITTEST, "--public").status == 0
    assert (tmp_path / "app/__init__.py").read_text() == "__version__ = '1'\n"


def test_checks_are_run_no_more_often_than_allowed_and_what_was_not_tried_is_told(tmp_path: Path) -> None:
    make_repo(tmp_path, PROJECT)
    count = tmp_path.parent / "count"
    ran = run_skill("dead-code", tmp_path, "--check", f"echo x >> {count}; {UNITTEST}", "--runs", "4")
    assert ran.status == 0
    assert len(count.read_text().split()) == 4
    assert "not tried" in ran.out
    assert "bound on check runs" in ran.out


def test_checks_that_only_work_in_the_project_itself_are_run_there(tmp_path: Path) -> None:
    make_repo(tmp_path, PROJECT)
    ran = run_skill("dead-code", tmp_path, "--check", f"cd {tmp_path} && PYTHONPATH= {UNITTEST}")
    assert ran.status == 0, ran.err
    assert names(tmp_path / "app/main.py") == {"main", "hidden"}
    assert "in the project itself" in ran.out
    assert not git(tmp_path, "ls-files", "--others", "--exclude", "__pycache__").strip()


@pytest.mark.parametrize("place", ["copy", "itself"])
def test_a_kill_in_the_middle_leaves_nothing_that_has_not_passed(tmp_path: Path, place: str) -> None:
    folder = make_repo(tmp_path / "project", PROJECT)
    ready = tmp_path / "ready"
    os.mkfifo(ready)
    # The run in which `hidden` is missing tells us, and waits to be killed.
    waits = f"grep -q 'def hidden' app/main.py || (echo x > {ready}; sleep 3; false)"
    where = "." if place == "copy" else folder
    check = f"cd {where} && {{ {waits}; }} && {UNITTEST}"
    running = subprocess.Popen(
        [sys.executable, script("dead-code"), "--check", check], cwd=folder, stderr=subprocess.DEVNULL
    )
    try:
        with ready.open() as told:
            assert told.read(1)
    finally:
        running.kill()
        running.wait(10)
    if place == "itself":
        assert (folder / ".dead-code-undo").exists()
        again = run_skill("dead-code", folder, "--check", "true", "--list")
        assert "put back" in again.err
    assert "hidden" in names(folder / "app/main.py")
    tests = subprocess.run([sys.executable, "-m", "unittest", "-q"], cwd=folder, check=False, capture_output=True)
    assert tests.returncode == 0
