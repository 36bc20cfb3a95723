"""What holds whenever a base was killed: looked up on the host, by opening what it left and not by asking it."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from maquette.domain.events import (
    AnswerGiven,
    ApprovalAsked,
    ApprovalDeclined,
    ApprovalGiven,
    CallFinished,
    CallStarted,
    Entry,
    Merged,
    MessageSent,
    QuestionAnswered,
    ResultKept,
    StopAsked,
    ThreadStarted,
    TurnFinished,
    TurnQueued,
)
from maquette.store import Store, rebuild, soundness
from maquette.testing.proof import receipts
from maquette.testing.proof.mortal import POST, Where
from maquette.testing.proof.people import acks
from maquette.testing.proof.points import Traces


def broken(where: Where, *, at_rest: bool) -> list[str]:
    """What doesn't hold, a sentence each. `at_rest`: everything that was begun must have come to its end, too."""
    with opened(where) as store:
        entries = store.log.read_all(limit=None)
        found = [*rebuild(store), *_sound(store)]
    found += [*_ordered(entries), *_acknowledged(where, entries), *_effects(where, entries), *_approved(entries)]
    found += [*_repos(where, entries), *receipts.broken(entries, at_rest=at_rest)]
    return found + (list(_ended(entries)) if at_rest else [])


@contextmanager
def opened(where: Where) -> Generator[Store]:
    """The store that a base left; it has threads, so not where something will be forked."""
    store = Store.open(where.log)
    try:
        yield store
    finally:
        store.close()


def _sound(store: Store) -> Iterator[str]:
    if isinstance(store.log.where, Path) and (damage := soundness.damage(store.log.where, seconds=60)):
        yield str(damage)


def _ordered(entries: Sequence[Entry]) -> Iterator[str]:
    """Each event once, in its place."""
    if any(one.cursor >= other.cursor for one, other in pairwise(entries)):
        yield "cursors don't grow"
    positions: dict[str, int] = {}
    for entry in entries:
        if entry.position != positions.get(entry.stream, 0) + 1:
            yield f"{entry.stream} has position {entry.position} behind {positions.get(entry.stream, 0)}"
        positions[entry.stream] = entry.position
    once = Counter((e.stream, e.event.once) for e in entries if e.event.once is not None)
    yield from (f"{stream} has {key} {count} times" for (stream, key), count in once.items() if count > 1)


def _acknowledged(where: Where, entries: Sequence[Entry]) -> Iterator[str]:
    """Whatever the person was told is in the log, once."""
    for ack in acks(where):
        own = [entry.event for entry in entries if entry.stream == ack["thread"]]
        match ack["kind"]:
            case "sent":
                queued = sum(isinstance(e, TurnQueued) and e.turn == ack["turn"] for e in own)
                right = queued == 1 and any(isinstance(e, MessageSent) and e.turn == ack["turn"] for e in own)
            case "answered":
                right = _count(own, QuestionAnswered, ack["call"]) == 1
            case "approved":
                right = _count(own, ApprovalGiven, ack["call"]) == 1
            case "declined":
                right = _count(own, ApprovalDeclined, ack["call"]) == 1
            case "merged":
                right = sum(isinstance(e, Merged) and e.after == ack["after"] for e in own) == 1
            case "stopped":
                right = any(isinstance(e, StopAsked) for e in own)
            case "forked":
                right = sum(isinstance(e, ThreadStarted) for e in own) == 1
            case _:
                right = bool(own)
        if not right:
            yield f"acknowledged, and not in the log as it was: {ack}"


def _count(events: Sequence[object], kind: type, call: str) -> int:
    return sum(isinstance(event, kind) and getattr(event, "call", None) == call for event in events)


def _effects(where: Where, entries: Sequence[Entry]) -> Iterator[str]:
    """Intent before effect; what can't be done twice began at most once; what is told as done was."""
    started = {f"{e.stream}/{e.event.call}": e.event for e in entries if isinstance(e.event, CallStarted)}
    finished = {f"{e.stream}/{e.event.call}": e.event for e in entries if isinstance(e.event, CallFinished)}
    began, ended = where.traces.read()
    for call, times in began.items():
        if call not in started:
            yield f"{call} began, and its intent isn't in the log"
        elif times > 1 and not started[call].idempotent:
            yield f"{call} ({started[call].name}) was done {times} times"
    for call, event in finished.items():
        if event.status == "ok" and call in started and event.name != "use_tool" and not ended[call] and event.card:
            yield f"{call} ({event.name}) is told as done, and wasn't"
    posted, _ = Traces(where.outside).read()
    yield from (f"{call} went out {times} times" for call, times in posted.items() if times > 1)


def _approved(entries: Sequence[Entry]) -> Iterator[str]:
    """Nothing that reaches out was begun before the person let exactly that."""
    asked: dict[tuple[str, str], str] = {}
    given: set[tuple[str, str]] = set()
    for entry in entries:
        match entry.event:
            case ApprovalAsked(call=call, digest=digest):
                asked[entry.stream, call] = digest
                given.discard((entry.stream, call))
            case ApprovalGiven(call=call, digest=digest) if asked.get((entry.stream, call)) == digest:
                given.add((entry.stream, call))
            case CallStarted(call=call, name=name) if name == POST.name and (entry.stream, call) not in given:
                yield f"{call} was begun without approval"
            case _:
                pass


def _repos(where: Where, entries: Sequence[Entry]) -> Iterator[str]:
    """Both repos are whole, every result is kept, and what is told as merged is in the branch."""
    for store in (where.state / "projects").glob("*/store.git"):
        yield from _git(store, "fsck", "--connectivity-only")
        for entry in entries:
            if isinstance(entry.event, ResultKept) and not entry.event.in_place and _owned(entries, entry, store):
                yield from _git(store, "cat-file", "-e", f"{entry.event.commit}^{{tree}}")
    if where.repo.exists():
        yield from _git(where.repo, "fsck", "--connectivity-only")
        for entry in entries:
            if isinstance(entry.event, Merged):
                yield from _git(where.repo, "merge-base", "--is-ancestor", entry.event.after, "HEAD")


def _owned(entries: Sequence[Entry], entry: Entry, store: Path) -> bool:
    begun = (e.event for e in entries if e.stream == entry.stream)
    return any(isinstance(event, ThreadStarted) and event.project == store.parent.name for event in begun)


def _git(folder: Path, *words: str) -> Iterator[str]:
    ran = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", str(folder), *words], capture_output=True, text=True, check=False
    )
    if ran.returncode != 0:
        yield f"git {' '.join(words)} in {folder.name}: {ran.stderr.strip() or ran.returncode}"


def _ended(entries: Sequence[Entry]) -> Iterator[str]:
    """Each turn ended once, each call has its one result, no answer is doubled."""
    turns = Counter(e.event.turn for e in entries if isinstance(e.event, TurnFinished))
    for entry in entries:
        match entry.event:
            case TurnQueued(turn=turn) if turns[turn] != 1:
                yield f"{turn} ended {turns[turn]} times"
            case AnswerGiven(answer=answer):
                for call in answer.calls:
                    results = _count([e.event for e in entries if e.stream == entry.stream], CallFinished, call.id)
                    if results != 1:
                        yield f"{call.id} ({call.name}) has {results} results"
            case _:
                pass
