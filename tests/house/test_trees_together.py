"""Many threads in one repo, and a tree whose making was cut short."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from house.checkouts import Checkout
from maquette.domain.ids import new_id
from maquette.domain.threads import Mode
from maquette.sandboxes.bubblewrap import BubblewrapSandbox
from maquette.workspace import Workspace

pytestmark = [pytest.mark.anyio, pytest.mark.needs("bwrap", "sudo apt-get install bubblewrap")]

FILES = {f"f{n}.txt": f"{n}\n" for n in range(20)}


async def test_f18_eight_threads_work_in_one_repo_and_each_result_is_merged(tmp_path: Path) -> None:
    checkout = Checkout.made(tmp_path / "sample", FILES)
    project = checkout.project()
    # Two bases of one state, as two processes have: nothing in memory is shared between them.
    workspaces = [Workspace(tmp_path / "state", BubblewrapSandbox()) for _ in range(2)]
    await workspaces[0].make_tree(new_id("thread"), project)

    async def work(number: int) -> None:
        workspace, thread = workspaces[number % 2], new_id("thread")
        await workspace.make_tree(thread, project)
        Checkout(workspace.tree(thread)).write({f"f{number}.txt": "changed\n", f"new{number}.txt": "new\n"})
        result = await workspace.keep(thread, new_id("turn"), project, Mode.WORKTREE)
        assert set(result.files) == {f"f{number}.txt", f"new{number}.txt"}
        await workspace.merge(thread, project, result.commit, f"thread {number}")

    await asyncio.wait_for(asyncio.gather(*(work(number) for number in range(8))), 55)

    assert checkout.git("status", "--porcelain") == ""
    assert {int(subject[7:]) for subject in checkout.git("log", "--format=%s").splitlines()[:-1]} == set(range(8))
    assert all((checkout.path / f"new{n}.txt").read_text() == "new\n" for n in range(8))
    checkout.git("fsck", "--strict")
    Checkout(workspaces[0].store(project)).git("fsck", "--strict", "--no-dangling")


async def test_a_tree_whose_making_was_cut_short_is_made_anew(tmp_path: Path) -> None:
    checkout = Checkout.made(tmp_path / "sample", {**FILES, "large.txt": "line\n" * 1_000_000})
    workspace = Workspace(tmp_path / "state", BubblewrapSandbox())
    thread, project = new_id("thread"), checkout.project()
    for seconds in (0.05, 0.1, 0.15, 0.2):
        making = asyncio.create_task(workspace.make_tree(thread, project))
        await asyncio.wait([making], timeout=seconds)
        making.cancel()
        await asyncio.wait([making], timeout=20)
    await workspace.make_tree(thread, project)
    assert Checkout(workspace.tree(thread)).git("status", "--porcelain") == ""
    assert {path.name for path in workspace.tree(thread).iterdir()} == {*FILES, "large.txt", ".git"}
