"""Making room: what is left out of a thread that is too long, and what must stay."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from maquette.domain.cards import PlanStep
from maquette.domain.events import (
    EVENT,
    AnswerGiven,
    ApprovalDeclined,
    ApprovalGiven,
    CallFinished,
    Compacted,
    CompactionUndone,
    Entry,
    Event,
    MessageSent,
    QuestionAnswered,
    QuestionAsked,
    ThreadStarted,
    TurnFinished,
    TurnQueued,
    TurnStarted,
)
from maquette.domain.events.compactions import Cut
from maquette.domain.messages import Call, FromModel, FromPerson, FromTool, Message, Text, Thinking
from maquette.domain.threads import Mode, Outcome
from maquette.turn.compaction import BIG, Compaction, compact, size
from maquette.turn.fold import OpenCall, Place, fold
from maquette.turn.notes import HEAD, PLAN

NOW = datetime(2026, 1, 2, tzinfo=UTC)
OUTPUTS = Path("/outputs")


def person(text: str) -> FromPerson:
    return FromPerson(text=text)


def exchange(id: str, came: str, *, name: str = "shell", arguments: str = "{}", error: bool = False) -> list[Message]:
    thinking = Thinking(text="hm", signature=f"sealed-{id}", wire="anthropic")
    call = Call(id=id, name=name, arguments=arguments)
    return [FromModel(parts=(thinking, call)), FromTool(call=id, name=name, text=came, error=error)]


def made_of(messages: list[Message], plan: tuple[PlanStep, ...] = ()) -> tuple[Compaction, list[Message]]:
    made = compact(messages, plan, OUTPUTS)
    assert made is not None
    return made, event(made).applied(messages)


def event(made: Compaction) -> Compacted:
    return Compacted(turn="a", step=1, seen=4, cuts=made.cuts, why="too long")


def valid(messages: list[Message]) -> None:
    """Each call has its one result right behind its answer, and no result is without its call."""
    asked: list[str] = []
    for message in [*messages, FromModel(parts=())]:
        if isinstance(message, FromTool):
            assert message.call in asked
            asked.remove(message.call)
        else:
            assert not asked
            asked = [call.id for call in message.calls] if isinstance(message, FromModel) else []


def test_f10_big_old_results_go_first_and_say_where_the_whole_is() -> None:
    old = "first line\n" + "x" * 90_000 + "\nlast line"
    messages = [person("do it"), *exchange("a", old), *exchange("b", "y" * 3_000)]
    made, left = made_of(messages)
    assert made.whole == ((OUTPUTS / "result-a.txt", old),)
    short = left[2]
    assert isinstance(short, FromTool)
    assert len(short.text) <= BIG
    assert short.text.startswith("first line\n")
    assert short.text.endswith("\nlast line")
    assert str(OUTPUTS / "result-a.txt") in short.text
    assert [*left[:2], *left[3:]] == [*messages[:2], *messages[3:]]
    assert made.cuts == (Cut(first=2, count=1, instead=(short,)),)


def test_f10_old_exchanges_go_for_a_note_of_what_was_said_called_and_run() -> None:
    patch = '{"patch": "*** Begin Patch\\n*** Update File: src/c.py\\n@@\\n-a\\n+b\\n*** End Patch"}'
    messages = [
        person("mend the tests"),
        FromModel(parts=(Text(text="I look at the tests first."),)),
        person("go on"),
        *exchange("a", "1 failed\n[exit 1]", arguments='{"command": "make test"}', error=True),
        *exchange("b", "def f(): ...", name="read", arguments='{"path": "src/c.py"}'),
        *exchange("c", "Done.", name="apply_patch", arguments=patch),
        *[m for n in range(40) for m in exchange(f"n{n}", "z" * 1_000, arguments='{"command": "sed -n 1,9p x"}')],
        person("and now?"),
        *exchange("z", "the latest", arguments='{"command": "date"}'),
    ]
    _, left = made_of(messages, (PlanStep(text="mend", state="doing"),))
    assert [m for m in left if isinstance(m, FromPerson) and not m.ours] == [
        m for m in messages if isinstance(m, FromPerson)
    ]
    assert left[-3:] == messages[-3:]
    note = next(m.text for m in left if isinstance(m, FromPerson) and m.ours and "make test" in m.text)
    assert note.startswith(HEAD)
    for line in ("shell make test → exit 1", "read src/c.py → done", "apply_patch src/c.py → done"):
        assert f"\n{line}\n" in note
    assert note.endswith(f"{PLAN}doing: mend")
    valid(left)


def test_f10_a_second_compaction_takes_up_the_notes_of_the_first() -> None:
    messages: list[Message] = [person("do it")]
    for n in range(60):
        messages += exchange(f"n{n}", "z" * 900, arguments=f'{{"command": "echo {n}"}}')
    _, once = made_of(messages, (PlanStep(text="old plan", state="doing"),))
    once += [m for n in range(60, 120) for m in exchange(f"n{n}", "z" * 900, arguments=f'{{"command": "echo {n}"}}')]
    _, twice = made_of(once, (PlanStep(text="new plan", state="doing"),))
    notes = [m.text for m in twice if isinstance(m, FromPerson) and m.ours]
    assert len(notes) == 1
    assert notes[0].count(HEAD) == 1
    assert "shell echo 1 → done" in notes[0]
    assert "shell echo 70 → done" in notes[0]
    assert "old plan" not in notes[0]
    assert "new plan" in notes[0]


def test_f10_the_latest_result_is_shortened_when_it_is_what_is_too_long() -> None:
    messages = [person("do it"), *exchange("a", "small"), *exchange("b", "x" * 200_000)]
    _, left = made_of(messages)
    assert left[:4] == messages[:4]
    assert size(left) < 100_000


def test_f10_where_the_person_said_it_all_nothing_can_go() -> None:
    assert compact([person("x" * 100_000), *exchange("a", "small")], (), OUTPUTS) is None
    assert compact([person("x" * 100_000)], (), OUTPUTS) is None
    assert compact([], (), OUTPUTS) is None


def decided(call: str, *, answer: str = "", declined: str | None = None) -> OpenCall:
    one = OpenCall(Call(id=call, name="shell", arguments=f'{{"command": "touch {call}"}}'))
    if answer:
        one.question = QuestionAsked(turn="a", call=call, question="Which?")
        one.answer = QuestionAnswered(turn="a", call=call, text=answer)
    elif declined is not None:
        one.decision = ApprovalDeclined(turn="a", call=call, digest="d", reason=declined)
    else:
        one.decision = ApprovalGiven(turn="a", call=call, digest="d")
    return one


def test_f10_what_the_person_decided_is_told_for_good_and_approvals_for_once_are_counted() -> None:
    messages: list[Message] = [person("do it")]
    for n in range(99):
        messages += exchange(f"n{n}", "z" * 900)
    decisions = [decided("n1", answer="red " * 50), decided("n2", declined="too dear")]
    decisions += [decided(f"n{n}") for n in range(3, 33)] + [decided("n98", answer="still there whole")]
    for _ in range(3):
        made = compact(messages, (), OUTPUTS, decisions)
        assert made is not None
        messages = event(made).applied(messages)
        note = next(m.text for m in messages if isinstance(m, FromPerson) and m.ours)
        assert f"Asked: Which? They answered: {('red ' * 50).strip()}\n" in note
        assert "Declined: shell touch n2. They said: too dear\n" in note
        assert "Approved, for once: 10 calls\n" in note
        assert note.endswith("Approved, for once: shell touch n32")
        for n in range(200, 300):
            messages += exchange(f"n{n}", "z" * 900)


def test_f10_what_the_model_said_outlasts_what_it_called() -> None:
    messages: list[Message] = [person("do it"), FromModel(parts=(Text(text="The port is 4711."),))]
    for n in range(2_000):
        messages += exchange(f"n{n}", "ok", arguments=f'{{"command": "step {n}"}}')
    made, left = made_of(messages)
    note = next(m.text for m in left if isinstance(m, FromPerson) and m.ours)
    assert "You said: The port is 4711.\n" in note
    assert "shell step 1 → done" not in note
    assert 'You called shell: {"command": "step 1"}' in made.gone
    assert str(OUTPUTS / "left-out-*.txt") in note


PIECES = st.one_of(
    st.integers(0, 5_000).map(lambda n: [person("p" * n)]),
    st.integers(0, 5_000).map(lambda n: [FromModel(parts=(Text(text="m" * n),))]),
    st.lists(st.integers(0, 20_000), min_size=1, max_size=3),
)


@given(st.lists(PIECES, max_size=30))
def test_f10_whatever_a_thread_holds_what_is_left_is_valid_shorter_and_has_all_that_was_said(
    pieces: list[list[Message] | list[int]],
) -> None:
    messages: list[Message] = []
    for number, piece in enumerate(pieces):
        for_results = [n for n in piece if isinstance(n, int)]
        messages += [m for m in piece if not isinstance(m, int)]
        if for_results:
            calls = tuple(Call(id=f"c{number}_{n}", name="shell", arguments="{}") for n in range(len(for_results)))
            messages.append(FromModel(parts=calls))
            messages += [
                FromTool(call=call.id, name="shell", text="r" * n) for call, n in zip(calls, for_results, strict=True)
            ]
    made = compact(messages, (), OUTPUTS)
    if made is None:
        return
    left = event(made).applied(messages)
    valid(left)
    assert size(left) <= 0.9 * size(messages)
    said = [m for m in left if isinstance(m, FromPerson) and not m.ours]
    assert said == [m for m in messages if isinstance(m, FromPerson)]
    stored = EVENT.validate_json(EVENT.dump_json(event(made)))
    assert stored == event(made)


def entries(*events: Event) -> list[Entry]:
    return [Entry(cursor=i, stream="thread_1", position=i, at=NOW, event=e) for i, e in enumerate(events, 1)]


def test_f10_folding_a_compaction_is_the_same_before_and_after_a_crash() -> None:
    steer = MessageSent(id="m2", turn="a", text="rather that", steers=True)
    answer = AnswerGiven(
        turn="a", step=1, seen=4, model="m:n", answer=FromModel(parts=(Call(id="x", name="shell", arguments="{}"),))
    )
    short = FromTool(call="x", name="shell", text="short")
    events: list[Event] = [
        ThreadStarted(project="p", title="t", mode=Mode.LOCAL, model="m:n"),
        MessageSent(id="m1", turn="a", text="do it"),
        TurnQueued(turn="a", run="r1"),
        TurnStarted(turn="a", run="r1", epoch=1),
        answer,
        CallFinished(turn="a", call="x", name="shell", status="ok", text="long " * 99),
        steer,
        Compacted(turn="a", step=2, seen=6, cuts=(Cut(first=2, count=1, instead=(short,)),), why="too long"),
    ]

    def heard(place: Place) -> list[str]:
        place.hear()
        return [m.text for m in place.messages]

    told = entries(*events)
    for cut in range(len(told) + 1):
        assert fold(told[:cut]).take(told[cut:]) == fold(told)
    place = fold(told)
    assert place.compactions == 1
    assert heard(place) == ["do it", "", "short", "rather that"]
    undone = CompactionUndone(turn="a", step=2)
    told = entries(*events, undone)
    for cut in range(len(told) + 1):
        assert fold(told[:cut]).take(told[cut:]) == fold(told)
    assert heard(fold(told)) == ["do it", "", "long " * 99, "rather that"]
    assert fold(entries(*events, undone, undone)).messages == fold(told).messages
    after = [TurnFinished(turn="a", outcome=Outcome.DONE), TurnStarted(turn="b", run="r2", epoch=2)]
    assert fold(entries(*events, *after)).compactions == 0
