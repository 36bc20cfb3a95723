"""Folders deeper in one another than Python goes, which any agent or repo can make, stop nothing of the base's."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from house.checkouts import Checkout
from maquette.approvals import trust
from maquette.domain.ids import new_id
from maquette.domain.threads import Mode
from maquette.kinds.sandboxes import Profile, Sandbox
from maquette.sandboxes import bare, landlock
from maquette.sandboxes.keeper.folders import PREFIX, clear
from maquette.workspace import Workspace
from maquette.workspace.deep import rmtree
from seams.boxes import best, names, python, working

pytestmark = pytest.mark.anyio
boxed = pytest.mark.boxed


@pytest.fixture(autouse=True)
def emptied(tmp_path: Path) -> Iterator[None]:
    """Pytest's own way of removing goes no deeper than Python either."""
    yield
    for path in tmp_path.iterdir():
        rmtree(path)


DEEP = """
import os
def go_down(levels=1050, name="d"):
    for _ in range(levels):
        os.mkdir(name)
        os.chdir(name)
"""


def made(folder: Path, then: Callable[[], object] = lambda: None, levels: int = 1050, name: str = "d") -> None:
    """As an agent makes them, each of that `name`; `then` in the innermost."""
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(folder)
        program: dict[str, Callable[[int, str], None]] = {}
        exec(DEEP, program)
        program["go_down"](levels, name)
        then()
    finally:
        os.fchdir(here)
        os.close(here)


@boxed
async def test_e3_in_place_a_repo_down_there_is_held_like_any_other(tmp_path: Path) -> None:
    checkout = Checkout.made(tmp_path / "p", {"a.txt": "a\n"})
    made(checkout.path, lambda: Path(".git").mkdir())
    held = Workspace(tmp_path / "state", best()).profile(new_id("thread"), checkout.project(), Mode.LOCAL)
    assert str(held.readable[-1]).endswith("/d/d/d/.git")


def test_a_folder_is_trusted_or_not_whatever_lies_down_there(tmp_path: Path) -> None:
    before = trust.digest(tmp_path)
    made(tmp_path)
    assert trust.digest(tmp_path) == before
    made_one = tmp_path / ".agents/skills"
    made_one.mkdir(parents=True)
    made(made_one, lambda: Path("SKILL.md").write_text("x"))
    assert trust.digest(tmp_path) != before


@boxed
async def test_f19_what_an_agent_put_in_a_files_place_is_kept_and_the_file_put_back(tmp_path: Path) -> None:
    checkout = Checkout.made(tmp_path / "p", {"a.txt": "a\n", ".gitignore": "ignored\n"})
    workspace, project, thread = (
        Workspace(tmp_path / "state", best()),
        checkout.project(),
        new_id("thread"),
    )
    made_tree = await workspace.make_tree(thread, project)
    tree = workspace.tree(thread)
    (tree / "a.txt").unlink()
    (tree / "a.txt").mkdir()
    made(tree / "a.txt", lambda: Path("ignored").write_text("x"))
    await workspace.restore(thread, made_tree.base, "it isn't wanted")
    assert (tree / "a.txt").read_text() == "a\n"
    (tree / "deeper").mkdir()
    made(tree / "deeper", lambda: Path("c.txt").write_text("c\n"), 1020, "ddd")  # of a path that git just goes
    (out,) = (await workspace.keep(thread, new_id("turn"), project, Mode.WORKTREE)).left_out
    assert out.endswith("/ddd/ddd/c.txt")
    await workspace.remove(thread, project, lose=[out])
    assert not tree.exists()


@pytest.mark.parametrize("sandbox", [landlock.SANDBOX, bare.SANDBOX], ids=["landlock", "none"])
async def test_e11_a_box_takes_its_own_folder_with_it_whatever_is_in_it(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lacks: Callable[[str, str], NoReturn]
) -> None:
    """E11: and one that a killed base left doesn't keep the next from starting."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    await working(sandbox, lacks)
    (tmp_path / "tree").mkdir()
    box = sandbox.box(Profile(root=tmp_path / "tree", writable=(tmp_path / "tree",)))
    script = (
        f"{DEEP}\nos.chdir(os.environ['HOME'])\nos.mkdir('shut')\nopen('shut/x', 'w')\nos.chmod('shut', 0)\ngo_down()"
    )
    came = await python(box, script)
    await box.close()
    assert (came.status, came.text) == (0, "")
    assert names(tmp_path) == ["tree"]
    left = tmp_path / f"{PREFIX}99999999-0"
    left.mkdir()
    made(left)
    clear()
    assert not left.exists()
