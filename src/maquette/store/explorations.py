"""Explorations with their attempts, and how far each of these is, as the log says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select

from maquette.domain.errors import Refused
from maquette.domain.explorations import Attempt, Exploration
from maquette.domain.threads import Outcome, ThreadState
from maquette.domain.votes import Vote
from maquette.store.money import dollars
from maquette.store.projections.attempts import ATTEMPTS
from maquette.store.projections.costs import COSTS
from maquette.store.projections.explorations import EXPLORATIONS, VOTES
from maquette.store.projections.threads import SHORTEST, THREADS


def explorations(conn: Connection, project: str | None = None) -> list[Exploration]:
    """In which something last happened first."""
    return _read(conn, None if project is None else EXPLORATIONS.c.project == project)


def _read(conn: Connection, condition: ColumnElement[bool] | None) -> list[Exploration]:
    known = (ATTEMPTS.c.exploration == EXPLORATIONS.c.id) & (ATTEMPTS.c.gathered != "")
    gathered = select(func.count()).where(known).scalar_subquery()
    chosen = select(EXPLORATIONS.c.exploration, gathered).order_by(EXPLORATIONS.c.cursor.desc())
    if condition is not None:
        chosen = chosen.where(condition)
    return [
        Exploration.model_validate_json(one).model_copy(update={"gathered": count})
        for one, count in conn.execute(chosen)
    ]


def find(conn: Connection, text: str) -> Exploration:
    """By id, by four or more last characters of it, or as `latest`. Refused: `unknown-exploration`."""
    if text in ("latest", "-") and (some := explorations(conn)):
        return some[0]
    some = _read(conn, EXPLORATIONS.c.id == text)
    if not some and len(text) >= SHORTEST and text.isprintable():
        some = _read(conn, EXPLORATIONS.c.id.endswith(text.lower(), autoescape=True))
    if len(some) == 1:
        return some[0]
    why = f"There is no exploration “{text}”, or more than one; `maquette explore list` lists those there are."
    raise Refused(why, code="unknown-exploration")


@dataclass(frozen=True)
class Whole:
    """All that is known of an exploration, as of one moment: its attempts by number, all votes in order."""

    exploration: Exploration
    attempts: Sequence[Attempt]
    votes: Sequence[Vote]


def whole(conn: Connection, text: str) -> Whole:
    """Named as in `find`."""
    one = find(conn, text)
    return Whole(one, attempts(conn, one.id), votes(conn, one.id))


_KNOWN = (THREADS.c.state, THREADS.c.outcome, THREADS.c.result, THREADS.c.tokens, THREADS.c.price, THREADS.c.unpriced)


def attempts(conn: Connection, exploration: str) -> list[Attempt]:
    """By number, each with how its thread stands."""
    return [attempt for attempt, _ in begun(conn, exploration)]


def begun(conn: Connection, exploration: str) -> list[tuple[Attempt, str]]:
    """The same, each with the turn that its thread begins with."""
    return _some(conn, ATTEMPTS.c.exploration == exploration)


def at_work(conn: Connection) -> list[Attempt]:
    """Those that agents are at work on right now, of all explorations."""
    return [attempt for attempt, _ in _some(conn, THREADS.c.state == ThreadState.RUNNING.value)]


def of_thread(conn: Connection, thread: str) -> list[tuple[Attempt, str]]:
    """The attempts that a thread is, one in an exploration, each with its question."""
    found = [attempt for attempt, _ in _some(conn, ATTEMPTS.c.thread == thread)]
    return [(one, at.brief.question) for one in found for at in _read(conn, EXPLORATIONS.c.id == one.exploration)]


def _some(conn: Connection, condition: ColumnElement[bool]) -> list[tuple[Attempt, str]]:
    joined = ATTEMPTS.outerjoin(THREADS, THREADS.c.id == ATTEMPTS.c.thread)
    worked = select(func.sum(COSTS.c.worked)).where(COSTS.c.thread == ATTEMPTS.c.thread).scalar_subquery()
    chosen = select(ATTEMPTS.c.line, ATTEMPTS.c.begins, worked, *_KNOWN).select_from(joined).where(condition)
    found: list[tuple[Attempt, str]] = []
    for line, begins, milliseconds, state, outcome, result, tokens, price, unpriced in conn.execute(
        chosen.order_by(ATTEMPTS.c.attempt)
    ):
        attempt = Attempt.model_validate_json(line)
        if state is not None:
            stands = {
                "state": ThreadState(state),
                "outcome": None if outcome is None else Outcome(outcome),
                "result": result,
                "seconds": int(milliseconds or 0) / 1000,
                "tokens": tokens,
                "price": None if unpriced else dollars(price),
            }
            attempt = attempt.model_copy(update=stands)
        found.append((attempt, begins))
    return found


def votes(conn: Connection, exploration: str) -> list[Vote]:
    """All that were ever cast, in order."""
    chosen = select(VOTES.c.vote).where(VOTES.c.exploration == exploration).order_by(VOTES.c.position)
    return [Vote.model_validate_json(row) for row in conn.scalars(chosen)]


def shelved(conn: Connection, project: str | None = None) -> list[Exploration]:
    """Those that are on the shelf, or of whose attempts one is; of one project, or of all."""
    away = select(ATTEMPTS.c.exploration).where(~ATTEMPTS.c.line.contains('"shelved":""'))
    some = _read(conn, EXPLORATIONS.c.id.in_(away) | ~EXPLORATIONS.c.exploration.contains('"shelved":""'))
    return [one for one in some if project in (None, one.project)]


def judged(conn: Connection) -> list[Exploration]:
    """Those in which a model is to judge."""
    return _read(conn, EXPLORATIONS.c.exploration.contains('"judging":"judging_', autoescape=True))


def unsettled(conn: Connection) -> list[Exploration]:
    """Those in which something may be to be done: an attempt to begin, a result to look at."""
    waits = ATTEMPTS.c.begins != ""
    joined = ATTEMPTS.outerjoin(THREADS, THREADS.c.id == ATTEMPTS.c.thread)
    due = (THREADS.c.id.is_(None) & waits) | (func.coalesce(THREADS.c.result, "") != ATTEMPTS.c.gathered)
    ids = select(ATTEMPTS.c.exploration).select_from(joined).where(due)
    return _read(conn, EXPLORATIONS.c.id.in_(ids))
