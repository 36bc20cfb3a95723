"""The inbox, folded from the log: what is in it, in which order, and what a person did with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update

from maquette.domain.automations import Cause, Manifest, Plan, Result, Terms, Unchecked
from maquette.domain.events import (
    AutomationSet,
    ChildAsked,
    Event,
    ItemDone,
    ItemPutBack,
    ItemPutOff,
    ItemRead,
    Merged,
    MessageSent,
    QuestionAnswered,
    QuestionAsked,
    ResultKept,
    RunBegan,
    RunEnded,
    ThreadSet,
    ThreadStarted,
    TurnFinished,
    TurnQueued,
    TurnWaiting,
)
from maquette.domain.events.inbox import INBOX
from maquette.domain.threads import Mode, Outcome
from maquette.store import Log, Store, dialects, migrations, rebuild
from maquette.store.projections import inbox
from maquette.store.projections.failures import FAILURES
from maquette.store.projections.inbox import State

BEGAN = datetime(2026, 5, 31, 12, tzinfo=UTC)


class Clock:
    """A second later each time."""

    def __init__(self) -> None:
        self.now = BEGAN

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class Base:
    def __init__(self, place: Path | str) -> None:
        self.clock = Clock()
        self.store = Store(Log.open(place, self.clock))

    def append(self, thread: str, *events: Event) -> None:
        self.store.log.append_now(thread, *events)

    def begin(self, thread: str, *, mode: Mode = Mode.WORKTREE) -> None:
        started = ThreadStarted(project="p", title=f"Task {thread}", mode=mode, model="m")
        self.append(thread, started, TurnQueued(turn=f"{thread}1", run=f"{thread}r1"))

    def end(self, thread: str, outcome: Outcome = Outcome.DONE, *, turn: int = 1, added: int = 0) -> None:
        name = f"{thread}{turn}"
        kept = ResultKept(turn=name, commit=f"c{name}", files=("a",), added=added, removed=0)
        self.append(thread, *([kept] if added else []), TurnFinished(turn=name, outcome=outcome, reason="why"))

    def asks(self, thread: str) -> None:
        asked = QuestionAsked(turn=f"{thread}1", call=f"{thread}c", question="Which?")
        self.append(thread, asked, TurnWaiting(turn=f"{thread}1", calls=(f"{thread}c",)))

    def did(self, event: Event) -> None:
        self.append(INBOX, event)

    def brought_back(self, revision: str, *since: str) -> None:
        """Opened again as what an earlier version left, which had no such tables."""
        where = self.store.log.where
        self.store.close()
        engine = dialects.writing_engine(where)
        with engine.begin() as conn:
            for table in since:
                conn.execute(text(f"DROP TABLE {table}"))
            conn.execute(update(migrations.VERSION).values(version_num=revision))
        engine.dispose()
        self.store = Store(Log.open(where, self.clock))

    def has(self, state: State = "open", *, after: timedelta = timedelta()) -> str:
        now = self.clock.now + after
        found = self.store.query_now(inbox.items, now, state)
        if state == "open":
            assert self.store.query_now(inbox.looked_at, now) == {one.thread.id: one.read for one in found}
        return " ".join(one.thread.id for one in found)


@pytest.fixture
def base(place: Path | str) -> Iterator[Base]:
    base = Base(place)
    yield base
    if isinstance(place, Path):
        assert rebuild(base.store) == []
    base.store.close()


def test_what_blocks_somebody_comes_first_then_what_failed_then_results_and_of_each_the_oldest(base: Base) -> None:
    for thread in "abcdefg":
        base.begin(thread)
    base.end("a", added=3)
    base.end("b", Outcome.FAILED)
    base.asks("c")
    base.end("d", Outcome.BUDGET)
    base.asks("e")
    base.end("f")
    assert base.has() == "c e b d a f", "g is at work"
    kinds = [one.kind.value for one in base.store.query_now(inbox.items, base.clock.now)]
    assert kinds == ["asks", "asks", "failed", "failed", "result", "result"]


def test_what_is_at_work_again_merged_answered_or_put_away_needs_nobody(base: Base) -> None:
    for thread in "abcd":
        base.begin(thread)
    base.end("a", added=1)
    base.end("b", Outcome.FAILED)
    base.end("c", added=1)
    base.asks("d")
    assert base.has() == "d b a c"
    base.append("a", Merged(commit="ca1", into="main", before="x", after="y"))
    base.append("b", MessageSent(id="m", turn="b2", text="again"), TurnQueued(turn="b2", run="br2"))
    base.append("c", ThreadSet(archived=True))
    base.append("d", QuestionAnswered(turn="d1", call="dc", text="that"))
    assert base.has() == ""
    base.end("b", Outcome.WITHDRAWN, turn=2)
    assert base.has() == "b", "what was said was taken back, so it failed still"


def test_a_child_is_in_it_only_when_it_asks(base: Base) -> None:
    base.begin("a")
    for thread in "bc":
        child = ThreadStarted(project="p", title="part", mode=Mode.READ, model="m")
        asked = ChildAsked(turn="a1", call=f"k{thread}", child=thread, begins=f"{thread}1", task="t", thread=child)
        base.append("a", asked)
        base.begin(thread)
    base.end("b", Outcome.FAILED)
    base.asks("c")
    (one,) = base.store.query_now(inbox.items, base.clock.now)
    assert (one.thread.id, one.part_of) == ("c", "Task a")


def test_what_was_done_comes_back_only_when_something_else_happens_there(base: Base) -> None:
    base.begin("a")
    base.end("a", added=1)
    base.did(ItemDone(thread="a", of="a1"))
    assert (base.has(), base.has("done")) == ("", "a")
    base.did(ItemPutBack(thread="a", of="a1"))
    assert (base.has(), base.has("done")) == ("a", "")
    base.did(ItemDone(thread="a", of="a1"))
    base.append("a", TurnQueued(turn="a2", run="ar2"))
    base.end("a", turn=2)
    assert (base.has(), base.has("done")) == ("a", "")
    base.did(ItemDone(thread="a", of="a1"))
    assert base.has() == "a", "another was meant"


def test_what_was_put_off_comes_back_unread_at_its_time_behind_what_is_older(base: Base) -> None:
    for thread in "ab":
        base.begin(thread)
        base.end(thread, added=1)
    base.did(ItemRead(thread="a", of="a1"))
    base.did(ItemPutOff(thread="a", of="a1", until=BEGAN + timedelta(hours=1)))
    assert (base.has(), base.has("later")) == ("b", "a")
    assert base.store.query_now(inbox.next_back, base.clock.now) == BEGAN + timedelta(hours=1)
    assert base.has(after=timedelta(hours=2)) == "b a"
    (_, back) = base.store.query_now(inbox.items, BEGAN + timedelta(hours=2))
    assert not back.read
    base.did(ItemPutBack(thread="a", of="a1"))
    assert base.has() == "a b"


def test_what_leaves_nothing_to_decide_goes_once_it_was_looked_at_or_is_a_week_old(base: Base) -> None:
    base.begin("a", mode=Mode.LOCAL)
    base.end("a", added=1)
    base.begin("b")
    base.end("b", added=1)
    base.begin("c", mode=Mode.LOCAL)
    base.end("c")
    assert base.has() == "a b c"
    for thread in "ab":
        base.did(ItemRead(thread=thread, of=f"{thread}1"))
    assert base.has() == "b c", "b waits for a decision"
    assert base.has(after=timedelta(days=8)) == "b"


def test_a_run_of_an_automation_is_a_report_that_failed_where_what_should_hold_doesnt(base: Base) -> None:
    base.append("auto", AutomationSet(version=1, plan=Plan(name="Morning", brief="Look.")))
    terms = Terms(automation="auto", version=1, manifest=Manifest(), postcondition=Unchecked(), zone="UTC")
    results = {"a": Result.UNCHECKED, "b": Result.NOTHING, "c": Result.UNMET}
    for thread in results:
        base.append("auto", RunBegan(cause=Cause.NOW, thread=thread, turn=f"{thread}1", text="Look.", terms=terms))
        base.begin(thread)
        base.end(thread)
    assert base.has() == "", "their receipts aren't written yet"
    for thread, result in results.items():
        base.append("auto", RunEnded(thread=thread, turn=f"{thread}1", result=result, reason="gone"))
    assert base.has() == "c a"
    told = [(one.kind.value, one.automation) for one in base.store.query_now(inbox.items, base.clock.now)]
    assert told == [("failed", "Morning"), ("report", "Morning")]


def run(base: Base, thread: str, result: Result, reason: str = "", **more: object) -> None:
    """One of the automation, in a thread of its own, to its end."""
    terms = Terms(automation="auto", version=1, manifest=Manifest(), postcondition=Unchecked(), zone="UTC")
    began = RunBegan(cause=Cause.SLOT, thread=thread, turn=f"{thread}1", text="Look.", terms=terms)
    base.append("auto", began.model_copy(update={name: more.pop(name) for name in ("cause", "slot") if name in more}))
    base.begin(thread, mode=Mode.LOCAL)
    base.end(thread, Outcome.FAILED if result is Result.FAILED else Outcome.DONE)
    ended = RunEnded(thread=thread, turn=f"{thread}1", result=result, reason=reason)
    base.append("auto", ended.model_copy(update=more))


def test_an_automation_that_fails_again_for_the_same_reason_is_one_item_until_a_later_run_succeeds(base: Base) -> None:
    base.append("auto", AutomationSet(version=1, plan=Plan(name="Hourly", brief="Look.")))
    run(base, "a", Result.FAILED, "No answer in 30 seconds.")
    began = base.clock.now
    run(base, "b", Result.FAILED, "No answer in 31 seconds.")
    run(base, "c", Result.UNMET, "The file isn't there.")
    run(base, "d", Result.FAILED, "No answer in 7 seconds.")
    run(base, "e", Result.DONE, cause=Cause.DRY)
    run(base, "f", Result.NOTHING)
    assert base.has() == "c d e", "a trial makes nothing good, nor does a run that found nothing to do"
    _, found, _ = base.store.query_now(inbox.items, base.clock.now)
    assert found.again is not None
    assert (found.again.times, found.again.since) == (3, began)
    assert [one.thread for one in found.again.earlier] == ["b", "a"]
    base.did(ItemRead(thread="e", of="e1"))
    run(base, "g", Result.DONE)
    assert base.has() == "g"
    done = base.store.query_now(inbox.items, base.clock.now, "done")
    assert {(one.thread.id, one.again.by if one.again else None) for one in done} == {("c", "g"), ("d", "g")}
    run(base, "h", Result.FAILED, "No answer in 30 seconds.")
    (again, _) = base.store.query_now(inbox.items, base.clock.now)
    assert (again.thread.id, again.again) == ("h", None), "it is counted anew"
    base.brought_back("0010", FAILURES.name)


def test_a_failure_put_off_stays_so_when_it_fails_again_and_done_with_comes_back(base: Base) -> None:
    base.append("auto", AutomationSet(version=1, plan=Plan(name="Hourly", brief="Look.")))
    run(base, "a", Result.FAILED, "gone")
    base.did(ItemPutOff(thread="a", of="a1", until=BEGAN + timedelta(hours=1)))
    run(base, "b", Result.FAILED, "gone")
    assert (base.has(), base.has("later")) == ("", "b")
    assert base.has(after=timedelta(hours=2)) == "b"
    (off,) = base.store.query_now(inbox.items, base.clock.now, "later")
    assert base.store.query_now(inbox.put_off_with, off) == [("a", "a1")]
    for thread in "ab":
        base.did(ItemPutBack(thread=thread, of=f"{thread}1"))
    assert (base.has(), base.has("later")) == ("b", "")
    base.did(ItemDone(thread="b", of="b1"))
    assert (base.has(), base.has("done")) == ("", "b")
    run(base, "c", Result.FAILED, "gone")
    assert (base.has(), base.has("done")) == ("c", "")
    for idea in "de":
        run(base, idea, Result.FAILED, "gone", slot=f"idea:{idea}")
    assert base.has() == "c d e", "each of the gardener's ideas is about something else"
