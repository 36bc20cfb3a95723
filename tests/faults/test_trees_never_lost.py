"""Each state that a tree may be in × each way in which the program removes, moves or overwrites one, killed and not.

F19, F4: no byte is lost, at any of its steps. `make prove` fills in the whole table; `make test` a part of it.
"""

from __future__ import annotations

import asyncio
import random
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from faults.dying import Case, Dying
from faults.states import COMMITTED, STATES, Hoard, files_of, standing
from faults.ways import ways
from house.checkouts import Checkout
from maquette.domain.ids import new_id
from maquette.domain.threads import Mode

pytestmark = pytest.mark.boxed

SPARED = {
    ("workspace/git.py", "Gits._make_ready"): "git's configuration, the base's own",
    ("workspace/landings.py", "Notes.entered"): "a note on a merge that the log has",
}
"""What is no tree."""

WAYS = {
    "make_tree": "Workspace.make_tree",
    "make_tree over one that lost its note": "Workspace.make_tree",
    "branch_off": "Workspace.branch_off",
    "take": "Workspace.take",
    "take in place": "Workspace.take",
    "begin": "Workspace.begin",
    "glance": "Workspace.glance",
    "keep": "Workspace.keep",
    "keep in place": "Workspace.keep",
    "restore": "Workspace.restore",
    "restore in place": "Workspace.restore",
    "remove": "Workspace.remove",
    "remove in place": "Workspace.remove",
    "remake_tree after its removal": "Workspace.remake_tree",
    "merge": "Workspace.merge",
    "fold": "Workspace.fold",
    "check_merge after a kill": "Workspace.check_merge",
    "recover after a kill": "Workspace.recover",
    "write": "BeneathFiles.write",
    "write in place": "BeneathFiles.write",
    "move": "BeneathFiles.move",
    "move in place": "BeneathFiles.move",
    "remove a file": "BeneathFiles.remove",
    "remove a file in place": "BeneathFiles.remove",
}
"""How each is gone in this table. What stands after `over` or `after` is done first."""

CELLS = [(way, state) for way in WAYS for state in STATES]
TWINS = {"write in place", "move in place", "remove a file in place"}
"""Whose code is that of the same in a tree, told another folder."""
SAMPLE = [(way, random.Random(way).choice([*STATES])) for way in WAYS if way not in TWINS]


def test_every_way_that_the_code_has_is_in_the_table() -> None:
    assert set(WAYS.values()) == set(ways(frozenset(SPARED))), "tell in WAYS and ACTS how the new one is gone"


@dataclass
class Table:
    """A folder in which one cell after another is filled in."""

    root: Path
    dying: Dying

    @property
    def live(self) -> Path:
        return self.root / "live"

    @property
    def checkout(self) -> Checkout:
        return Checkout(self.live / "sample")

    def put(self, name: str) -> None:
        """Keeps what is there under a name."""
        subprocess.run(["cp", "-a", "--", self.live, self.root / name], check=True)

    def take(self, name: str) -> None:
        """Makes what is there what was kept."""
        shutil.rmtree(self.live, ignore_errors=True)
        subprocess.run(["cp", "-a", "--", self.root / name, self.live], check=True)

    async def made(self) -> Case:
        """A person's repo, a thread with a result, and one that works in place."""
        inner = Checkout.made(self.live / "inner", {"x.txt": "x\n"})
        checkout = Checkout.made(self.checkout.path, COMMITTED)
        checkout.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.path), "sub")
        checkout.git("add", "--force", "kept.log")
        checkout.commit("second")
        case = Case(
            str(self.live), checkout.project().model_dump_json(), new_id("thread"), new_id("thread"), "HEAD", ""
        )
        made = await case.workspace.make_tree(case.thread, case.project)
        tree = Checkout(case.workspace.tree(case.thread))
        tree.write({"dir/a.txt": "b\n", "new.txt": "new\n", "fresh.log": "f\n", ".gitignore": "*.log\n!fresh.log\n"})
        (tree.path / "old.txt").unlink()
        (tree.path / "kept.log").unlink()
        kept = await case.workspace.keep(case.thread, "turn", case.project, Mode.WORKTREE)
        child = new_id("thread")
        await case.workspace.branch_off(child, case.project, kept.commit)
        tree = Checkout(case.workspace.tree(child))
        tree.write({"dir/a.txt": "c\n", "old.txt": "again\n", "both.txt": "one\nzwei\nthree\n"})
        (tree.path / "new.txt").unlink()
        by_child = await case.workspace.keep(child, "turn", case.project, Mode.WORKTREE)
        return replace(case, base=made.base, result=kept.commit, child=child, made=by_child.commit)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Table]:
    table = Table(tmp_path_factory.mktemp("t"), Dying())
    yield table
    table.dying.close()


@pytest.fixture(scope="module")
def case(table: Table) -> Case:
    case = asyncio.run(table.made())
    table.put("made")
    return case


