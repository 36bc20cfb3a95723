"""The shelf: a model that may be better tries it by itself, within its budget, and the inbox says what passes now."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from decimal import Decimal
from pathlib import Path

import pytest

from house.checkouts import Checkout
from house.homes import PATIENCE, a_home
from maquette.actions import attempts, connections, explorations, inbox, launches, offers, projects, roles
from maquette.actions.explorations import Wish
from maquette.actions.home import Home
from maquette.curation import shelving
from maquette.domain.checks import Check
from maquette.domain.events import (
    AttemptAdded,
    AttemptShelved,
    Entry,
    EvidenceGathered,
    ExplorationStarted,
    ModelOffered,
    ProjectAdded,
    ProjectSet,
    ShelfTried,
)
from maquette.domain.explorations import Attempt, Brief, Evidence, Medium, Variation
from maquette.domain.projects import BASE, Budget, ProjectKind
from maquette.domain.roles import Role
from maquette.engine import shelves
from maquette.store import Log, Store
from maquette.store import explorations as stored
from maquette.store.projections.inbox import Item, Kind
from maquette.testing.models import Asked, Call, Calls, Says, ScriptedModels, Turn
from maquette.testing.proof.scenes import answers
from maquette.web.views import inbox as inbox_page
from maquette.web.views import launches as launches_page

pytestmark = pytest.mark.anyio
CHAT, BETTER = "openai-chat:scripted", "openai-chat:better"
CHECK = "cat made.txt; grep -q right made.txt"
CAN = ("a", "c")
"""The approaches with which the better model comes to an end."""


def play(asked: Asked) -> Turn:
    if answers(asked):
        return Says("done")
    approach = asked.thread.partition("Approach: ")[2][0]
    right = asked.body["model"] == "better" and approach in CAN
    return Calls(Call("shell", {"command": f"echo {'right' if right else 'wrong'} > made.txt"}))


async def once(home: Home, stream: str, kind: type, count: int) -> None:
    """Returns once so many events of a kind are in a stream."""
    async with asyncio.timeout(PATIENCE * 2):
        async for item in home.store.feed.follow(after=0, stream=stream):
            count -= isinstance(item, Entry) and isinstance(item.event, kind)
            if count == 0:
                return


@pytest.mark.boxed
async def test_a_better_model_tries_the_shelf_by_itself_and_the_inbox_says_what_passes_now(tmp_path: Path) -> None:
    repo = Checkout.made(tmp_path / "shop", {"a.txt": "a\n"})
    with ScriptedModels(play) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            project = await projects.add(home, repo.path)
            assert (project.shelf.tokens or 0) > 0, "there is a cap where nobody said one"
            await projects.change(home, project.id, shelf=Budget(tokens=60_000))
            assert not await offers.say(home, BETTER), "nothing is on the shelf"
            wish = Wish("Do it", project=project.id, attempts=3, models=[CHAT], approaches=[*"abc"], checks=[CHECK])
            exploration = await explorations.start(home, wish)
            await once(home, exploration.id, EvidenceGathered, 3)
            for number in range(1, 4):
                await attempts.shelve(home, exploration.id, number, "The model isn't there yet.")
            assert await inbox.listed(home) == [], "attempts are looked at in their gallery"

            await roles.give(home, Role.WORKER, [BETTER])
            await once(home, exploration.id, EvidenceGathered, 6)
            again = (await explorations.listed(home, exploration.id))[3:]
            assert [(one.plan.model, one.source.name) for one in again] == [(BETTER, str(n)) for n in range(1, 4)]
            assert all(one.budget.tokens == 20_000 for one in again)
            assert sum(one.tokens for one in again) <= 60_000
            first, second = sorted(await inbox.listed(home), key=_pair)
            assert (await inbox.looked_at(home)).keys() == {first.thread.id, second.thread.id}
            assert [(one.kind, _pair(one)) for one in (first, second)] == [
                (Kind.REGAINED, (1, 4)),
                (Kind.REGAINED, (3, 6)),
            ]
            assert first.regained
            assert [check.output.strip() for check in first.regained.was] == ["wrong"]
            assert [(check.output.strip(), check.status) for check in first.regained.now] == [("right", 0)]
            page = str(await inbox_page.contents(home))
            assert page.count("Works now") == 2
            assert f"/explore/{exploration.id}/compare?left=1&amp;right=4" in page

            found = await launches.history(home, exploration.id)
            assert [(idea.approach, len(idea.launches)) for idea in found.ideas] == [(one, 2) for one in "abc"]
            assert [(one.model, one.best, one.mean) for one in found.models] == [
                (CHAT, 0, 0),
                (BETTER, 1, pytest.approx(2 / 3)),
            ]
            over_time = bytes((await launches_page.history(home, exploration.id)).body).decode()
            assert f'<th scope="row">{BETTER}</th><td>67%</td><td>100%</td><td>3</td>' in over_time

            await projects.change(home, project.id, shelf=Budget(tokens=50_000))
            assert await offers.say(home, "openai-chat:other")
            await once(home, BASE, ShelfTried, 2)
            assert _tried(home.store)[-1] == (2, 1), "two fit into the shelf's budget, one is left"
            await once(home, exploration.id, EvidenceGathered, 8)
            other = (await explorations.listed(home, exploration.id))[6:]
            assert sum(one.tokens for one in other) <= sum(one.budget.tokens or 0 for one in other) <= 50_000

            await projects.change(home, project.id, model=CHAT)
            await roles.give(home, Role.WORKER, ["openai-chat:third"])
            await once(home, BASE, ShelfTried, 3)
            assert _tried(home.store)[-1] == (0, 0), "a project with a worker of its own is asked first"


def _pair(one: Item) -> tuple[int, int]:
    assert one.regained
    return one.regained.shelved, one.regained.again


def _tried(store: Store) -> list[tuple[int, int]]:
    events = [entry.event for entry in store.log.read(BASE)]
    return [(event.tried, event.left) for event in events if isinstance(event, ShelfTried)]


def shelved(place: Path) -> Store:
    """Two explorations with three attempts each on the shelf, and a model that may be better."""
    store = Store(Log.open(place))
    store.log.append_now("project_1", ProjectAdded(name="p", kind=ProjectKind.REPO, path="/p"))
    store.log.append_now("project_1", ProjectSet(shelf=Budget(tokens=100_000)))
    brief = Brief(question="?", medium=Medium.CHANGE, why="", base="c", checks=("check",))
    for name in ("exploration_1", "exploration_2"):
        started = ExplorationStarted(project="project_1", brief=brief, at_once=1)
        store.log.append_now(name, started)
        for number in (1, 2, 3):
            plan = Variation(approach=str(number), model=CHAT)
            store.log.append_now(name, AttemptAdded(attempt=number, thread=f"{name}{number}", plan=plan))
            store.log.append_now(name, AttemptShelved(attempt=number, why="later", failed=("check",)))
    store.log.append_now(BASE, ModelOffered(id="offer_1", model=BETTER, why="connected"))
    return store


def told(store: Store) -> list[tuple[str, int, str, int | None]]:
    added = [
        (name, entry.event)
        for name in ("exploration_1", "exploration_2")
        for entry in store.log.read(name)
        if isinstance(entry.event, AttemptAdded) and entry.event.source.offer
    ]
    return [(name, one.attempt, one.source.name, one.budget.tokens) for name, one in added]


async def test_wherever_it_is_killed_what_the_shelf_comes_to_is_the_same(tmp_path: Path) -> None:
    whole = shelved(tmp_path / "whole.db")
    known = {stream: whole.log.last(stream) for stream in ("exploration_1", "exploration_2", BASE)}
    await shelves.settle(whole)
    assert len(told(whole)) == 5, "of six, five have 20,000 tokens each"
    assert _tried(whole) == [(5, 1)]
    steps = [("exploration_1", whole.log.read("exploration_1")[known["exploration_1"] :])]
    steps += [("exploration_2", whole.log.read("exploration_2")[known["exploration_2"] :])]
    steps += [(BASE, whole.log.read(BASE)[known[BASE] :])]
    for kept in range(len(steps) + 1):
        killed = shelved(tmp_path / f"{kept}.db")
        for stream, entries in steps[:kept]:
            killed.log.append_now(stream, *(entry.event for entry in entries))
        for _ in range(2):
            await shelves.settle(killed)
        assert (told(killed), _tried(killed)) == (told(whole), _tried(whole)), f"killed after {kept} commits"
        killed.close()
    whole.close()


@pytest.mark.boxed
async def test_a_model_that_is_connected_gets_the_role_or_is_said_to_be_better_has_the_shelf_tried(
    tmp_path: Path,
) -> None:
    """A model that its makers bettered keeps its name: then a person says so, and even what it tried is tried anew."""
    (tmp_path / "p").mkdir()
    variables = {"OPENAI_API_KEY": "sk-none", "MAQUETTE_MODEL": ""}
    async with a_home(tmp_path / "state", variables) as home:
        project = await projects.add(home, tmp_path / "p")
        brief = Brief(question="?", medium=Medium.CHANGE, why="", base="c", checks=("check",))
        plan = Variation(approach="a", model=CHAT)
        await home.store.log.append(
            "exploration_1",
            ExplorationStarted(project=project.id, brief=brief, at_once=0),  # so nothing is begun
            AttemptAdded(attempt=1, thread="thread_1", plan=plan),
            AttemptShelved(attempt=1, why="later", failed=("check",)),
        )

        async def tried(count: int) -> list[tuple[str, str]]:
            await once(home, BASE, ShelfTried, count)
            offers_ = {e.event.id: e.event for e in home.store.log.read(BASE) if isinstance(e.event, ModelOffered)}
            some = (entry.event for entry in home.store.log.read("exploration_1"))
            added = [one for one in some if isinstance(one, AttemptAdded) and one.source.offer]
            return [(offers_[one.source.offer].why, one.plan.model) for one in added]

        def connected() -> Awaitable[object]:
            there = {"address": "http://127.0.0.1:9/v1", "key": "", "model": "new", "name": "lab"}
            return connections.connect(home, "openai-chat", untested=True, **there)

        assert await offers.say(home, "openai:first")
        found = [("said", "openai:first")]
        assert await tried(1) == found
        await connected()
        found.append(("connected", "lab:new"))
        assert await tried(2) == found
        await connected()
        assert await tried(3) == found, "it tried that already"
        await roles.give(home, Role.REVIEWER, ["openai:second"])  # whose work isn't that of attempts
        await roles.give(home, Role.WORKER, ["openai:second"])
        found.append(("role", "openai:second"))
        assert await tried(4) == found
        await roles.give(home, Role.WORKER, ["openai:third"], project.id)
        found.append(("role", "openai:third"))
        assert await tried(5) == found
        assert await offers.say(home, "lab:new", project.id)
        found.append(("said", "lab:new"))
        assert await tried(6) == found


def attempt(number: int, model: str = CHAT, **more: object) -> Attempt:
    plan = Variation(approach=str(more.pop("approach", number)), model=model)
    known: dict[str, object] = {"exploration": "e", "thread": f"t{number}", "budget": Budget(), "source": {}, **more}
    return Attempt.model_validate({"number": number, "plan": plan, **known})


def failing(*, passes: bool = False) -> Evidence:
    check = Check(command="check", status=0 if passes else 1, seconds=0, output="")
    return Evidence(commit="c", tree="t", checks=(check,))


async def test_an_idea_is_tried_once_by_a_model_as_it_was_shelved_last_unless_somebody_says_it_is_better(
    tmp_path: Path,
) -> None:
    store = shelved(tmp_path / "a.db")
    at = (await store.query(stored.explorations))[0]
    store.close()
    first, other = attempt(1, shelved="later"), attempt(2, shelved="later")
    assert shelving.due(at, [first, other], CHAT) == [], "it made these"
    assert shelving.due(at, [first, other], BETTER) == [first, other]
    again = attempt(3, BETTER, source={"name": "1"}, shelved="nor this")
    assert shelving.due(at, [first, other, again], BETTER) == [other]
    assert shelving.due(at, [first, other, again], "m:third") == [again, other]
    assert shelving.due(at, [first, other, again], BETTER, "offer_2") == [again, other]
    whole = at.model_copy(update={"shelved": "later"})
    some = [attempt(1, approach="a", evidence=failing(passes=True)), attempt(2, approach="a", evidence=failing())]
    some += [attempt(3, approach="a", evidence=failing()), attempt(4, approach="b", evidence=failing())]
    assert [one.number for one in shelving.due(whole, some, BETTER)] == [2, 4]
    assert shelving.due(at, some, BETTER) == []


def test_the_budget_of_the_shelf_is_shared_and_no_part_of_it_is_too_small_to_begin_with() -> None:
    assert shelving.shares(Budget(tokens=100_000), 4) == (4, Budget(tokens=25_000))
    assert shelving.shares(Budget(tokens=100_000), 40) == (5, Budget(tokens=20_000))
    assert shelving.shares(Budget(tokens=0), 4)[0] == shelving.shares(Budget(money=Decimal(0)), 4)[0] == 0
