"""Folding a thread's events gives the place where its work stands."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from maquette.domain.events import (
    AnswerGiven,
    AnswerInterrupted,
    CallFinished,
    CallStarted,
    Compacted,
    Entry,
    Event,
    MessageSent,
    QuestionAnswered,
    QuestionAsked,
    StopAsked,
    ThreadStarted,
    TurnFinished,
    TurnQueued,
    TurnStarted,
)
from maquette.domain.events.compactions import Cut
from maquette.domain.messages import Call, FromModel, FromPerson, FromTool, Text, Usage
from maquette.domain.threads import Mode, Outcome
from maquette.turn.compaction import compact
from maquette.turn.fold import Place, fold
from maquette.turn.repeats import SAME

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def entries(*events: Event) -> list[Entry]:
    return [Entry(cursor=i, stream="thread_1", position=i, at=NOW, event=e) for i, e in enumerate(events, 1)]


def begun(*more: Event) -> list[Event]:
    return [
        ThreadStarted(project="p", title="t", mode=Mode.LOCAL, model="m:n"),
        MessageSent(id="m1", turn="a", text="do it"),
        TurnQueued(turn="a", run="r1"),
        TurnStarted(turn="a", run="r1", epoch=1),
        *more,
    ]


def calling(*ids: str, seen: int = 4, step: int = 1) -> AnswerGiven:
    calls = tuple(Call(id=i, name="shell", arguments="{}") for i in ids)
    usage = Usage(input=10, output=5, price=Decimal("0.01"))
    return AnswerGiven(turn="a", step=step, seen=seen, model="m:n", answer=FromModel(parts=calls), usage=usage)


def saying(text: str, *, seen: int, step: int = 1) -> AnswerGiven:
    answer = FromModel(parts=(Text(text=text),))
    return AnswerGiven(turn="a", step=step, seen=seen, model="m:n", answer=answer)


def result(call: str, text: str = "done") -> CallFinished:
    return CallFinished(turn="a", call=call, name="shell", status="ok", text=text)


def heard(place: Place) -> list[str]:
    place.hear()
    return [m.text if not isinstance(m, FromModel) else f"model:{m.text}" for m in place.messages]


def test_results_follow_in_the_order_of_the_calls_however_they_came_in() -> None:
    place = fold(entries(*begun(calling("x", "y"), result("y", "second"), result("x", "first"))))
    assert [m.text for m in place.messages if isinstance(m, FromTool)] == ["first", "second"]
    assert not place.calls


def test_no_result_is_said_before_all_are_there() -> None:
    place = fold(entries(*begun(calling("x", "y"), result("y"))))
    assert list(place.calls) == ["x"]
    assert not [m for m in place.messages if isinstance(m, FromTool)]


def test_what_is_said_while_tools_run_comes_after_their_results() -> None:
    steer = MessageSent(id="m2", turn="a", text="rather that", steers=True)
    place = fold(entries(*begun(calling("x"), steer, result("x", "out"))))
    assert place.unheard
    assert heard(place) == ["do it", "model:", "out", "rather that"]


def test_what_was_said_while_the_model_answered_comes_after_the_answer_it_had_not_seen() -> None:
    steer = MessageSent(id="m2", turn="a", text="wait", steers=True)
    place = fold(entries(*begun(steer, saying("finished", seen=4))))
    assert place.ended
    assert place.unheard
    assert heard(place) == ["do it", "model:finished", "wait"]


def test_a_message_for_a_later_turn_is_not_heard_before_that_turn_begins() -> None:
    queued = [MessageSent(id="m2", turn="b", text="then this"), TurnQueued(turn="b", run="r2")]
    events = begun(*queued, saying("finished", seen=4))
    place = fold(entries(*events))
    assert heard(place) == ["do it", "model:finished"]
    events += [TurnFinished(turn="a", outcome=Outcome.DONE), TurnStarted(turn="b", run="r2", epoch=2)]
    assert heard(fold(entries(*events))) == ["do it", "model:finished", "then this"]


def test_a_big_result_that_is_there_already_is_referred_to_until_that_is_left_out() -> None:
    big, other = "x" * 3_000, "y" * 3_000
    steps = [
        *(calling("a", seen=4), result("a", big)),
        *(calling("b", "c", seen=6, step=2), result("c", big), result("b", big)),
        *(calling("d", seen=9, step=3), result("d", other)),
    ]
    told = entries(*begun(*steps))
    place = fold(told)
    said = {m.call: m for m in place.messages if isinstance(m, FromTool)}
    assert (said["a"].text, said["d"].text) == (big, other)
    for call in ("b", "c"):
        assert said[call].same_as == "a"
        assert said[call].text == SAME.format("a", 3_000)
    for cut in range(len(told) + 1):
        assert fold(told[:cut]).take(told[cut:]) == place
    out = Path("/outputs")
    left = Compacted(turn="a", step=4, seen=11, cuts=(Cut(first=1, count=2, instead=()),), why="too long")
    again = [calling("e", seen=12, step=4), result("e", big)]
    after = fold(entries(*begun(*steps, left, *again)))
    assert next(m for m in after.messages if isinstance(m, FromTool) and m.call == "e").text == big
    fillers = [Text(text="z" * 3_000) for _ in range(20)]
    long = [*place.messages[:3], *(FromModel(parts=(filler,)) for filler in fillers), *place.messages[3:]]
    made = compact(long, (), out)
    assert made is not None
    told_of = [one for cut in made.cuts for one in cut.instead if isinstance(one, FromTool)]
    assert [one.call for one in told_of] == ["b", "c"]
    assert all(str(out / "result-a.txt") in one.text for one in told_of)
    assert set(made.whole) == {(out / "result-a.txt", big)}


def test_folding_in_pieces_is_folding_at_once() -> None:
    events = begun(calling("x", "y"), result("x"), StopAsked(turn="a"), result("y"), saying("end", seen=8, step=2))
    for cut in range(len(events) + 1):
        told = entries(*events)
        assert fold(told[:cut]).take(told[cut:]) == fold(told)


def test_a_turn_taken_up_again_keeps_its_count_of_steps_and_costs() -> None:
    again = TurnStarted(turn="a", run="r2", epoch=2)
    place = fold(entries(*begun(calling("x"), result("x"), again)))
    assert (place.step, place.tokens, place.money) == (1, 15, Decimal("0.01"))


def test_what_was_said_before_an_interruption_is_kept_and_marked() -> None:
    cut = AnswerInterrupted(turn="a", step=1, seen=4, model="m:n", text="I was about", why="stopped")
    place = fold(entries(*begun(cut, TurnFinished(turn="a", outcome=Outcome.STOPPED))))
    said = place.messages[-1]
    assert isinstance(said, FromModel)
    assert said.text.startswith("I was about\n[interrupted")


def test_a_question_waits_until_it_is_answered() -> None:
    started = CallStarted(turn="a", call="x", name="ask", idempotent=True)
    asked = begun(calling("x"), started, QuestionAsked(turn="a", call="x", question="Which?"))
    assert fold(entries(*asked)).calls["x"].waits
    answered = QuestionAnswered(turn="a", call="x", text="that")
    assert not fold(entries(*asked, answered)).calls["x"].waits


def test_a_stop_is_for_its_own_turn_only() -> None:
    place = fold(entries(*begun(StopAsked(turn="b"))))
    assert not place.stopping
    assert fold(entries(*begun(StopAsked(turn="a")))).stopping


def test_messages_only_grow() -> None:
    events = begun(
        calling("x"),
        MessageSent(id="m2", turn="a", text="steer", steers=True),
        result("x"),
        calling("y", seen=7, step=2),
        result("y"),
        saying("end", seen=9, step=3),
    )
    before: list[object] = []
    for upto in range(len(events) + 1):
        now = list(fold(entries(*events)[:upto]).messages)
        assert now[: len(before)] == before
        before = list(now)
    assert isinstance(before[0], FromPerson)
