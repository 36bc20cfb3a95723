"""What the log amounts to: threads, turns, projects, waits, costs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from maquette.domain.errors import Refused
from maquette.domain.events import (
    AnswerGiven,
    ApprovalAsked,
    ApprovalDeclined,
    ApprovalGiven,
    BudgetSet,
    CallFinished,
    Check,
    ChecksRan,
    Merged,
    ProjectAdded,
    ProjectSet,
    ProjectTrusted,
    QuestionAnswered,
    QuestionAsked,
    ResultKept,
    StopAsked,
    ThreadSet,
    ThreadStarted,
    TurnFinished,
    TurnQueued,
    TurnResumed,
    TurnStarted,
    TurnWaiting,
)
from maquette.domain.messages import FromModel, Text, Usage
from maquette.domain.projects import Budget, Project, ProjectKind
from maquette.domain.threads import Mode, Outcome, Thread, ThreadState
from maquette.store import Log, Store
from maquette.store.projections import budgets, costs, projects, threads, turns, waits
from maquette.store.projections.costs import Cost


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 5, 31, 23, 59, 58, 123456, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def store(place: Path | str) -> Iterator[Store]:
    store = Store(Log.open(place, Clock()))
    yield store
    store.close()


def started(title: str = "Mend the parser", project: str = "proj_1") -> ThreadStarted:
    return ThreadStarted(project=project, title=title, mode=Mode.WORKTREE, model="openai:m")


def answer(turn: str, step: int, price: str | None, rules: bool = False, model: str = "openai:m") -> AnswerGiven:
    usage = Usage(input=100, cached=80, written=5, output=7, price=None if price is None else Decimal(price))
    said = FromModel(parts=(Text(text="yes"),))
    return AnswerGiven(turn=turn, step=step, seen=0, model=model, answer=said, usage=usage, rules=rules)


def state(store: Store, id: str) -> tuple[ThreadState, str | None]:
    thread = store.query_now(threads.find, id)
    return thread.state, thread.turn


def ids(found: list[Thread]) -> str:
    return " ".join(thread.id for thread in found)


def test_a_thread_is_where_its_first_unfinished_turn_is(store: Store) -> None:
    append = store.log.append_now
    append("th", started())
    assert state(store, "th") == (ThreadState.IDLE, None)
    append("th", TurnQueued(turn="u1", run="r1"))
    assert state(store, "th") == (ThreadState.QUEUED, "u1")
    append("th", TurnStarted(turn="u1", run="r1", epoch=1), TurnQueued(turn="u2", run="r2"))
    assert state(store, "th") == (ThreadState.RUNNING, "u1")
    append("th", TurnWaiting(turn="u1", calls=("c1",)))
    assert state(store, "th") == (ThreadState.WAITING, "u1")
    append("th", TurnResumed(turn="u1", run="r3"))
    assert state(store, "th") == (ThreadState.QUEUED, "u1")
    append("th", TurnFinished(turn="u1", outcome=Outcome.FAILED, reason="no"))
    assert state(store, "th") == (ThreadState.QUEUED, "u2")
    append("th", TurnFinished(turn="u2", outcome=Outcome.DONE))
    assert state(store, "th") == (ThreadState.IDLE, None)
    assert store.query_now(threads.find, "th").outcome is Outcome.DONE


def test_a_new_result_is_neither_checked_nor_merged(store: Store) -> None:
    def result(commit: str) -> ResultKept:
        return ResultKept(turn="u1", commit=commit, files=("a",), added=3, removed=9)

    def checks(*status: int | None) -> ChecksRan:
        ran = tuple(Check(command="make", status=one, seconds=1, output="") for one in status)
        return ChecksRan(turn="u1", commit="c1", checks=ran)

    def verdict() -> tuple[bool | None, bool]:
        thread = store.query_now(threads.find, "th")
        assert (thread.added, thread.removed) == (3, 9)
        return thread.checked, thread.merged

    append = store.log.append_now
    append("th", started(), result("c1"))
    assert verdict() == (None, False)
    append("th", checks(0, 0))
    assert verdict() == (True, False)
    append("th", checks(0, None))
    assert verdict() == (False, False)
    append("th", Merged(commit="c1", into="main", before="b", after="a"), result("c1"))
    assert verdict() == (False, True)
    append("th", result("c2"))
    assert verdict() == (None, False)
    append("th", checks())
    assert verdict() == (None, False)


def test_settings_change_what_they_name_and_are_no_activity(store: Store) -> None:
    store.log.append_now("th", started())
    before = store.query_now(threads.find, "th")
    store.log.append_now("th", ThreadSet(title="Other", pinned=True))
    store.log.append_now("th", ThreadSet(model="openai:n", archived=True))
    changed = {"title": "Other", "pinned": True, "archived": True, "model": "openai:n"}
    assert store.query_now(threads.find, "th") == before.model_copy(update=changed)


def test_threads_are_listed_pinned_first_then_busy_then_by_what_happened_last(store: Store) -> None:
    append = store.log.append_now
    for name in "abcdef":
        append(name, started(project="proj_1" if name != "f" else "proj_2"))
    append("a", ThreadSet(pinned=True))
    append("b", TurnQueued(turn="u", run="r"), TurnStarted(turn="u", run="r", epoch=1))
    append("c", TurnQueued(turn="u", run="r"), TurnWaiting(turn="u", calls=()))
    append("d", ThreadSet(archived=True))
    assert ids(store.query_now(threads.threads)) == "a c b f e"
    assert ids(store.query_now(threads.threads, project="proj_1")) == "a c b e"
    assert ids(store.query_now(threads.threads, archived=True)) == "d"
    pages: list[str] = []
    before = None
    while page := store.query_now(threads.threads, limit=2, before=before):
        pages.append(ids(page))
        before = page[-1].id
    assert pages == ["a c", "b f", "e"]


def test_a_thread_is_found_by_its_end_when_only_one_has_it(store: Store) -> None:
    for id in ("thread_0123abcd", "thread_9999abcd", "thread_0123wxyz", "xyz"):
        store.log.append_now(id, started(title=f"Title of {id}"))
    assert store.query_now(threads.find, "thread_0123wxyz").id == "thread_0123wxyz"
    assert store.query_now(threads.find, "WXYZ").id == "thread_0123wxyz"
    assert store.query_now(threads.find, "3abcd").id == "thread_0123abcd"
    assert store.query_now(threads.find, "xyz").id == "xyz"
    with pytest.raises(Refused, match=r"thread_0123abcd.*thread_9999abcd") as caught:
        store.query_now(threads.find, "abcd")
    assert caught.value.code == "ambiguous-thread"
    for text in ("nothing", "", "bcd", "%abcd", "____"):
        with pytest.raises(Refused) as caught:
            store.query_now(threads.find, text)
        assert caught.value.code == "unknown-thread"


def test_what_is_due_is_found_in_order_and_of_each_thread_its_first_turn(store: Store) -> None:
    append = store.log.append_now
    append("a", TurnQueued(turn="u1", run="r1"), TurnStarted(turn="u1", run="r1", epoch=1))
    append("b", TurnQueued(turn="u2", run="r2"))
    append("a", TurnQueued(turn="u3", run="r3"))
    append("c", TurnQueued(turn="u4", run="r4"), TurnFinished(turn="u4", outcome=Outcome.DONE))
    append("c", TurnQueued(turn="u5", run="r5"), TurnWaiting(turn="u5", calls=()), TurnResumed(turn="u5", run="r6"))
    append("d", TurnQueued(turn="u7", run="r7"), TurnWaiting(turn="u7", calls=()), TurnQueued(turn="u8", run="r8"))
    append("b", StopAsked(turn="u2"))
    store.close()
    again = Store.open(store.log.where)
    found = [(due.thread, due.id, due.run, due.state, due.stopping) for due in again.query_now(turns.due)]
    assert found == [
        ("a", "u1", "r1", "running", False),
        ("b", "u2", "r2", "queued", True),
        ("c", "u5", "r6", "queued", False),
    ]
    with again.log.reading() as conn:
        finished = conn.execute(select(turns.TURNS).where(turns.TURNS.c.turn == "u4")).one()
    assert (finished.state, finished.outcome, finished.thread) == ("finished", Outcome.DONE, "c")
    assert finished.finished == finished.queued
    assert [due.id for due in again.query_now(turns.due, "c")] == ["u5"]
    assert again.query_now(turns.due, "d") == []
    again.close()


def test_a_finished_turn_stays_finished(store: Store) -> None:
    store.log.append_now("a", TurnQueued(turn="u1", run="r1"), TurnFinished(turn="u1", outcome=Outcome.STOPPED))
    store.log.append_now("a", TurnStarted(turn="u1", run="r1", epoch=1))
    assert store.query_now(turns.due) == []


def test_what_comes_too_late_for_a_turn_leaves_its_thread_idle(store: Store) -> None:
    append = store.log.append_now
    append("th", started(), TurnQueued(turn="u1", run="r1"), TurnFinished(turn="u1", outcome=Outcome.STOPPED))
    append("th", TurnResumed(turn="u1", run="r2"))
    assert state(store, "th") == (ThreadState.IDLE, None)
    append("th", TurnStarted(turn="u1", run="r2", epoch=1), TurnWaiting(turn="u1", calls=()))
    assert state(store, "th") == (ThreadState.IDLE, None)


def test_a_project_is_as_it_was_last_set(store: Store) -> None:
    append = store.log.append_now
    append("p", ProjectAdded(name="tool", kind=ProjectKind.REPO, path="/home/a/tool"))
    append("p", ProjectSet(checks=("make test",), budget=Budget(money=Decimal("1.5"))), ProjectTrusted(digest="d"))
    append("p", ProjectSet(name="Tool", setup=()))
    tool = Project(
        id="p",
        name="Tool",
        kind=ProjectKind.REPO,
        path="/home/a/tool",
        checks=("make test",),
        budget=Budget(money=Decimal("1.5")),
        trusted="d",
    )
    assert store.query_now(projects.project, "p") == tool
    append("q", ProjectAdded(name="Tool", kind=ProjectKind.DESK, path="/home/a/desk"))
    append("q", ProjectTrusted(digest=None))
    assert [project.id for project in store.query_now(projects.projects)] == ["p", "q"]
    with pytest.raises(Refused) as caught:
        store.query_now(projects.project, "Tool")
    assert caught.value.code == "unknown-project"


def test_a_question_waits_until_it_is_answered_or_its_turn_ends(store: Store) -> None:
    append = store.log.append_now
    asked = [QuestionAsked(turn="u1", call=f"c{n}", question="Which?", choices=("a", "b")) for n in range(4)]
    append("a", *asked)
    append("b", QuestionAsked(turn="u2", call="c1", question="Elsewhere?"))
    append("a", QuestionAnswered(turn="u1", call="c1", text="b"))
    append("a", CallFinished(turn="u1", call="c2", name="ask", status="stopped", text=""))
    assert [wait.asked for wait in store.query_now(waits.open_waits, "a")] == [asked[0], asked[3]]
    append("a", TurnFinished(turn="u1", outcome=Outcome.STOPPED))
    assert [wait.thread for wait in store.query_now(waits.open_waits)] == ["b"]


def test_an_approval_waits_until_just_what_was_shown_is_decided(store: Store) -> None:
    def asked(digest: str) -> ApprovalAsked:
        expires = datetime(2026, 6, 30, tzinfo=UTC)
        return ApprovalAsked(turn="u", call="c", why="w", shown=(("argv", "rm"),), digest=digest, expires=expires)

    append = store.log.append_now
    append("a", asked("d1"))
    append("a", asked("d2"))
    append("a", ApprovalGiven(turn="u", call="c", digest="d1"))
    assert [wait.asked for wait in store.query_now(waits.open_waits)] == [asked("d2")]
    append("a", ApprovalDeclined(turn="u", call="c", digest="d2"))
    assert store.query_now(waits.open_waits) == []


def test_costs_add_up_exactly_and_say_what_nobody_knows(store: Store) -> None:
    append = store.log.append_now
    append("a", started())
    append("b", started(project="proj_2"))
    append("a", answer("u1", 1, "0.0000000028"), answer("u1", 2, "0.1"), answer("u1", 3, None, rules=True))
    append("a", answer("u2", 1, "0.2", model="anthropic:x"))
    append("b", answer("u3", 1, None))

    def sums(by: costs.By, **only: Any) -> list[tuple[str, int, int, Decimal]]:
        found = store.query_now(costs.costs, by, **only)
        return [(cost.key, cost.requests, cost.unpriced, cost.price) for cost in found]

    first = Decimal("0.1000000028")
    assert sums("turn") == [("u1", 3, 0, first), ("u2", 1, 0, Decimal("0.2")), ("u3", 1, 1, Decimal(0))]
    assert sums("thread") == [("a", 4, 0, first + Decimal("0.2")), ("b", 1, 1, Decimal(0))]
    assert sums("project", project="proj_2") == [("proj_2", 1, 1, Decimal(0))]
    assert sums("model", thread="a") == [("anthropic:x", 1, 0, Decimal("0.2")), ("openai:m", 3, 0, first)]
    assert [key for key, *_ in sums("day")] == ["2026-06-01"]
    west, east = (timezone(timedelta(hours=hours)) for hours in (-11, 14))
    at = store.log.read("a")[-1].at
    days = {zone: store.query_now(costs.costs, "day", zone=zone)[0].key for zone in (west, east)}
    assert list(days.values()) == [at.astimezone(zone).date().isoformat() for zone in days]
    assert store.query_now(costs.costs, "day", since=days[east], until=days[east], zone=east)[0].requests == 5
    assert sums("day", since="2026-06-02") == sums("day", until="2026-05-31") == []
    assert store.query_now(costs.costs, "turn", turn="u2") == [Cost("u2", 1, 0, 100, 80, 5, 7, Decimal("0.2"))]
    known, unknown = store.query_now(threads.find, "a"), store.query_now(threads.find, "b")
    assert (known.price, known.tokens, unknown.price) == (first + Decimal("0.2"), 428, None)


def test_caps_bind_a_thread_by_what_the_log_says_was_spent_whoever_spent_it(store: Store) -> None:
    append = store.log.append_now
    append("a", started())
    append("b", started())
    append("c", started(project="proj_2"))
    for thread in ("a", "b", "c"):
        append(thread, answer(f"u{thread}", 1, "0.1"))
    append("base", BudgetSet(per="turn", budget=Budget(steps=9)), BudgetSet(per="day", budget=Budget(steps=8)))
    append("proj_1", BudgetSet(per="project", budget=Budget(money=Decimal(2))))
    append("a", BudgetSet(per="thread", budget=Budget(tokens=7)), BudgetSet(per="day", budget=Budget(steps=6)))
    append("a", BudgetSet(per="day", budget=Budget()))
    append("c", BudgetSet(per="thread", budget=Budget(steps=1)))
    bound = store.query_now(budgets.binding, "a", "proj_1")
    assert {(cap.of, cap.per): (spent.steps, spent.money) for cap, spent in bound} == {
        ("a", "thread"): (1, Decimal("0.1")),
        ("base", "day"): (0, Decimal(0)),
        ("base", "turn"): (0, Decimal(0)),
        ("proj_1", "project"): (2, Decimal("0.2")),
    }


@pytest.mark.anyio
async def test_questions_can_be_asked_without_blocking_the_loop(store: Store) -> None:
    await store.log.append("a", started())
    assert ids(await store.query(threads.threads, project="proj_1")) == "a"
    with pytest.raises(Refused):
        await store.query(threads.find, "nothing")
