"""A turn, from the message to its end: the real loop, log, tools and sandbox, a scripted model over HTTP."""

from __future__ import annotations

import asyncio
import os
from itertools import pairwise
from pathlib import Path

import pytest

from house.homes import a_home, asked_of, at, events, rest, results, said, there, until
from maquette.actions import reviews, threads, waits
from maquette.actions.home import Home
from maquette.domain.errors import Refused
from maquette.domain.events import (
    AnswerFailed,
    AnswerInterrupted,
    CallFinished,
    CallStarted,
    PlanSet,
    QuestionAsked,
    ResultKept,
    TurnFinished,
    TurnStarted,
    TurnWaiting,
)
from maquette.domain.projects import Budget
from maquette.domain.threads import Outcome, ThreadState
from maquette.testing.models import (
    Answer,
    Asked,
    Breaks,
    Call,
    Calls,
    Fails,
    Says,
    Script,
    ScriptedModels,
    Slow,
    Stalls,
)

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]
CHAT = "openai-chat:scripted"


async def test_a_turn_runs_its_tools_and_ends_with_the_answer(tmp_path: Path) -> None:
    script: Script = [Calls(Call("shell", {"command": "echo hello > greeting; cat greeting"})), Says("It says hello.")]
    with ScriptedModels(script) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "greet", project=None, model=CHAT)
            ended = await rest(home, sent)
            assert isinstance(ended, TurnFinished)
            assert ended.outcome is Outcome.DONE, ended.reason
            assert said(home, sent.thread) == "It says hello."
            assert "hello" in results(home, sent.thread)[0][1]
            assert (tmp_path / "state/desk/greeting").read_text() == "hello\n"
            kept = events(home, sent.thread, ResultKept)
            assert [one.files for one in kept] == [("greeting",)], "the folder was kept before anything ran in it"
            kinds = [type(e.event) for e in home.store.log.read(sent.thread)]
            assert kinds.index(CallStarted) < kinds.index(CallFinished), "what is meant comes before what came of it"
            assert "+hello" in (await reviews.result(home, sent.thread)).diff
            with pytest.raises(Refused) as refused:
                await reviews.merge(home, sent.thread)
            assert refused.value.code == "in-place", "what was done in place has nothing to merge"


async def test_each_call_of_an_answer_has_one_result_in_order_though_they_run_side_by_side(tmp_path: Path) -> None:
    calls = Calls(
        Call("shell", {"command": "touch one; for i in $(seq 400); do [ -e two ] && exit 0; sleep 0.02; done; exit 9"}),
        Call("shell", {"command": "touch two; for i in $(seq 400); do [ -e one ] && exit 0; sleep 0.02; done; exit 9"}),
        Call("no_such_tool", {}),
        Call("shell", "{not json"),
    )
    with ScriptedModels([calls, Says("done")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "meet", project=None, model=CHAT)
            await rest(home, sent)
            finished = events(home, sent.thread, CallFinished)
            assert len(finished) == len({f.call for f in finished}) == 4
            assert sorted(f.status for f in finished) == ["error", "error", "ok", "ok"]
            order = [m for m in models.requests[1].results]
            assert len(order) == 4


async def test_words_said_while_a_tool_runs_steer_the_same_turn(tmp_path: Path) -> None:
    wait = "touch begun; for i in $(seq 400); do [ -e go ] && exit 0; sleep 0.02; done; exit 9"
    script: Script = [Calls(Call("shell", {"command": wait})), lambda asked: Says(f"heard: {asked.said}")]
    with ScriptedModels(script) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "begin", project=None, model=CHAT)
            await until(home, sent.thread, CallStarted)
            steered = await threads.send(home, sent.thread, "use tabs", steer=True)
            assert steered.steers
            assert steered.turn == sent.turn
            (tmp_path / "state/desk/go").touch()
            await rest(home, sent)
            assert said(home, sent.thread) == "heard: use tabs"


async def test_words_said_while_the_model_gives_its_last_answer_get_one_of_their_own(tmp_path: Path) -> None:
    script: Script = [Slow(0.4, Says("first")), lambda asked: Says(f"then: {asked.said}")]
    with ScriptedModels(script) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "begin", project=None, model=CHAT)
            await until(home, sent.thread, TurnStarted)
            await asked_of(models)
            await threads.send(home, sent.thread, "one more thing", steer=True)
            await rest(home, sent)
            assert said(home, sent.thread) == "then: one more thing"


@pytest.mark.parametrize("engine", [pytest.param("inline", marks=pytest.mark.prove), "dbos"])
async def test_a_second_message_waits_for_the_first_turn_to_end(tmp_path: Path, engine: str) -> None:
    script: Script = [Slow(0.3, Says("one")), Says("two")]
    with ScriptedModels(script) as models:
        async with a_home(tmp_path / "state", models.variables, engine) as home:
            first = await threads.start(home, "first", project=None, model=CHAT)
            second = await threads.send(home, first.thread, "second")
            assert second.turn != first.turn
            await until(home, first.thread, TurnFinished, after=(await _finished(home, first)))
            assert said(home, first.thread) == "two"
            starts = [e.turn for e in events(home, first.thread, TurnStarted)]
            assert starts == [first.turn, second.turn]


