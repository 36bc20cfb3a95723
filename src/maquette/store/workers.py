"""Workers on one log, and which of them holds which thread: the engine's own tables, in a Postgres database.

No fact of a thread is here; those are in the log. A row here only says whose turn it is to work on one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from sqlalchemy import (
    Column,
    ColumnElement,
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
from maquette.store.lending import Lending
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
class Worker:
    """A process that runs turns. `host` says where `pid` is one."""

    id: str
    host: str
    pid: int


class Workers:
    """What workers ask of the tables. Everything blocks."""

    lease = LEASE

    def __init__(self, address: str, nudge: Callable[[Connection], None]) -> None:
        """`nudge` tells the other workers, in a transaction, that something was let go of."""
        self._nudge = nudge
        self._lending = Lending(dialects.writing_engine(address))

    @property
    def _expired(self) -> ColumnElement[datetime]:
        return _NOW - text(f"interval '{self.lease} seconds'")

    @contextmanager
    def _transaction(self, *, durable: bool = False) -> Generator[Connection]:
        with self._lending.connection() as conn, conn.begin():
            if not durable:
                conn.exec_driver_sql("SET LOCAL synchronous_commit = off")
            yield conn

    def enlist(self, worker: Worker) -> None:
        with self._transaction(durable=True) as conn:
            row = insert_or_nothing(WORKERS).values(id=worker.id, host=worker.host, pid=worker.pid, seen=_NOW)
            conn.execute(row.on_conflict_do_nothing())

    def beat(self, worker: str) -> bool:
        """A sign of life; False when the others took it for dead."""
        with self._transaction() as conn:
            return conn.execute(update(WORKERS).where(WORKERS.c.id == worker).values(seen=_NOW)).rowcount > 0

    def leave(self, worker: str) -> None:
        """With all it holds."""
        with self._transaction() as conn:
            conn.execute(delete(WORKERS).where(WORKERS.c.id == worker))
            self._nudge(conn)

    def bury(self, host: str, lives: Callable[[int], bool], *, late: bool) -> bool:
        """Strike off the dead: whose process on this host is gone, and if `late`, who gave no sign of life in time.

        What they held is free.
        """
        with self._transaction() as conn:
            chosen = select(WORKERS.c.id, WORKERS.c.host, WORKERS.c.pid, WORKERS.c.seen < self._expired)
            dead = [
                id
                for id, at, pid, expired in conn.execute(chosen)
                if (late and expired) or (at == host and not lives(pid))
            ]
            if dead:
                conn.execute(delete(WORKERS).where(WORKERS.c.id.in_(dead)))
                self._nudge(conn)
            return bool(dead)

    def alive(self) -> list[Worker]:
        chosen = select(WORKERS.c.id, WORKERS.c.host, WORKERS.c.pid).where(WORKERS.c.seen >= self._expired)
        with self._transaction() as conn:
            return [Worker(*row) for row in conn.execute(chosen.order_by(WORKERS.c.id))]

    def take(self, worker: str, limit: int, kept: Collection[int]) -> list[tuple[Turn, int]]:
        """Let go of what it held but for `kept`; then hold threads with something due, until all hold `limit`.

        The longest due first; none takes more than its share of the limit, so that all who live have something to do.
        Each turn taken comes with the number of its hold, which is another each time.
        """
        with self._transaction(durable=True) as conn:
            conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ORDER})")
            over = delete(HOLDS).where(HOLDS.c.worker == worker, HOLDS.c.number.not_in(kept))
            freed = conn.execute(over).rowcount
            held = set(conn.scalars(select(HOLDS.c.thread)))
            free = [turn for turn in turns.heads(conn) if _is_due(turn) and turn.thread not in held]
            taken: list[tuple[Turn, int]] = []
            alive = conn.scalar(select(func.count()).where(WORKERS.c.seen >= self._expired)) or 1
            room = min(limit - len(held), ceil(limit / alive) - len(kept))
            for turn in free[: max(0, room)]:
                row = insert(HOLDS).values(thread=turn.thread, worker=worker).returning(HOLDS.c.number)
                taken.append((turn, conn.execute(row).scalar_one()))
            if freed and len(taken) < len(free):
                self._nudge(conn)
            return taken

    def numbers(self) -> Sequence[int]:
        """Of all holds there are."""
        with self._transaction() as conn:
            return conn.scalars(select(HOLDS.c.number)).all()

    def close(self) -> None:
        self._lending.close()


def _is_due(turn: Turn) -> bool:
    """Also one that waits, when the person wants it ended: no worker is at it that could hear of that."""
    return turn.state != "waiting" or turn.stopping
