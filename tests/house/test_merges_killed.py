"""A merge that is killed leaves what was before it or what comes after it, and the person's own changes either way."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from house.bases import bear
from house.checkouts import Checkout, print_of
from maquette.domain.errors import Refused
from maquette.domain.ids import new_id
from maquette.domain.projects import Project
from maquette.domain.threads import Mode
from maquette.workspace import Workspace, locks
from seams.boxes import alive, best, eventually

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]

READ_TREE = 5
"""Which of a merge's commands writes the files."""

DIRTY = {"mine.txt": "changed by the person\r\n", "untracked.txt": "mine\n"}


@dataclass
class Work:
    state: Path
    checkout: Checkout
    project: Project
    thread: str
    commit: str
    before: dict[str, str]
    """What is tracked or the person's, as it was."""
    after: dict[str, str]
    """And as it is to be."""

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.state, best())

    async def killed(self, last: int, seconds: float) -> bool:
        """Whether the merge was killed before it was done; with it, all that it had begun."""
        head = self.checkout.git("rev-parse", "HEAD")
        words = (str(self.state), self.project.model_dump_json(), self.thread, self.commit, str(last), str(seconds))
        status = await asyncio.to_thread(bear("house.dying:main", *words, HOME=os.environ["HOME"]).status)
        assert status in (0, -signal.SIGKILL)
        await eventually(lambda: not alive(head))
        return status != 0

    def held(self) -> dict[str, str]:
        return held(self.checkout)

    def undo(self, head: str) -> None:
        self.checkout.git("stash", "--quiet", "--include-untracked")
        self.checkout.git("reset", "--quiet", "--hard", head)
        self.checkout.git("stash", "pop", "--quiet", "--index")


def held(checkout: Checkout) -> dict[str, str]:
    found = print_of(checkout.path).items()
    return {path: line.rpartition(" ")[0] for path, line in found if not path.startswith(".git")}


async def made(tmp_path: Path, files: int, size: int) -> Work:
    lines = "some line of text\n" * size
    old = {f"d{n % 7}/f{n}.txt": f"{n}\n{lines}" for n in range(files)}
    checkout = Checkout.made(tmp_path / "sample", {"mine.txt": "as committed\n", "old.txt": "going\n", **old})
    checkout.write(DIRTY)
    workspace = Workspace(tmp_path / "state", best())
    project, thread = checkout.project(), new_id("thread")
    before = held(checkout)
    await workspace.make_tree(thread, project)
    tree = Checkout(workspace.tree(thread))
    tree.write({name: text.replace("line", "word") for name, text in old.items() if int(name[4:-4]) % 2})
    tree.write({f"new/n{n}.txt": f"{n}\n{lines}" for n in range(files // 4)})
    (tree.path / "old.txt").unlink()
    commit = (await workspace.keep(thread, new_id("turn"), project, Mode.WORKTREE)).commit
    after = {path: line for path, line in held(tree).items() if path != "mine.txt"}
    after |= {path: before[path] for path in DIRTY}
    return Work(tmp_path / "state", checkout, project, thread, commit, before, after)


async def check(work: Work, head: str) -> bool:
    """Recovers, asserts that all is as before or as after; returns which."""
    recovered = await work.workspace.recover(work.project)
    assert len(recovered) <= 1
    git = work.checkout.git
    landed = git("rev-parse", "main") != head
    for thread, merged in recovered:
        work.workspace.entered(work.project, merged)
        assert (thread, merged.commit, merged.before) == (work.thread, work.commit, head)
        assert merged.after == git("rev-parse", "main")
    assert work.held() == (work.after if landed else work.before)
    assert git("diff-index", "--cached", "--name-only", "HEAD") == ""
    assert git("status", "--porcelain").splitlines() == [" M mine.txt", "?? untracked.txt"]
    assert not [
        path.name for path in (work.checkout.path / ".git").iterdir() if "lock" in path.name or "maq" in path.name
    ]
    assert (git("rev-parse", "main") == head) is not landed
    git("fsck", "--strict")
    return landed


async def test_f4_killed_between_any_two_of_its_commands(tmp_path: Path) -> None:
    work = await made(tmp_path, files=8, size=2)
    head = work.checkout.git("rev-parse", "main")
    ended: list[bool] = []
    last = 0
    while await work.killed(last, 0):
        ended.append(await check(work, head))
        if ended[-1]:
            work.undo(head)
        last += 1
        assert last < 30
    assert {True, False} <= set(ended)
    assert await check(work, head)


async def test_f4_a_lock_on_the_head_that_the_killed_git_left_goes_and_anothers_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "WAITS", (0.01, 0.01))
    work = await made(tmp_path, files=8, size=2)
    head = work.checkout.git("rev-parse", "main")
    assert await work.killed(READ_TREE + 1, 0)
    lock = work.checkout.path / ".git/HEAD.lock"
    lock.write_text("somebody else's\n")
    with pytest.raises(Refused, match="Another git"):
        await work.workspace.recover(work.project)
    assert lock.read_text() == "somebody else's\n"
    lock.write_text("")
    assert await check(work, head)


def unwritten(work: Work, held: Mapping[str, str]) -> list[str]:
    """The files that a merge had yet to write."""
    return [path for path, line in held.items() if line == work.before.get(path) != work.after.get(path)]


async def half_way(work: Work, head: str) -> None:
    """Kills merges, later and later, until one is caught with some of its files written and some not."""
    for _ in range(6):
        seconds = 0.004
        while await work.killed(READ_TREE, seconds):
            held = work.held()
            if held not in (work.before, work.after) and unwritten(work, held):
                return
            if await check(work, head):
                work.undo(head)
            seconds *= 1.2
        if await check(work, head):
            work.undo(head)
    pytest.fail("no merge could be killed half-way")


async def test_f4_killed_while_it_writes_files_and_what_the_person_changes_then_is_left_alone(tmp_path: Path) -> None:
    work = await made(tmp_path, files=600, size=40)
    head = work.checkout.git("rev-parse", "main")
    await half_way(work, head)
    path = unwritten(work, work.held())[0]
    was = (work.checkout.path / path).read_text()
    work.checkout.write({path: "the person's own words\n"})
    await work.workspace.recover(work.project)
    assert (work.checkout.path / path).read_text() == "the person's own words\n"
    assert {name: line for name, line in work.held().items() if name != path} == {
        name: line for name, line in work.before.items() if name != path
    }
    work.checkout.write({path: was})
    assert not await check(work, head)
    assert not await work.killed(99, 0)
    assert await check(work, head)


async def test_what_the_person_puts_in_place_of_files_after_the_kill_is_left_alone(tmp_path: Path) -> None:
    """A folder where a file was that is changed, and where one was that goes; a file where a folder was."""
    gone = ("d3/f3.txt", "d1", "old.txt")
    work = await made(tmp_path, files=8, size=2)
    assert await work.killed(READ_TREE, 0)
    mine = dict[str, Path]()
    for number, name in enumerate(gone):
        at = work.checkout.path / name
        mine[name] = at if name == "d1" else at / "mine.txt"
        at.rename(tmp_path / f"moved-{number}")
        mine[name].parent.mkdir(exist_ok=True)
        mine[name].write_text("the person's own words\n")
    await work.workspace.recover(work.project)
    assert {name: at.read_text() for name, at in mine.items()} == dict.fromkeys(gone, "the person's own words\n")
    assert {name: line for name, line in work.held().items() if not name.startswith(gone)} == {
        name: line for name, line in work.before.items() if not name.startswith(gone)
    }