async def _finished(home: Home, sent: threads.Sent) -> int:
    return (await until(home, sent.thread, TurnFinished, after=sent.cursor)).cursor


async def test_a_question_ends_the_run_and_the_answer_goes_on_with_it_also_after_a_restart(tmp_path: Path) -> None:
    script: Script = [
        Calls(Call("ask", {"question": "Red or blue?", "choices": ["red", "blue"]})),
        lambda asked: Says(f"You chose {next(iter(asked.results.values()))}."),
    ]
    with ScriptedModels(script) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "paint", project=None, model=CHAT)
            assert isinstance(await rest(home, sent), TurnWaiting)
            assert (await at(home, sent.thread)).state is ThreadState.WAITING
            assert [q.choices for q in events(home, sent.thread, QuestionAsked)] == [("red", "blue")]
        async with a_home(tmp_path / "state", models.variables) as home:
            assert [w.asked.call for w in await waits.listed(home)]
            before = home.store.log.cursor()
            await waits.answer(home, sent.thread, "blue")
            await until(home, sent.thread, TurnFinished, after=before)
            assert "blue" in said(home, sent.thread)
            with pytest.raises(Refused, match="asks nothing"):
                await waits.answer(home, sent.thread, "red")


async def test_stop_ends_the_turn_at_once_and_keeps_what_was_said(tmp_path: Path) -> None:
    with ScriptedModels([Stalls(Says("I was going to say more"), after=3)]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "talk", project=None, model=CHAT)
            async with asyncio.timeout(10):
                async for item in home.store.feed.follow(stream=sent.thread):
                    if getattr(item, "kind", "") == "text":
                        break
            await threads.stop(home, sent.thread)
            ended = await rest(home, sent)
            assert isinstance(ended, TurnFinished)
            assert ended.outcome is Outcome.STOPPED
            assert events(home, sent.thread, AnswerInterrupted)[0].text


async def test_stop_ends_a_running_command_with_its_whole_process_tree(tmp_path: Path) -> None:
    command = "(setsid sh -c 'touch alive; sleep 600' &) ; touch begun; sleep 600"
    with ScriptedModels([Calls(Call("shell", {"command": command})), Says("never")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "hang", project=None, model=CHAT)
            await there(tmp_path / "state/desk/begun")
            await threads.stop(home, sent.thread)
            await rest(home, sent)
            assert results(home, sent.thread)[0][0] == "stopped"
            assert len(models.requests) == 1


async def test_a_waiting_turn_can_be_stopped(tmp_path: Path) -> None:
    with ScriptedModels([Calls(Call("ask", {"question": "Well?"})), Says("never")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "ask me", project=None, model=CHAT)
            waiting = await until(home, sent.thread, TurnWaiting)
            await threads.stop(home, sent.thread)
            ended = await until(home, sent.thread, TurnFinished, after=waiting.cursor)
            assert isinstance(ended.event, TurnFinished)
            assert ended.event.outcome is Outcome.STOPPED
            assert not await waits.listed(home)


async def test_an_error_is_told_and_tried_again(tmp_path: Path) -> None:
    script: Script = [Fails(500), Breaks(Says("half an answer"), after=2), Says("whole")]
    with ScriptedModels(script) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "go", project=None, model=CHAT)
            ended = await rest(home, sent)
            assert isinstance(ended, TurnFinished)
            assert ended.outcome is Outcome.DONE, ended.reason
            failed = events(home, sent.thread, AnswerFailed)
            assert [f.attempt for f in failed] == [1, 2]
            assert all(f.wait is not None for f in failed)
            assert said(home, sent.thread) == "whole"


async def test_a_request_that_can_never_work_ends_the_turn_with_the_reason(tmp_path: Path) -> None:
    with ScriptedModels([Fails(401, "bad key")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "go", project=None, model=CHAT)
            ended = await rest(home, sent)
            assert isinstance(ended, TurnFinished)
            assert ended.outcome is Outcome.FAILED
            assert "bad key" in ended.reason
            assert len(models.requests) == 1


async def test_an_answer_cut_at_its_length_is_not_called_done(tmp_path: Path) -> None:
    with ScriptedModels([Says("and so on and", cut=True)]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "go", project=None, model=CHAT)
            ended = await rest(home, sent)
            assert isinstance(ended, TurnFinished)
            assert ended.outcome is Outcome.FAILED


async def test_a_budget_of_steps_is_kept_before_the_next_request(tmp_path: Path) -> None:
    def again(_: Asked) -> Answer:
        return Calls(Call("shell", {"command": "true"}))

    with ScriptedModels([again] * 9) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "go", project=None, model=CHAT, budget=Budget(steps=3))
            ended = await rest(home, sent)
            assert isinstance(ended, TurnFinished)
            assert ended.outcome is Outcome.BUDGET
            assert len(models.requests) == 3 + 1


async def test_calls_that_fail_again_and_again_end_the_turn(tmp_path: Path) -> None:
    with ScriptedModels([Calls(Call("no_such_tool", {}))] * 40) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "go", project=None, model=CHAT)
            ended = await rest(home, sent)
            assert isinstance(ended, TurnFinished)
            assert ended.outcome is Outcome.FAILED
            assert len(models.requests) == 8


