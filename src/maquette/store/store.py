"""The store: the log, its feed, and questions to the projections."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from maquette.store.dialects import Place
from maquette.store.feed import Feed
from maquette.store.log import Log
from maquette.store.workers import Workers

P = ParamSpec("P")
T = TypeVar("T")


class Store:
    """One state's file or database, open."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.feed = Feed(log)
        self.workers: Workers | None = None
        """Those who share this log; None where one process has it for itself."""
        if log.neighbours is not None and isinstance(log.where, str):
            self.workers = Workers(log.where, log.neighbours.nudge)

    @classmethod
    def open(cls, where: Place) -> Store:
        """As `Log.open`."""
        return cls(Log.open(where))

    async def lasting(self, write: Callable[[], Awaitable[T]]) -> T:
        """What comes of `write`; while nothing can be written, it waits for that and is asked again."""
        return await self.log.standing.lasting(write)

    async def query(self, question: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """`question(connection, …)` in a thread: `await store.query(threads.threads, project=…)`."""
        return await asyncio.to_thread(self.query_now, question, *args, **kwargs)

    def query_now(self, question: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """The same, blocking."""
        return self.log.ask(lambda conn: question(conn, *args, **kwargs))

    def close(self) -> None:
        self.feed.close()
        if self.workers is not None:
            self.workers.close()
        self.log.close()
