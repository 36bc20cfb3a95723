"""What may be spent is asked before each request; where it is used up the model says where it stands, and it ends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from house.homes import a_home, events, rest, results, said
from maquette.actions import budgets, projects, threads
from maquette.actions.home import Home
from maquette.domain.budgets import Spent
from maquette.domain.errors import Refused
from maquette.domain.events import AnswerGiven, LimitReached, TurnFinished, TurnWaiting
from maquette.domain.projects import Budget
from maquette.domain.threads import Outcome
from maquette.store.projections import costs
from maquette.testing.models import Asked, Call, Calls, Says, ScriptedModels, Turn

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]
PRICED, UNPRICED = "openai-chat:gpt-5-mini", "openai-chat:home-grown"
LAST = "This is your last answer in this turn"


def play(asked: Asked) -> Turn:
    """On and on, until it is told that it is enough; it may want to go on all the same."""
    if LAST in asked.said:
        return (
            Calls(Call("shell", {"command": "touch late"}), text="Half of it is done.")
            if "eager" in asked.thread
            else Says("Half.", counted="uncounted" not in asked.thread)
        )
    if "ask" in asked.thread:
        return Calls(Call("ask", {"question": "Which?"}))
    return Calls(Call("shell", {"command": "true"}), counted="uncounted" not in asked.thread)


@pytest.fixture(scope="module")
def models() -> Iterator[ScriptedModels]:
    with ScriptedModels(play) as models:
        yield models
        models.check()


@pytest.fixture(scope="module")
async def home(models: ScriptedModels, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    async with a_home(tmp_path_factory.mktemp("b") / "state", models.variables) as home:
        yield home


@pytest.fixture
def desk(tmp_path: Path) -> str:
    """A project of the test's own."""
    folder = tmp_path / "place"
    folder.mkdir()
    return str(folder)


async def spends(home: Home, text: str, project: str, model: str = PRICED, **given: object) -> tuple[str, TurnFinished]:
    """A thread, and how its turn ended."""
    sent = await threads.start(home, text, project=project, model=model, **given)  # pyright: ignore[reportArgumentType]
    ended = await rest(home, sent, patience=50)
    assert isinstance(ended, TurnFinished)
    return sent.thread, ended


def files(folder: str) -> list[Path]:
    return list(Path(folder).iterdir())


def asked(models: ScriptedModels, text: str) -> list[Asked]:
    return [one for one in models.requests if one.thread == text]


async def test_a_used_up_budget_ends_with_one_answer_that_runs_nothing_and_extends_the_requests_before(
    home: Home, models: ScriptedModels, desk: str
) -> None:
    thread, ended = await spends(home, "eager work", desk, budget=Budget(steps=3))
    assert ended.outcome is Outcome.BUDGET
    assert ended.reason == "Its budget of 3 steps is used up. Raise it and resume, or take what is there."
    requests = [one.raw for one in asked(models, "eager work")]
    assert len(requests) == 3 + 1
    assert all(after.startswith(before.rstrip(b"]}")) for before, after in pairwise(requests))
    assert said(home, thread) == "Half of it is done."
    assert results(home, thread)[-1] == ("stopped", "Not run: the budget is used up.")
    assert not any(path.name == "late" for path in files(desk))
    more = await threads.resume(home, thread)
    assert isinstance(await rest(home, more), TurnFinished)
    assert len(asked(models, "eager work")) == 2 * (3 + 1)


async def test_a_price_is_expected_before_a_request_and_no_cap_of_money_is_passed(
    home: Home, models: ScriptedModels, desk: str
) -> None:
    cap = Decimal("0.004")
    thread, ended = await spends(home, "dear work", desk, budget=Budget(money=cap))
    assert ended.outcome is Outcome.BUDGET
    assert "$0.004 is used up" in ended.reason
    assert "the next request would cost about $0.00" in ended.reason
    answers = events(home, thread, AnswerGiven)
    spent = sum((answer.usage.price or Decimal(0) for answer in answers), Decimal(0))
    assert cap / 2 < spent <= cap
    assert said(home, thread) == "Half."