async def test_many_calls_that_fail_at_once_are_one_failure(tmp_path: Path) -> None:
    with ScriptedModels([Calls(*[Call("no_such_tool", {})] * 20), Says("I see.")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "go", project=None, model=CHAT)
            ended = await rest(home, sent)
            assert isinstance(ended, TurnFinished)
            assert ended.outcome is Outcome.DONE, ended.reason


async def test_a_plan_is_kept_with_the_thread(tmp_path: Path) -> None:
    steps = [{"text": "look", "state": "done"}, {"text": "leap", "state": "doing"}]
    with ScriptedModels([Calls(Call("plan", {"steps": steps})), Says("done")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "go", project=None, model=CHAT)
            await rest(home, sent)
            assert [s.text for s in events(home, sent.thread, PlanSet)[0].steps] == ["look", "leap"]


async def test_a_tool_left_out_of_the_request_is_found_and_used(tmp_path: Path) -> None:
    script: Script = [
        Calls(Call("find_tool", {"query": "background process"})),
        Calls(Call("use_tool", {"name": "process", "arguments": {}})),
        Says("done"),
    ]
    with ScriptedModels(script) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "go", project=None, model=CHAT)
            await rest(home, sent)
            found, used = results(home, sent.thread)
            assert "process" in found[1]
            assert "no tool" not in used[1]


@pytest.mark.parametrize("model", ["openai-chat:scripted", "openai:scripted", "anthropic:scripted"])
async def test_each_request_extends_the_former_byte_for_byte(tmp_path: Path, model: str) -> None:
    script: Script = [
        Calls(Call("shell", {"command": "echo one"}), text="First", thinking="hm"),
        Calls(Call("shell", {"command": "echo two"}), Call("find_tool", {"query": "process"})),
        Says("done"),
        Says("again"),
    ]
    with ScriptedModels(script) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "go", project=None, model=model)
            await rest(home, sent)
            more = await threads.send(home, sent.thread, "and now?")
            await rest(home, more)
            raws = [asked.raw.rstrip(b"]}") for asked in models.requests]
            assert len(raws) == 4
            for before, after in pairwise(raws):
                assert after.startswith(before)


async def test_what_was_due_when_the_base_went_down_is_done_when_it_comes_up(tmp_path: Path) -> None:
    wait = "touch begun; sleep 600"
    script: Script = [Calls(Call("shell", {"command": wait})), Says("went on")]
    with ScriptedModels(script) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "go", project=None, model=CHAT)
            await there(tmp_path / "state/desk/begun")
        async with a_home(tmp_path / "state", models.variables) as home:
            await until(home, sent.thread, TurnFinished)
            assert results(home, sent.thread)[0][0] == "unknown"
            assert said(home, sent.thread) == "went on"


async def test_a_fork_goes_on_from_the_past_and_leaves_the_first_thread_alone(tmp_path: Path) -> None:
    script: Script = [Says("the secret is 7"), lambda asked: Says(f"{asked.number}")]
    with ScriptedModels(script) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "remember", project=None, model=CHAT)
            await rest(home, sent)
            forked = await threads.fork(home, sent.thread)
            length = home.store.log.last(sent.thread)
            more = await threads.send(home, forked.id, "what was it?")
            await rest(home, more)
            assert b"the secret is 7" in models.requests[-1].raw
            assert home.store.log.last(sent.thread) == length


async def test_calls_nested_however_deep_are_refused_one_by_one(tmp_path: Path) -> None:
    within = (
        '{"name":"use_tool","arguments":' * 500 + '{"name":"shell","arguments":{"command":"touch made"}}' + "}" * 500
    )
    deep = '{"name":"shell","arguments":{"command":' + "[" * 1000 + "]" * 1000 + "}}"
    calls = Calls(Call("use_tool", within), Call("use_tool", deep), Call("shell", "[" * 100_000))
    with ScriptedModels([calls, Says("done")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "go", project=None, model=CHAT)
            await rest(home, sent)
            assert [status for status, _ in results(home, sent.thread)] == ["error"] * 3
            assert not (tmp_path / "state/desk/made").exists()


async def test_a_file_whose_name_is_no_text_is_told_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "state/desk").mkdir(parents=True)
    (tmp_path / "state/desk" / os.fsdecode(b"odd\xff.txt")).write_text("needle\n")
    with ScriptedModels([Calls(Call("search", {"pattern": "needle"})), Says("found")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "look", project=None, model=CHAT)
            await rest(home, sent)
            assert results(home, sent.thread) == [("ok", "odd\ufffd.txt\n1: needle")]