@dataclass
class Cell:
    table: Table
    case: Case
    act: str
    removed: dict[str, str] | None = None
    """The files that there were before the tree was removed, all of which are to be there again."""

    @property
    def places(self) -> tuple[Path, Path]:
        return self.table.checkout.path, self.case.workspace.tree(self.case.thread)

    @property
    def store(self) -> Path:
        return self.case.workspace.store(self.case.project)

    @classmethod
    def ready(cls, table: Table, case: Case, way: str, state: str) -> Cell:
        """With both folders, the person's and the agent's, in that state."""
        table.take("made")
        act = way.partition(" after")[0].partition(" over")[0]
        if "in place" in way:
            case = replace(case, before=asyncio.run(case.workspace.begin(case.local, case.project)))
        cell = cls(table, case, act)
        if "after a kill" in way:
            cell.half_merged()
        for place in cell.places:
            STATES[state](Checkout(place))
        if "lost its note" in way:
            (cell.places[1].parent / "place.json").unlink()
        elif "its removal" in way:
            cell.removed = files_of(*cell.places)
            table.dying.act("remove", case)
        elif way in ("make_tree", "branch_off"):
            cell.case = replace(case, thread=new_id("thread"))
        return cell

    def half_merged(self) -> None:
        """Killed after its files were written, before the index says so."""
        self.table.put("unmerged")
        _, steps = self.table.dying.act("merge", self.case)
        self.table.take("unmerged")
        shutil.rmtree(self.table.root / "unmerged")
        last = next(n for n, step in reversed([*enumerate(steps)]) if step.startswith("os.rename"))
        assert self.table.dying.act("merge", self.case, last)[0] == "killed"

    def unkilled(self) -> tuple[str, list[str], dict[str, str]]:
        """How it ends, by which steps, and what files there are then."""
        ended, steps = self.table.dying.act(self.act, self.case)
        if ended != "done":
            after = standing(*self.places)
            self.table.put("refused")
            self.table.take("ready")
            assert after == standing(*self.places), f"{ended}, and yet something was changed"
            self.table.take("refused")
            shutil.rmtree(self.table.root / "refused")
        files = files_of(*self.places)
        assert self.removed in (None, files)
        return ended, steps, files

    def killed(self, last: int) -> None:
        assert self.table.dying.act(self.act, self.case, last)[0] == "killed"

    def sound(self) -> None:
        for repo in (self.store, *self.places):
            if repo.exists():
                Checkout(repo).git("fsck", "--strict", "--no-dangling")


READS = re.compile(
    r"git (version|config|rev-parse|ls-files|cat-file|for-each-ref|log|diff-tree|diff-index|merge-base|status|rev-list"
    r"|symbolic-ref|ls-tree)\b|\S+ \S*/git\.config"
)
"""What writes nothing, or what every git that is run writes for itself: killed after it is killed before it."""


def points(steps: Sequence[str]) -> list[int]:
    """The steps to be killed before: of many removals in a row the 1st, 2nd, 4th, 8th …"""
    found: list[int] = []
    row = 0
    for number, step in enumerate(steps):
        row = row + 1 if step.startswith(("os.remove", "os.rmdir")) else 0
        if row & (row - 1) == 0 and not (number and READS.match(steps[number - 1])):
            found.append(number)
    return found


def fill(table: Table, case: Case, way: str, state: str, most: int | None = None) -> None:
    """One cell, with at most so many of its kills."""
    cell = Cell.ready(table, case, way, state)
    shutil.rmtree(table.root / "ready", ignore_errors=True)
    table.put("ready")
    hoard = Hoard.of(*cell.places)

    def safe(when: str) -> None:
        lost = hoard.lost(cell.store, *cell.places)
        assert not lost, when

    ended, steps, files = cell.unkilled()
    safe(ended)
    last = points(steps)
    for number in last if most is None else random.Random(way).sample(last, min(most, len(last))):
        table.take("ready")
        at = f"killed before {number}: {steps[number]}"
        cell.killed(number)
        safe(at)
        recovered, _ = table.dying.act("recover", cell.case)
        assert recovered == "done", at
        safe(f"{at}; recovered")
        again, _ = table.dying.act(cell.act, cell.case)
        assert again in (ended, "nothing-to-merge"), at
        safe(f"{at}; again")
        assert files_of(*cell.places) == files, at
        cell.sound()


@pytest.mark.parametrize(("way", "state"), SAMPLE, ids=str)
def test_f19_f4_a_part_of_the_table(table: Table, case: Case, way: str, state: str) -> None:
    fill(table, case, way, state, most=1)


@pytest.mark.prove
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("way", "state"), CELLS, ids=str)
def test_f19_f4_the_whole_table(table: Table, case: Case, way: str, state: str) -> None:
    fill(table, case, way, state)
