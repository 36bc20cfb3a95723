"""Many threads in one repo, and a tree whose making was cut short."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from house.checkouts import Checkout
from maquette.domain.ids import new_id
from maquette.domain.threads import Mode
from maquette.workspace import Workspace
from maquette.workspace.git import Gits
from seams.boxes import best

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]

FILES = {f"f{n}.txt": f"{n}\n" for n in range(20)}


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 40
    while not true():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.01)


async def another_git(lock: Path, note: Path, done: asyncio.Event) -> int:
    """Holds a repo's index, first until a merge stands before it, then now and then. Returns how often it did."""
    held = 0
    while not done.is_set():
        try:
            with lock.open("xb") as file:
                file.write(b"another git's")
        except FileExistsError:
            await asyncio.sleep(0.01)
            continue
        if not held:
            await asyncio.to_thread(until, note.exists)
        await asyncio.sleep(0.3)
        assert await asyncio.to_thread(lock.read_bytes) == b"another git's"
        await asyncio.to_thread(lock.unlink)
        held += 1
        await asyncio.sleep(1)
    return held


async def tidied(checkout: Checkout, done: asyncio.Event) -> int:
    """`git gc`, again and again. Returns how often."""
    ran = 0
    while not done.is_set():
        await asyncio.to_thread(checkout.git, "gc", "--quiet")
        ran += 1
        await asyncio.sleep(0.5)
    return ran


async def test_f18_eight_threads_of_two_bases_get_on_with_another_git_that_holds_the_index_and_with_gc(
    tmp_path: Path,
) -> None:
    checkout = Checkout.made(tmp_path / "sample", FILES)
    project = checkout.project()
    # Two bases of one state, as two processes have: nothing in memory is shared between them.
    workspaces = [Workspace(tmp_path / "state", best()) for _ in range(2)]
    await workspaces[0].make_tree(new_id("thread"), project)
    store, done = Checkout(workspaces[0].store(project)), asyncio.Event()
    lock = checkout.path / ".git" / "index.lock"

    async def work(number: int) -> None:
        workspace, thread = workspaces[number % 2], new_id("thread")
        await workspace.make_tree(thread, project)
        Checkout(workspace.tree(thread)).write({f"f{number}.txt": "changed\n", f"new{number}.txt": "new\n"})
        result = await workspace.keep(thread, new_id("turn"), project, Mode.WORKTREE)
        assert set(result.files) == {f"f{number}.txt", f"new{number}.txt"}
        await workspace.merge(thread, project, result.commit, f"thread {number}")
        await workspace.remove(thread, project)

    async def all_of_it() -> None:
        await asyncio.gather(*(work(number) for number in range(8)))
        done.set()

    others = (
        another_git(lock, store.path.with_name("landing.json"), done),
        tidied(checkout, done),
        tidied(store, done),
    )
    async with asyncio.timeout(55):
        _, held, *ran = await asyncio.gather(all_of_it(), *others)

    assert held
    assert all(ran)
    assert not lock.exists()
    assert checkout.git("status", "--porcelain") == ""
    assert {int(subject[7:]) for subject in checkout.git("log", "--format=%s").splitlines()[:-1]} == set(range(8))
    assert all((checkout.path / f"new{n}.txt").read_text() == "new\n" for n in range(8))
    for repo in (checkout, store):
        repo.git("fsck", "--strict", "--no-dangling")
    kept = store.git("for-each-ref", "--format=%(refname)", "refs/maquette/rescue").split()
    assert len(kept) == 8


async def test_f18_a_folder_of_objects_that_gc_removes_just_as_one_is_written_there_is_no_failure(
    tmp_path: Path,
) -> None:
    checkout, done = Checkout.made(tmp_path / "sample", FILES), threading.Event()
    name = checkout.git("hash-object", "--stdin")
    folder = checkout.path / ".git/objects" / name[:2]

    def gc() -> None:
        while not done.is_set():
            with suppress(OSError):
                (folder / name[2:]).unlink(missing_ok=True)
                folder.rmdir()
                time.sleep(0.3)  # gc comes by again, but not at each of our tries

    gits = Gits(best(), tmp_path / "state")
    async with gits.open(checkout.path / ".git", writable=(checkout.path,)) as git:
        removing = asyncio.create_task(asyncio.to_thread(gc))
        try:
            for _ in range(60):
                assert await git.text("hash-object", "-w", "--stdin") == name
        finally:
            done.set()
            await removing


async def test_a_tree_whose_making_was_cut_short_is_made_anew(tmp_path: Path) -> None:
    checkout = Checkout.made(tmp_path / "sample", {**FILES, "large.txt": "line\n" * 1_000_000})
    workspace = Workspace(tmp_path / "state", best())
    thread, project = new_id("thread"), checkout.project()
    for seconds in (0.05, 0.1, 0.15, 0.2):
        making = asyncio.create_task(workspace.make_tree(thread, project))
        await asyncio.wait([making], timeout=seconds)
        making.cancel()
        await asyncio.wait([making], timeout=20)
    await workspace.make_tree(thread, project)
    assert Checkout(workspace.tree(thread)).git("status", "--porcelain") == ""
    assert {path.name for path in workspace.tree(thread).iterdir()} == {*FILES, "large.txt", ".git"}
