"""Children: threads that do a part of another's work, each with its own log, tree and budget."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from house.checkouts import Checkout
from house.homes import a_home, at, events, results, said, there, until
from maquette.actions import projects, reviews, roles, threads, waits
from maquette.actions.home import Home
from maquette.domain.errors import Refused
from maquette.domain.events import (
    AnswerGiven,
    CallFinished,
    ChildAsked,
    ChildReported,
    MessageSent,
    RescueKept,
    TurnFinished,
    TurnParked,
    TurnStarted,
    TurnWaiting,
)
from maquette.domain.labels import Integrity
from maquette.domain.projects import Budget
from maquette.domain.roles import Role
from maquette.domain.threads import Mode, Outcome, ThreadState
from maquette.testing.models import Answer, Asked, Call, Calls, Says, ScriptedModels, Turn
from maquette.testing.models.turns import Scripted
from maquette.testing.proof.scenes import answers

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]
CHAT = "openai-chat:scripted"


def tool(name: str, **arguments: object) -> Call:
    return Call("use_tool", {"name": name, "arguments": arguments})


def delegates(*tasks: str, **more: object) -> Answer:
    return Calls(*(tool("delegate", task=task, **more) for task in tasks))


def plays(parts: Mapping[str, Sequence[Scripted]]) -> Callable[[Asked], Turn]:
    """By the first word of what each thread began with; any number of threads play the same."""

    def play(asked: Asked) -> Turn:
        turns, place = parts[asked.thread.split()[0]], answers(asked)
        turn = turns[place] if place < len(turns) else Says("nothing more")
        return turn(asked) if callable(turn) else turn

    return play


def shell(command: str) -> Answer:
    return Calls(Call("shell", {"command": command}))


def child_of(asked: Asked) -> str:
    """Whose report is in the results that just came."""
    found = re.search(r"thread_\w+", " ".join(asked.results.values()))
    assert found
    return found[0]


async def starts(home: Home, words: str, **more: Any) -> str:
    project = more.pop("project", None)
    return (await threads.start(home, words, project=project, model=CHAT, **more)).thread


async def ends(home: Home, thread: str) -> Outcome:
    entry = await until(home, thread, TurnFinished)
    assert isinstance(entry.event, TurnFinished)
    assert entry.event.outcome is not Outcome.FAILED, entry.event.reason
    return entry.event.outcome


def children(home: Home, thread: str) -> list[str]:
    return [asked.child for asked in events(home, thread, ChildAsked)]


async def test_a_child_begins_with_its_parents_tree_and_leaves_it_alone_until_its_result_is_taken(
    tmp_path: Path,
) -> None:
    desk = tmp_path / "state/desk"

    def take(asked: Asked) -> Answer:
        assert not (desk / "made.txt").exists()
        return Calls(tool("take_result", child=child_of(asked)))

    script = plays(
        {
            "whole": [
                Calls(Call("write", {"path": "notes.txt", "text": "as it stands\n"})),
                delegates("part"),
                take,
                Says("so be it"),
            ],
            "part": [shell("cat notes.txt; echo made > made.txt"), Says("made it")],
        }
    )
    with ScriptedModels(script) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            thread = await starts(home, "whole")
            assert await ends(home, thread) is Outcome.DONE
            (asked,) = events(home, thread, ChildAsked)
            assert asked.thread.mode is Mode.WORKTREE
            assert "as it stands" in results(home, asked.child)[0][1]
            assert results(home, thread)[1] == (
                "ok",
                f"[{asked.child}: done; it changed made.txt (+1 -0) in its own tree: see take_result]\nmade it",
            )
            assert "Taken (+1 -0): made.txt." in results(home, thread)[2][1]
            assert (desk / "made.txt").read_text() == "made\n"
            assert said(home, thread) == "so be it"
            assert len(events(home, thread, TurnParked)) == 1
            assert not events(home, thread, TurnWaiting)
            assert [one.id for one in await threads.listed(home)] == [thread]
            (family,) = await threads.family(home, thread)
            assert (family.id, family.parent) == (asked.child, thread)
            # What another wrote is worth what any tool's output is, and the task no more than what the parent had read.
            assert events(home, thread, CallFinished)[1].label.integrity is Integrity.EXTERNAL
            assert events(home, asked.child, MessageSent)[0].label.origin != "person"


async def test_conflicts_are_told_and_nothing_is_written_until_what_is_in_conflict_is_left(tmp_path: Path) -> None:
    repo = Checkout.made(tmp_path / "repo", {"a.txt": "one\n", "b.txt": "two\n"})
    named: dict[str, str] = {}

    def first(asked: Asked) -> Answer:
        found = re.findall(r"\[(thread_\w+): done; it changed ([^(]+) \(", " ".join(asked.results.values()))
        named.update({files: child for child, files in found})
        return Calls(tool("take_result", child=named["a.txt, b.txt"]))

    script = plays(
        {
            "whole": [
                delegates("left", "right"),
                first,
                lambda asked: Calls(tool("take_result", child=named["a.txt, c.txt"])),
                lambda asked: Calls(Call("shell", {"command": "ls; cat a.txt"})),
                Calls(Call("shell", {"command": "printf 'both\\n' > a.txt"})),
                lambda asked: Calls(tool("take_result", child=named["a.txt, c.txt"], leave=["a.txt"])),
                Says("done"),
            ],
            "left": [shell("echo left > a.txt; rm b.txt"), Says("left")],
            "right": [shell("echo right > a.txt; echo new > c.txt"), Says("right")],
        }
    )
    with ScriptedModels(script) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            await projects.add(home, repo.path)
            thread = await starts(home, "whole", project=str(repo.path))
            assert await ends(home, thread) is Outcome.DONE
            status, told = results(home, thread)[3]
            assert status == "error"
            assert "Nothing was taken: you and the child both changed a.txt." in told
            assert re.search(r"<<<<<<< .*\nleft\n=======\nright\n>>>>>>> ", told)
            assert results(home, thread)[4][1].startswith("a.txt\nleft\n")
            tree = home.workspace.tree(thread)
            assert {path.name: path.read_text() for path in tree.glob("*.txt")} == {"a.txt": "both\n", "c.txt": "new\n"}
            assert (repo.path / "a.txt").read_text() == "one\n"
            with pytest.raises(Refused, match="merge that one"):
                await reviews.merge(home, named["a.txt, c.txt"])
            await reviews.merge(home, thread)
            assert (repo.path / "c.txt").read_text() == "new\n"


async def test_with_one_lane_parents_that_wait_hold_none_and_all_come_to_their_end(tmp_path: Path) -> None:
    script = plays(
        {
            "whole": [delegates("half one", "half two"), Says("whole")],
            "half": [delegates("quarter"), Says("half")],
            "quarter": [shell("true"), Says("quarter")],
        }
    )
    with ScriptedModels(script) as models:
        async with a_home(tmp_path / "state", {**models.variables, "MAQUETTE_TURNS": "1"}) as home:
            thread = await starts(home, "whole")
            assert await ends(home, thread) is Outcome.DONE
            family = await threads.family(home, thread)
            assert [one.outcome for one in family] == [Outcome.DONE] * 4
            assert [one.parent for one in family] == [thread, thread, family[0].id, family[1].id]
            running: set[str] = set()
            for entry in home.store.log.read_all(limit=None):
                if isinstance(entry.event, TurnStarted):
                    running.add(entry.stream)
                elif isinstance(entry.event, TurnParked | TurnFinished):
                    running.discard(entry.stream)
                assert len(running) <= 1
            assert len(events(home, thread, TurnParked)) == 1


async def test_a_child_that_only_looks_sees_its_parents_tree_and_can_not_write_there(tmp_path: Path) -> None:
    script = plays(
        {
            "whole": [
                Calls(Call("write", {"path": "seen.txt", "text": "seen\n"})),
                delegates("look", tree="read"),
                lambda asked: Calls(tool("take_result", child=child_of(asked))),
                Says("done"),
            ],
            "look": [
                Calls(
                    Call("shell", {"command": "cat seen.txt; echo no > new.txt; rm seen.txt"}),
                    Call("read", {"path": "seen.txt"}),
                    Call("write", {"path": "new.txt", "text": "no"}),
                    tool("delegate", task="change it"),
                    tool("delegate", task="too look", tree="read"),
                ),
                Says("looked"),
            ],
            "too": [shell("cat seen.txt"), Says("looked too")],
        }
    )
    with ScriptedModels(script) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            thread = await starts(home, "whole")
            assert await ends(home, thread) is Outcome.DONE
            (child,) = children(home, thread)
            assert (await at(home, child)).mode is Mode.READ
            came = dict(zip(("shell", "read", "write", "deeper", "look too"), by_call(home, child), strict=True))
            assert "seen" in came["shell"]
            assert "Read-only file system" in came["shell"] or "Permission denied" in came["shell"]
            assert "seen" in came["read"]
            assert "no tool called 'write'" in came["write"]
            assert "can only look" in came["deeper"]
            assert "looked too" in came["look too"]
            assert "seen" in results(home, children(home, child)[0])[0][1]
            assert [path.name for path in (tmp_path / "state/desk").iterdir()] == ["seen.txt"]
            assert "it only looked" in results(home, thread)[-1][1]


def by_call(home: Home, thread: str) -> list[str]:
    """The texts of results, in the order of the calls of the first answer."""
    calls = [call.id for call in events(home, thread, AnswerGiven)[0].answer.calls]
    came = {one.call: one.text for one in events(home, thread, CallFinished)}
    return [came[call] for call in calls]


async def test_depth_number_and_models_are_bounded_and_it_is_told_plainly(tmp_path: Path) -> None:
    script = plays(
        {
            "whole": [
                Calls(*(tool("delegate", task="part", model=model) for model in ("openai-chat:other", "reader"))),
                delegates("part"),
                delegates("part", model="nowhere:x"),
                Says("done"),
            ],
            "part": [delegates("deeper"), Says("part")],
        }
    )
    bounds = {"MAQUETTE_CHILDREN": "2", "MAQUETTE_DEPTH": "1"}
    with ScriptedModels(script) as models:
        async with a_home(tmp_path / "state", models.variables | bounds) as home:
            await roles.give(home, Role.READER, ["openai-chat:small"])
            thread = await starts(home, "whole")
            assert await ends(home, thread) is Outcome.DONE
            one, other = children(home, thread)
            assert [(await at(home, child)).model for child in (one, other)] == [
                "openai-chat:other",
                "openai-chat:small",
            ]
            for child in (one, other):
                assert results(home, child) == [
                    ("error", "Work may be handed on 1 deep, and this is 1 deep: do it yourself.")
                ]
            texts = [text for _, text in results(home, thread)]
            assert texts[2] == "A turn may have 2 children: do the rest yourself."
            assert texts[3] == "A turn may have 2 children: do the rest yourself."


async def test_a_childs_budget_is_a_part_of_what_is_left_and_what_it_spends_is_its_parents(tmp_path: Path) -> None:
    script = plays(
        {
            "whole": [delegates("one", "two", steps=3), delegates("three"), Says("never")],
            "one": [Says("one")],
            "two": [Says("two")],
            "three": [shell("true"), shell("true"), shell("true"), Says("never")],
        }
    )
    with ScriptedModels(script) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            thread = await starts(home, "whole", budget=Budget(tokens=8_000, steps=9))
            assert await ends(home, thread) is Outcome.BUDGET
            first, second, third = (asked.thread.budget for asked in events(home, thread, ChildAsked))
            spent = [given.usage.input + given.usage.output for given in events(home, thread, AnswerGiven)]
            assert first.tokens is not None
            assert first.tokens == (8_000 - spent[0]) // 2
            assert second.tokens == 8_000 - spent[0] - first.tokens
            assert (first.steps, third.steps) == (3, 7)
            reports = events(home, thread, ChildReported)
            assert third.tokens == 8_000 - sum(spent[:2]) - sum(report.tokens for report in reports[:2])
            assert reports[2].outcome is Outcome.BUDGET
            assert (await at(home, thread)).tokens == sum(spent) + sum(report.tokens for report in reports)


async def test_who_stops_a_parent_stops_its_children_and_who_discards_it_discards_theirs(tmp_path: Path) -> None:
    script = plays(
        {
            "whole": [delegates("asks", "works", "hands on")],
            "asks": [Calls(Call("ask", {"question": "Red or blue?"})), Says("never")],
            "works": [shell("echo kept > kept.txt; sleep 600")],
            "hands": [delegates("deep down")],
            "deep": [shell("touch begun; sleep 600")],
        }
    )
    with ScriptedModels(script) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            thread = await starts(home, "whole")
            await until(home, thread, TurnParked)
            asks, works, hands = children(home, thread)
            await until(home, asks, TurnWaiting)
            await until(home, hands, TurnParked)
            (deep,) = children(home, hands)
            await there(home.workspace.tree(works) / "kept.txt")
            await there(home.workspace.tree(deep) / "begun")
            assert (await at(home, thread)).state is ThreadState.RUNNING
            with pytest.raises(Refused, match="still at work"):
                await reviews.discard(home, thread)
            await threads.stop(home, thread)
            for one in (thread, asks, works, hands, deep):
                assert await ends(home, one) is Outcome.STOPPED
            assert not await waits.listed(home)
            await reviews.discard(home, thread)
            for one in (asks, works, hands, deep):
                assert not home.workspace.tree(one).exists()
                assert (await at(home, one)).archived
            (kept,) = events(home, works, RescueKept)
            desk = await projects.resolve(home, None)
            shown = Checkout(home.workspace.store(desk)).git("show", f"{kept.ref}:kept.txt")
            assert shown.strip() == "kept"


async def test_what_a_child_asks_is_asked_of_the_person_and_the_parent_goes_on_with_its_report(tmp_path: Path) -> None:
    script = plays(
        {
            "whole": [delegates("paint"), lambda asked: Says(" ".join(asked.results.values()))],
            "paint": [
                Calls(Call("ask", {"question": "Red or blue?"})),
                lambda asked: Says(f"painted it {next(iter(asked.results.values()))}"),
            ],
        }
    )
    with ScriptedModels(script) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            thread = await starts(home, "whole")
            await until(home, thread, TurnParked)
            (child,) = children(home, thread)
            await until(home, child, TurnWaiting)
            assert [wait.thread for wait in await waits.listed(home)] == [child]
            steered = await threads.send(home, thread, "and be quick", steer=True)
            await threads.send(home, child, "mind the frame", steer=True)
        async with a_home(tmp_path / "state", models.variables) as home:
            await waits.answer(home, child, "blue")
            assert await ends(home, thread) is Outcome.DONE
            assert "painted it blue" in said(home, thread)
            assert models.requests[-1].said == "and be quick"
            assert steered.steers
