"""A project's checks are found by what lies in its folder, and run in the thread's box."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from house.checkouts import Checkout, print_of
from maquette.domain.ids import new_id
from maquette.domain.threads import Mode
from maquette.kinds.sandboxes import Box, Profile
from maquette.workspace import Workspace, checks
from seams.boxes import best

pytestmark = pytest.mark.anyio
boxed = pytest.mark.boxed

TEST = "def test_it():\n    assert 1 + 1 == 2\n"


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    opened = best().box(Profile(root=tmp_path, writable=(tmp_path,)))
    yield opened
    await opened.close()


@pytest.mark.parametrize(
    ("files", "commands"),
    [
        ({}, ()),
        ({"README.md": "x", "app.py": "x = 1\n"}, ()),
        ({"tests/test_a.py": TEST}, ("python -m pytest -q",)),
        ({"pyproject.toml": "[tool.ruff]\n"}, ()),
        ({"pyproject.toml": '[tool.pytest.ini_options]\naddopts = "-q"\n'}, ("python -m pytest -q",)),
        ({"pytest.ini": "[pytest]\n"}, ("python -m pytest -q",)),
        ({"src/pkg/a.py": "", "tests/unit/test_a.py": TEST}, ("PYTHONPATH=src python -m pytest -q",)),
        (
            {
                "src/p/a.py": "",
                "conftest.py": "",
                "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["src"]\n',
            },
            ("python -m pytest -q",),
        ),
        ({"tests/test_a.py": "import unittest\n"}, ("python -m unittest discover -s tests",)),
        ({"package.json": '{"scripts": {"test": "vitest run"}}'}, ("npm test",)),
        ({"package.json": '{"scripts": {"test": "echo \\"Error: no test specified\\" && exit 1"}}'}, ()),
        ({"package.json": '["not", "a", "table"]'}, ()),
        ({"package.json": "{", "pyproject.toml": "[[["}, ()),
        ({"package.json": "[" * 60_000, "pyproject.toml": "a=" + "[" * 60_000}, ()),
        ({"Makefile": "CC := gcc\nall:\n\ttrue\ntest: all\n\ttrue\n"}, ("make test",)),
        ({"Makefile": "test := 1\n"}, ()),
        ({"Makefile": "a b\tcheck :: x\n"}, ("make check",)),
        (
            {"Makefile": "test:\n", "tests/test_a.py": TEST, "Cargo.toml": ""},
            ("python -m pytest -q", "cargo test --quiet"),
        ),
        ({"go.mod": "module x\n"}, ("go test ./...",)),
    ],
)
async def test_checks_are_found_by_what_lies_in_the_folder(
    workspace: Workspace, tmp_path: Path, files: Mapping[str, str], commands: tuple[str, ...]
) -> None:
    folder = Checkout(tmp_path / "folder")
    folder.path.mkdir()
    folder.write(files)
    assert await workspace.found_checks(folder.path) == commands


@pytest.mark.parametrize(
    "files",
    [{"Makefile": "a" + " " * 65_000}, {"Makefile": " \n" * 32_000}, {"pyproject.toml": "a." * 32_000 + "a=1"}],
    ids=["a-long-line", "many-lines", "a-long-key"],
)
async def test_s30_what_takes_long_to_read_holds_nothing_up(
    workspace: Workspace, tmp_path: Path, files: Mapping[str, str]
) -> None:
    """S30: nor takes gigabytes to read."""
    Checkout(tmp_path).write(files)
    began = time.process_time()
    assert await workspace.found_checks(tmp_path) == ()
    assert time.process_time() - began < 1


async def test_a_link_that_leads_out_of_the_folder_is_not_read(workspace: Workspace, tmp_path: Path) -> None:
    outside = tmp_path / "package.json"
    outside.write_text('{"scripts": {"test": "steal"}}')
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "package.json").symlink_to(outside)
    assert await workspace.found_checks(folder) == ()


@boxed
async def test_the_bases_own_python_and_pytest_are_there_and_the_verdict_is_kept(box: Box, tmp_path: Path) -> None:
    Checkout(tmp_path).write({"tests/test_a.py": TEST, "tests/test_b.py": "def test_b():\n    assert 'x' == 'y'\n"})
    shown: list[str] = []
    passing, failing = await checks.run(
        box, ["python -m pytest -q tests/test_a.py", "pytest -q tests/test_b.py"], tmp_path, shown.append
    )
    assert (passing.status, passing.passed) == (0, True)
    assert "1 passed" in passing.output
    assert (failing.status, failing.passed) == (1, False)
    assert "assert 'x' == 'y'" in failing.output
    assert "1 failed" in "".join(shown)
    assert not any(name.endswith(".pyc") for name in print_of(tmp_path))


@boxed
async def test_a_check_that_takes_too_long_is_ended_and_the_next_one_runs(box: Box, tmp_path: Path) -> None:
    slow, next_one = await checks.run(box, ["sleep 60", "echo done"], tmp_path, lambda text: None, seconds=0.3)
    assert slow.status is None
    assert not slow.passed
    assert "longer than" in slow.output
    assert next_one.output == "done\n"


@boxed
async def test_of_a_flood_of_output_the_beginning_is_shown_and_the_end_is_kept(box: Box, tmp_path: Path) -> None:
    shown: list[str] = []
    (check,) = await checks.run(box, ["yes | head -c 3000000; echo verdict"], tmp_path, shown.append)
    assert sum(map(len, shown)) == checks.SHOWN
    assert len(check.output) < 20_000
    assert check.output.startswith("…")
    assert check.output.endswith("verdict\n")


@boxed
async def test_of_what_a_probe_says_the_beginning_is_kept_and_the_whole_told_apart(box: Box, tmp_path: Path) -> None:
    flood = "yes | head -c 3000000; echo"
    one, other, again, place = await checks.probe(
        box, [f"{flood} a", f"{flood} b", f"{flood} a", "pwd; echo no >&2; exit 3"], tmp_path
    )
    (slow,) = await checks.probe(box, ["echo begun; sleep 60"], tmp_path, seconds=0.4)
    assert one.output[: checks.HEAD] == "y\n" * (checks.HEAD // 2)
    assert len(one.output) < checks.HEAD + 100
    assert one.came_to == again.came_to != other.came_to, "they differ in the last of three million bytes"
    assert place.came_to == "3 .\nno\n", "the folder is another for each attempt, and so isn't told"
    assert (slow.status, slow.came_to) == (None, None)
    assert slow.output.startswith("begun\n\nEnded: it took longer than ")


@boxed
async def test_every_change_says_what_it_adds_to_size_and_complexity(workspace: Workspace, tmp_path: Path) -> None:
    before = "def f(x):\n    if x:\n        return 1\n\n    return 2\n"
    files = {"a.py": before, "gone.py": "def g():\n    pass\n", "same.py": "x = 1\n", "b.txt": "1\n", "c.bin": b"\0"}
    checkout = Checkout.made(tmp_path / "sample", files)
    project, thread = checkout.project(), new_id("thread")
    await workspace.make_tree(thread, project)
    tree = Checkout(workspace.tree(thread))
    after = "def f(x, y):\n    if x and y or 3:\n        return [i for i in x if i]\n    return 2\n"
    tree.write({"a.py": after, "broken.py": "def (\n", "b.txt": "1\n\n2\n", "c.bin": b"\0\1"})
    (tree.path / "gone.py").unlink()
    result = await workspace.keep(thread, new_id("turn"), project, Mode.WORKTREE)

    sizes = {size.path: size for size in await workspace.sizes(thread, project, result.commit)}

    assert set(sizes) == {"a.py", "broken.py", "gone.py", "b.txt"}
    assert (sizes["a.py"].lines, sizes["a.py"].complexity) == (0, 4)
    assert (sizes["gone.py"].lines, sizes["gone.py"].complexity) == (-2, -1)
    assert (sizes["broken.py"].lines, sizes["broken.py"].complexity) == (1, None)
    assert (sizes["b.txt"].lines, sizes["b.txt"].complexity) == (1, None)
