"""The night gardener: ideas become runs in trees of their own, proved by the checks; what was declined stays away."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from house.checkouts import Checkout
from house.clocks import turned_on
from house.homes import PATIENCE, a_home, said
from maquette.actions import automations, inbox, projects, reviews, threads
from maquette.actions.home import Home
from maquette.domain.automations import Plan, Receipt, Reports, Result
from maquette.domain.events import Entry, RunBegan, RunEnded
from maquette.domain.gardening import Idea, again
from maquette.domain.ids import new_id
from maquette.settings import APPRENTICE
from maquette.turn.gardening import Gardening

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]

CHECK = f"{sys.executable} -B check.py"
DEAD = "\n\ndef dead_{0}():\n    one = {0}\n    two = {0}\n    return one + two\n"
FILES = {
    "shop/__init__.py": "",
    "shop/words.py": "def word():\n    return 2\n\n\ndef held_fast():\n    one = 1\n    return one\n",
    # What reads the source is seen by the checks alone.
    "check.py": (
        "from shop import legacy, words\n"
        "assert legacy.used() + words.word() == 3\n"
        "assert 'held' + '_fast' in open('shop/words.py').read()\n"
    ),
}
LEGACY = "def used():\n    return 1\n"


def a_shop(folder: Path, *dead: int, **more: str) -> Checkout:
    files = {**FILES, "shop/legacy.py": LEGACY + "".join(map(DEAD.format, dead)), **more}
    return Checkout.made(folder, files)


@pytest.fixture(scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    async with a_home(tmp_path_factory.mktemp("a") / "state", {}) as made:
        yield made


async def a_gardener(home: Home, shop: Checkout) -> str:
    project = await projects.add(home, shop.path)
    await projects.change(home, project.id, checks=(CHECK,))
    plan = Plan(name=project.name, project=project.id, brief="Tend the garden.", model=APPRENTICE)
    return await turned_on(home, plan.model_copy(update={"postcondition": Reports()}))


async def a_night(home: Home, id: str) -> tuple[str, list[Receipt]]:
    """What the run that looks says, and the receipts of the ideas that it began."""
    start = home.store.log.last(id)
    began = await automations.run(home, id)
    open_runs = set[str]()
    async with asyncio.timeout(3 * PATIENCE):
        async for item in home.store.feed.follow(stream=id):
            if isinstance(item, Entry) and item.position > start:
                open_runs |= {item.event.turn} if isinstance(item.event, RunBegan) else set()
                open_runs -= {item.event.turn} if isinstance(item.event, RunEnded) else set()
                if isinstance(item.event, RunEnded) and not open_runs:
                    break
    found = [run for run in await automations.receipts(home, id) if run.told.endswith(f"{began.thread}.")]
    return said(home, began.thread), found


async def offered_again(home: Home, id: str) -> None:
    """As by a base that was killed before it knew that it had begun them."""
    first, *others = [e.event for e in home.store.log.read(id) if isinstance(e.event, RunBegan)]
    parts = [began.slot.split(":", 3) for began in others]
    same = [Idea.model_validate({"kind": k, "key": key, "file": f, "what": "x", "lines": 1}) for _, k, key, f in parts]
    of = (await automations.find(home, id)).plan.project
    told = await Gardening(home.store, first.thread, await projects.resolve(home, of), first.terms).offered(same)
    assert told.text.startswith("2 ideas, 2 lines"), "it tells of them as it would have"
    assert len([e for e in home.store.log.read(id) if isinstance(e.event, RunBegan)]) == 3


async def offered_when_broken_off(home: Home, id: str) -> None:
    """Once, or twice already."""
    (night, *_) = [e.event for e in home.store.log.read(id) if isinstance(e.event, RunBegan)]
    once, twice = (Idea(kind="dead-code", key=f"{n:012}", file=f"{n}.py", what="gone", lines=1) for n in (1, 2))
    for slot in (once.slot, twice.slot, again(twice.slot)):
        began = night.model_copy(update={"slot": slot, "thread": new_id("thread"), "turn": new_id("turn")})
        ended = RunEnded(thread=began.thread, turn=began.turn, result=Result.FAILED)
        await home.store.log.append(id, began, ended)
    last = home.store.log.last(id)
    of = await projects.resolve(home, (await automations.find(home, id)).plan.project)
    await Gardening(home.store, night.thread, of, night.terms).offered([once, twice])
    since = [e.event for e in home.store.log.read(id) if e.position > last]
    assert [event.slot for event in since if isinstance(event, RunBegan)] == [again(once.slot)]


async def test_an_idea_is_proved_in_a_tree_of_its_own_and_offered_and_one_that_fails_is_only_told(
    home: Home, tmp_path: Path
) -> None:
    """Offered again after a kill, it begins no run twice; one that was broken off is tried once more, no third time."""
    shop = a_shop(tmp_path / "green", 1)
    id = await a_gardener(home, shop)
    words, ideas = await a_night(home, id)
    assert "2 ideas, " in words
    failed, proved = sorted(ideas, key=lambda run: run.result is Result.DONE)
    assert (failed.result, failed.files) == (Result.UNMET, ("shop/words.py",))
    assert failed.proved.endswith(f"Checks that fail: {CHECK}.")
    assert (proved.result, proved.files, proved.removed, proved.added) == (Result.DONE, ("shop/legacy.py",), 6, 0)
    assert proved.proved.endswith("The project's checks pass.")
    assert proved.thread
    offered = {one.thread.id: one.thread for one in await inbox.listed(home)}
    assert offered[proved.thread].title == "Unused function dead_1 in shop/legacy.py"
    assert failed.thread not in offered
    assert shop.git("status", "--porcelain") == "", "the person's folder is as it was"
    await offered_again(home, id)

    await reviews.merge(home, proved.thread)
    assert shop.path.joinpath("shop/legacy.py").read_text() == LEGACY
    words, ideas = await a_night(home, id)
    last = (await automations.receipts(home, id))[0]
    assert (ideas, last.result, last.price) == ([], Result.NOTHING, 0)
    assert last.thread not in {one.thread.id for one in await inbox.listed(home)}
    await offered_when_broken_off(home, id)


async def test_what_was_declined_is_not_offered_again_and_after_two_of_a_file_no_more_are(
    home: Home, tmp_path: Path
) -> None:
    shop = a_shop(tmp_path / "kept", 1, 2, 3, **{"check.py": "from shop import legacy\n", "shop/words.py": ""})
    id = await a_gardener(home, shop)
    left = {"dead_1", "dead_2", "dead_3"}
    kept = list[str]()
    while len(kept) < 2:
        words, ideas = await a_night(home, id)
        assert "For another night: " in words, "one a file at a time"
        (offered,) = [run for run in ideas if run.files == ("shop/legacy.py",)]
        assert offered.thread
        assert all(f"Not offered again, since you kept it: unused function {name} in" in words for name in kept)
        kept += [name for name in left if f"{name} " in (await threads.find(home, offered.thread)).title]
        await reviews.discard(home, offered.thread)
    (last,) = left - {*kept}
    words, ideas = await a_night(home, id)
    assert ideas == []
    assert f"Not offered, since you kept `shop/legacy.py` twice: unused function {last} in shop/legacy.py." in words
