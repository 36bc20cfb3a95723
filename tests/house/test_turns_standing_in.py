"""A model that doesn't answer: another goes on with the turn, where the worker's role says so."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from house.homes import a_home, events, rest, said, until
from maquette.actions import models as ways
from maquette.actions import roles, threads, waits
from maquette.actions.home import Home
from maquette.domain.events import AnswerFailed, AnswerGiven, Event, FellBack, TurnFinished
from maquette.domain.projects import Budget
from maquette.domain.roles import Role
from maquette.domain.threads import Outcome
from maquette.providers.wires import breaker
from maquette.testing.models import Asked, Breaks, Call, Calls, Fails, Says, ScriptedModels, Turn
from maquette.turn import retries

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]
FIRST, SECOND, THIRD = "openai-chat:first", "anthropic:second", "openai:third"


class Outage:
    """Which models are down, and how."""

    def __init__(self) -> None:
        self.down: dict[str, Turn] = {}

    def __call__(self, asked: Asked) -> Turn:
        model = str(asked.body["model"])
        if model in self.down:
            return self.down[model]
        if "write" in asked.said and not asked.results:
            return Calls(Call("write", {"path": f"{model}.txt", "text": "done"}), thinking=f"thought by {model}")
        return Says(f"by {model}")


@pytest.fixture(autouse=True)
def tried_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "FIRST", 0.01)


async def ended(home: Home, sent: threads.Sent, outcome: Outcome = Outcome.DONE) -> TurnFinished:
    event: Event = await rest(home, sent, 50)  # two SDKs are loaded meanwhile
    assert isinstance(event, TurnFinished)
    assert event.outcome is outcome, event.reason
    return event


async def test_f8_while_the_first_is_out_the_next_goes_on_and_the_first_returns_with_a_later_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker, "FIRST", 30.0)
    outage = Outage()
    with ScriptedModels(outage) as server:
        async with a_home(tmp_path / "state", server.variables) as home:
            await roles.give(home, Role.WORKER, [FIRST, SECOND, THIRD])
            sent = await threads.start(home, "write it", project=None)
            await ended(home, sent)
            assert said(home, sent.thread) == "by first"

            outage.down = {"first": Fails(503, "Down.")}
            again = await threads.send(home, sent.thread, "more")
            await ended(home, again)
            assert said(home, sent.thread) == "by second"
            [fell] = events(home, sent.thread, FellBack)
            assert (fell.model, fell.to, fell.turn) == (FIRST, SECOND, again.turn)
            assert "Down." in fell.reason
            assert events(home, sent.thread, AnswerFailed)[-1].wait is None
            request = server.requests[-1]
            assert request.wire == "anthropic"
            assert b"write it" in request.raw, "built anew from the log: all that was said, and done"
            assert b"first.txt" in request.raw
            assert b"thought by first" not in request.raw, "which only goes back to where it came from"
            assert (await threads.find(home, sent.thread)).model == FIRST

            asked = sum(request.body["model"] == "first" for request in server.requests)
            await ended(home, await threads.send(home, sent.thread, "and more"))
            assert said(home, sent.thread) == "by second"
            assert sum(request.body["model"] == "first" for request in server.requests) == asked, "it is left alone"

            outage.down = {}
            provider = home.providers["openai-chat"]
            provider.breakers.clear()  # type: ignore[attr-defined] # as when its pause is over
            assert not next(way.silent for way in ways.listed(home) if way.wire == "openai-chat")
            await ended(home, await threads.send(home, sent.thread, "at last"))
            assert said(home, sent.thread) == "by first"


async def test_f8_a_turn_goes_down_the_row_and_fails_with_the_last_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "PATIENCE", 0.3)
    outage = Outage()
    with ScriptedModels(outage) as server:
        async with a_home(tmp_path / "state", server.variables) as home:
            await roles.give(home, Role.WORKER, [FIRST, SECOND])
            outage.down = {"first": Breaks(Says("half an answer")), "second": Fails(500, "Broken.")}
            sent = await threads.start(home, "go", project=None)
            failed = await ended(home, sent, Outcome.FAILED)
            assert "second" in failed.reason
            assert [fell.to for fell in events(home, sent.thread, FellBack)] == [SECOND]


async def test_f8_a_server_that_is_not_there_is_an_outage(tmp_path: Path) -> None:
    with socket.socket() as free, ScriptedModels([Says("here")]) as server:
        free.bind(("127.0.0.1", 0))
        gone = {"OPENAI_BASE_URL": f"http://127.0.0.1:{free.getsockname()[1]}/v1"}
        async with a_home(tmp_path / "state", {**server.variables, **gone}) as home:
            await roles.give(home, Role.WORKER, [FIRST, SECOND])
            sent = await threads.start(home, "go", project=None)
            await ended(home, sent)
            assert said(home, sent.thread) == "here"
            assert "nothing listens there" in events(home, sent.thread, FellBack)[0].reason


@pytest.mark.parametrize(
    "fault",
    [Fails(400, "Not so."), Fails(401, "No such key."), Fails(404, "None.", code="model_not_found")],
    ids=["request", "key", "model"],
)
async def test_f8_what_is_the_requests_own_fault_is_told_and_nobody_else_is_asked(tmp_path: Path, fault: Fails) -> None:
    outage = Outage()
    outage.down = {"first": fault}
    with ScriptedModels(outage) as server:
        async with a_home(tmp_path / "state", server.variables) as home:
            await roles.give(home, Role.WORKER, [FIRST, SECOND])
            await ended(home, sent := await threads.start(home, "go", project=None), Outcome.FAILED)
            assert not events(home, sent.thread, FellBack)
            assert {request.body["model"] for request in server.requests} == {"first"}


async def test_f8_who_stands_in_works_within_what_is_left_of_the_budget_and_only_where_a_role_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outage = Outage()
    with ScriptedModels(outage) as server:
        async with a_home(tmp_path / "state", server.variables) as home:
            await roles.give(home, Role.WORKER, [FIRST, SECOND])
            outage.down = {"first": Fails(503, "Down.")}
            sent = await threads.start(home, "write it", project=None, budget=Budget(steps=1))
            await ended(home, sent, Outcome.BUDGET)
            assert {given.model for given in events(home, sent.thread, AnswerGiven)} == {SECOND}

            monkeypatch.setattr(retries, "PATIENCE", 0.1)
            other = await threads.start(home, "go", project=None, model="openai-chat:first-of-no-role")
            outage.down["first-of-no-role"] = Fails(503, "Down.")
            await ended(home, other, Outcome.FAILED)
            assert not events(home, other.thread, FellBack)


async def test_f8_a_turn_that_waited_is_taken_up_by_who_stood_in(tmp_path: Path) -> None:
    down = {"first"}

    def play(asked: Asked) -> Turn:
        if asked.body["model"] in down:
            return Fails(503, "Down.")
        if asked.results:
            return Says(f"by {asked.body['model']}")
        return Calls(Call("ask", {"question": "Which?"}))

    with ScriptedModels(play) as server:
        async with a_home(tmp_path / "state", server.variables) as home:
            await roles.give(home, Role.WORKER, [FIRST, SECOND])
            sent = await threads.start(home, "go", project=None)
            await rest(home, sent)
            down.clear()
            [given] = events(home, sent.thread, AnswerGiven)
            assert given.model == SECOND
        async with a_home(tmp_path / "state", server.variables) as home:
            await waits.answer(home, sent.thread, "this one")
            await until(home, sent.thread, TurnFinished)
            assert said(home, sent.thread) == "by second"