async def test_a_server_that_counts_nothing_is_counted_for_rather_too_high_and_said_to_be(
    home: Home, models: ScriptedModels, desk: str
) -> None:
    cap = 12_000
    thread, ended = await spends(home, "uncounted work", desk, budget=Budget(tokens=cap))
    assert ended.outcome is Outcome.BUDGET
    assert f"{cap} tokens is used up" in ended.reason
    used = [answer.usage for answer in events(home, thread, AnswerGiven)]
    assert all(usage.estimated and usage.output and usage.price for usage in used)
    assert cap / 2 < sum(usage.input + usage.output for usage in used) <= cap
    requests = asked(models, "uncounted work")
    assert len(requests) == len(used)
    assert all(usage.input > len(request.raw) / 4 for usage, request in zip(used, requests, strict=True))
    (cost,) = await home.store.query(costs.costs, "thread", thread=thread)
    assert cost.estimated == cost.requests == len(used)


async def test_with_no_room_for_a_first_request_none_is_made(home: Home, models: ScriptedModels, desk: str) -> None:
    thread, ended = await spends(home, "too dear", desk, budget=Budget(tokens=900))
    assert ended.outcome is Outcome.BUDGET
    assert "the next request would take about" in ended.reason
    assert asked(models, "too dear") == []
    assert [event.asks for event in events(home, thread, LimitReached)] == [""]


async def test_a_day_of_a_project_is_one_sum_for_all_its_threads_until_it_is_raised(
    home: Home, models: ScriptedModels, desk: str
) -> None:
    await budgets.put(home, "day", Budget(steps=5), project=desk)
    first, ended = await spends(home, "today", desk)
    assert ended.reason.startswith("The budget of 5 steps a day here is used up.")
    assert "--per day -p place" in ended.reason
    assert "or resume tomorrow" in ended.reason
    assert len(events(home, first, AnswerGiven)) == 5 + 1
    second, ended = await spends(home, "also today", desk)
    assert ended.outcome is Outcome.BUDGET
    assert events(home, second, AnswerGiven) == []
    assert asked(models, "also today") == []
    (standing,) = [one for one in await budgets.listed(home) if one.named == (await projects.resolve(home, desk)).name]
    assert standing.spent is not None
    assert (standing.cap.per, standing.spent.steps) == ("day", 6)
    await budgets.put(home, "day", Budget(steps=8), project=desk)
    await rest(home, await threads.resume(home, second))
    assert len(events(home, second, AnswerGiven)) == 2 + 1


async def test_a_thread_and_a_project_have_budgets_over_all_their_turns(home: Home, desk: str) -> None:
    thread, _ = await spends(home, "piece by piece", desk, budget=Budget(steps=2))
    await budgets.put(home, "thread", Budget(steps=4), thread=thread)
    await rest(home, await threads.resume(home, thread))
    assert len(events(home, thread, AnswerGiven)) == 3 + 1 + 1
    await budgets.put(home, "project", Budget(steps=7), project=desk)
    other, ended = await spends(home, "and more", desk)
    assert ended.reason.startswith("The project's budget of 7 steps is used up.")
    assert len(events(home, other, AnswerGiven)) == 2 + 1
    with pytest.raises(Refused, match="Budgets of a thread"):
        await budgets.put(home, "project", Budget(steps=1), thread=thread)


async def test_a_price_that_nobody_knows_is_said_and_never_made_up(home: Home, desk: str) -> None:
    await budgets.put(home, "project", Budget(money=Decimal(1)), project=desk)
    _, ended = await spends(home, "at home", desk, model=UNPRICED, budget=Budget(steps=2))
    assert ended.reason.startswith("Its budget of 2 steps")
    place = (await projects.resolve(home, desk)).id
    (spent,) = [one.spent for one in await budgets.listed(home) if one.cap.of == place]
    assert isinstance(spent, Spent)
    assert (spent.money, spent.unpriced, spent.steps) == (Decimal(0), 3, 3)


async def test_what_waits_takes_nothing_and_its_time_is_not_counted(
    home: Home, models: ScriptedModels, desk: str
) -> None:
    sent = await threads.start(home, "ask first", project=desk, model=PRICED, budget=Budget(seconds=0.001))
    assert isinstance(await rest(home, sent), TurnFinished)
    assert asked(models, "ask first") == []
    sent = await threads.start(home, "ask second", project=desk, model=PRICED, budget=Budget(seconds=600))
    assert isinstance(await rest(home, sent), TurnWaiting)
    (answer,) = events(home, sent.thread, AnswerGiven)
    assert 0 < answer.worked < 60
