"""Connections lent out to whoever asks, in whichever thread, also while and after all is closed."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from maquette.store import dialects


class Lending:
    """Of one engine. What is given back once this is closed is closed then: nobody else would."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._closed = False

    @contextmanager
    def connection(self) -> Generator[Connection]:
        pool = self._engine.pool
        try:
            with dialects.troubles(), self._engine.connect() as conn:
                yield conn
        finally:
            if self._closed:
                pool.dispose()
                self._engine.dispose()

    def close(self) -> None:
        self._closed = True
        self._engine.dispose()
