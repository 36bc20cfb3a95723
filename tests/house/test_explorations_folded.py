"""Folds: parts of several attempts in one, as git would join them; and where they don't go together, nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from house.checkouts import Checkout
from house.homes import a_home
from house.test_explorations import gathered
from maquette.actions import attempts, decisions, explorations, foldings, folds, projects
from maquette.actions.explorations import Wish
from maquette.domain.errors import Refused
from maquette.domain.events import AttemptsFolded
from maquette.domain.folds import Take

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]
LINES = "".join(f"line {n}\n" for n in range(9))
FILES = {"a.txt": LINES, "b.txt": "b\n"}


async def test_a_fold_is_an_attempt_that_holds_what_was_taken_and_says_from_where(tmp_path: Path) -> None:
    repo = Checkout.made(tmp_path / "repo", FILES)

    def patch(**files: str) -> bytes:
        repo.write({f"{name}.txt": text for name, text in files.items()})
        made = repo.git("diff")
        repo.git("checkout", "-q", ".")
        return f"{made}\n".encode()

    first = patch(a=LINES.replace("line 0", "first"))
    second = patch(a=LINES.replace("line 8", "last"), b="better\n")
    third = patch(a=LINES.replace("line 0", "otherwise"))
    async with a_home(tmp_path / "state", {}) as home:
        project = await projects.add(home, repo.path)
        exploration = await explorations.start(home, Wish("Lines", project=project.id, attempts=0))
        for name, made in (("one", first), ("two", second), ("three", third)):
            await attempts.bring(home, exploration.id, "patch", name, made)
        await gathered(home, exploration, 3)
        plan = await foldings.planned(home, exploration.id, 1)
        takes = [(str(step.take), step.files) for step in plan.steps]
        assert takes == [("2:a.txt", ("a.txt",)), ("2:b.txt", ("b.txt",))]
        assert {(part.of, part.path) for part in plan.parts} == {(2, "a.txt"), (2, "b.txt"), (3, "a.txt")}
        clash = await foldings.planned(home, exploration.id, 1, [Take.said("3:a.txt:0"), Take.said("2:b.txt")])
        assert [step.files for step in clash.steps] == [(), ("b.txt",)]
        assert [(one.ours, one.theirs, one.against) for one in clash.steps[0].clashes] == [
            ("first\n", "otherwise\n", ("1",))
        ]
        with pytest.raises(Refused, match=r"There is no c\.txt to be taken"):
            await foldings.planned(home, exploration.id, 1, [Take(of="3", path="c.txt")])
        folded = await folds.fold(home, exploration.id, 1, [Take(of="2", path="a.txt", hunks=(0,)), Take(of="2")])
        assert (folded.source.name, folded.plan.approach) == ("1 with 2", "one + two")
        trees = home.workspace.tree(folded.thread)
        assert (trees / "a.txt").read_text() == LINES.replace("line 0", "first").replace("line 8", "last")
        assert (trees / "b.txt").read_text() == "better\n"
        known = await gathered(home, exploration, 4)
        assert [one.evidence.files for one in known[3:] if one.evidence] == [("a.txt", "b.txt")]
        told = [event for event in await attempts.history(home, exploration.id) if isinstance(event, AttemptsFolded)]
        assert [(one.attempt, one.into, len(one.takes)) for one in told] == [(4, 1, 2)]
        assert [(span.origin, span.lines) for span in told[0].lines["a.txt"]] == [("1", 1), ("base", 7), ("2", 1)]
        assert [(span.origin, span.lines) for span in told[0].lines["b.txt"]] == [("2", 1)]
        lines = await folds.origins(home, exploration.id, 4)
        assert {path: one.spans for path, one in lines.items()} == told[0].lines
        assert (await foldings.planned(home, exploration.id)).clean

        before = sorted((tmp_path / "state" / "trees").iterdir())
        with pytest.raises(Refused, match=r"attempt 3 changed a\.txt at the same lines"):
            await folds.fold(home, exploration.id, 1, [Take(of="3")])
        with pytest.raises(Refused, match=r"didn't change c\.txt"):
            await folds.fold(home, exploration.id, 1, [Take(of="3", path="c.txt")])
        left = [path for path in (tmp_path / "state" / "trees").iterdir() if path.suffix != ".lock"]
        assert sorted(left) == [path for path in before if path.suffix != ".lock"]
        assert len(await explorations.listed(home, exploration.id)) == 4

        await attempts.bring(home, exploration.id, "patch", "four", patch(b="new\n"))
        at_once = await foldings.planned(home, exploration.id, 1, [Take(of="5")])
        assert [step.files for step in at_once.steps] == [("b.txt",)]  # before anything was found out about it

        await decisions.pick(home, exploration.id, 4, "Both are better.")
        definition = (await explorations.find(home, exploration.id)).definition
        assert definition
        assert (definition.kept, definition.cut) == (("one", "two"), ("three", "four"))
