"""Attempts that go another's way are stopped while they are at work; kept, told why, and gone on with if wanted."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from house.checkouts import Checkout
from house.homes import PATIENCE, a_home, until
from maquette.actions import attempts, explorations, projects
from maquette.actions.explorations import Wish
from maquette.domain.errors import Refused
from maquette.domain.events import AttemptStopped, Entry, EvidenceGathered, TurnFinished
from maquette.domain.explorations import Attempt
from maquette.domain.threads import Outcome, ThreadState
from maquette.engine.twins import Twins
from maquette.testing.models import Asked, Call, Calls, Says, ScriptedModels, Turn
from maquette.testing.variants import WAYS

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]
TWIN = WAYS["sorting"].replace("ordered", "ranked").replace("position", "at")


def wrote(source: str) -> Turn:
    return Calls(Call("shell", {"command": f"cat > total.py <<'END'\n{source}\nEND"}))


def play(asked: Asked) -> Turn:
    """The second goes the first one's way and would wait for long, the third another; each in two steps."""
    number = int(asked.thread.partition("This is attempt ")[2].split()[0])
    if asked.number == 0:
        return wrote({1: WAYS["sorting"], 2: TWIN, 3: WAYS["table"]}[number])
    if number == 2 and asked.number == 1:
        return Calls(Call("shell", {"command": "sleep 600"}))
    return Says("done")


async def test_an_attempt_that_goes_an_earlier_ones_way_is_stopped_and_kept_and_goes_on_if_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Twins, "AFTER", 0.0)
    monkeypatch.setattr(Twins, "EVERY", 0.0)
    repo = Checkout.made(tmp_path / "shop", {"a.txt": "a\n"})
    with ScriptedModels(play) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            project = await projects.add(home, repo.path)
            wish = Wish(
                "Sum it up",
                project=project.id,
                attempts=3,
                models=["openai-chat:scripted"],
                approaches=["one", "two", "three"],
                at_once=1,
            )
            at = await explorations.start(home, wish)

            async def known(count: int) -> list[Attempt]:
                async with asyncio.timeout(PATIENCE):
                    async for item in home.store.feed.follow(after=0, stream=at.id):
                        count -= isinstance(item, Entry) and isinstance(item.event, EvidenceGathered)
                        if not count:
                            break
                return await explorations.listed(home, at.id)

            one, two, three = await known(3)
            assert (one.stopped, three.stopped) == ("", ""), "the first of its way, and another way"
            assert two.stopped == "It went the way of attempt 1: same change but for names, 100% of what is its own."
            assert (two.state, two.outcome) == (ThreadState.IDLE, Outcome.STOPPED)
            assert two.evidence
            assert two.evidence.files == ("total.py",), "what it made is kept, and looked at as all others are"
            with pytest.raises(Refused, match="isn't stopped"):
                await attempts.go_on(home, at.id, 1)

            last = home.store.log.read(two.thread)[-1].cursor
            assert (await attempts.go_on(home, at.id, 2)).stopped == ""
            ended = await until(home, two.thread, TurnFinished, after=last)
            assert isinstance(ended.event, TurnFinished)
            assert ended.event.outcome is Outcome.DONE
            stopped = [e.event for e in home.store.log.read(at.id) if isinstance(e.event, AttemptStopped)]
            assert [(event.attempt, bool(event.why)) for event in stopped] == [(2, True), (2, False)]
