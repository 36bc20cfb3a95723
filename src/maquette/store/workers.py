"""Workers on one log, and which of them holds which thread: the engine's own tables, in a Postgres database.

No fact of a thread is here; those are in the log. A row here only says whose turn it is to work on one.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    ForeignKey,
    Identity,
    Integer,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as insert_or_nothing

from maquette.store import dialects
from maquette.store.projections import turns
from maquette.store.projections.turns import Turn
from maquette.store.schema import BIG, METADATA

LEASE = 4.0
"""Seconds after a worker's last sign of life, by the database's clock, until it is taken for dead."""
_ORDER = 0x6D617176
"""The lock under which threads are taken, so that the limit holds."""
_NOW = func.clock_timestamp()

WORKERS = Table(
    "workers",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("slots", Integer, nullable=False),
    Column("seen", DateTime(timezone=True), nullable=False),
)
HOLDS = Table(
    "holds",
    METADATA,
    Column("thread", Text, primary_key=True),
    Column("number", BIG, Identity(always=True), unique=True),
    Column("worker", Text, ForeignKey(WORKERS.c.id, ondelete="CASCADE"), nullable=False),
)
TABLES = [WORKERS, HOLDS]


@dataclass(frozen=True)
class Held:
    """A due turn whose thread is held by us. `number` is another each time."""

    turn: Turn
    number: int


@dataclass(frozen=True)
class Worker:
    id: str
    host: str
    pid: int
    slots: int
    """How many turns it lets run at once, over all workers."""


class Workers:
    """What workers ask of the tables. Everything blocks."""

    def __init__(self, address: str, nudge: Callable[[Connection], None]) -> None:
        """`nudge` tells the other workers, in a transaction, that something was let go of."""
        self._nudge = nudge
        self._engine = dialects.writing_engine(address)

    @contextmanager
    def _transaction(self) -> Generator[Connection]:
        with dialects.troubles(), self._engine.begin() as conn:
            conn.exec_driver_sql("SET LOCAL synchronous_commit = off")
            yield conn

    def enlist(self, worker: Worker) -> None:
        row = {"id": worker.id, "host": worker.host, "pid": worker.pid, "slots": worker.slots}
        with self._transaction() as conn:
            conn.execute(insert_or_nothing(WORKERS).values(**row, seen=_NOW).on_conflict_do_nothing())

    def beat(self, worker: str) -> bool:
        """A sign of life; False when the others took it for dead."""
        with self._transaction() as conn:
            return conn.execute(update(WORKERS).where(WORKERS.c.id == worker).values(seen=_NOW)).rowcount > 0

    def leave(self, worker: str) -> None:
        """With all it holds."""
        with self._transaction() as conn:
            conn.execute(delete(WORKERS).where(WORKERS.c.id == worker))
            self._nudge(conn)

    def bury(self) -> list[str]:
        """Workers that gave no sign of life for too long: what they held is free."""
        late = WORKERS.c.seen < _NOW - text(f"interval '{LEASE} seconds'")
        with self._transaction() as conn:
            dead = list(conn.scalars(delete(WORKERS).where(late).returning(WORKERS.c.id)))
            if dead:
                self._nudge(conn)
            return dead

    def alive(self) -> list[Worker]:
        chosen = select(WORKERS.c.id, WORKERS.c.host, WORKERS.c.pid, WORKERS.c.slots)
        fresh = WORKERS.c.seen >= _NOW - text(f"interval '{LEASE} seconds'")
        with self._transaction() as conn:
            return [Worker(*row) for row in conn.execute(chosen.where(fresh).order_by(WORKERS.c.id))]

    def take(self, worker: str, limit: int) -> list[Held]:
        """Hold threads with something due, the longest due first, until `limit` are held by all workers together."""
        with self._transaction() as conn:
            conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ORDER})")
            held = set(conn.scalars(select(HOLDS.c.thread)))
            free = [turn for turn in turns.heads(conn) if _is_due(turn) and turn.thread not in held]
            taken: list[Held] = []
            for turn in free[: max(0, limit - len(held))]:
                row = insert(HOLDS).values(thread=turn.thread, worker=worker).returning(HOLDS.c.number)
                taken.append(Held(turn, conn.execute(row).scalar_one()))
            return taken

    def let_go(self, number: int) -> None:
        with self._transaction() as conn:
            conn.execute(delete(HOLDS).where(HOLDS.c.number == number))
            self._nudge(conn)

    def numbers(self) -> Sequence[int]:
        """Of all holds there are."""
        with self._transaction() as conn:
            return conn.scalars(select(HOLDS.c.number)).all()

    def close(self) -> None:
        self._engine.dispose()


def _is_due(turn: Turn) -> bool:
    """Also one that waits, when the person wants it ended: no worker is at it that could hear of that."""
    return turn.state != "waiting" or turn.stopping
