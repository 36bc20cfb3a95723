"""How long connections are waited for, and how many: asking by halves costs less than being held does."""

from __future__ import annotations

import asyncio
from typing import cast

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

PATIENCE = 30.0
"""Seconds for the head of a request, and of silence in its body."""
WAITING = 100
"""Connections that owe us something at once; when there is one more, that goes which has been silent longest."""


class Patient(H11Protocol):
    """A connection. uvicorn itself gives up only on who has been answered and says nothing more."""

    _heard = 0.0
    _over: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        super().connection_made(transport)
        self._wait()
        waiting = [one for one in cast("set[object]", self.connections) if isinstance(one, Patient) and one.owes]
        if len(waiting) > WAITING:
            min(waiting, key=lambda one: one._heard).transport.abort()

    def data_received(self, data: bytes) -> None:
        head = self._owes_head
        super().data_received(data)
        if head and self._owes_head and self._over is not None:
            self._heard = self.loop.time()  # but byte by byte it has no longer for that
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._wait_no_more()

    @property
    def owes(self) -> bool:
        """A request, or the rest of one."""
        return self._owes_head or self.cycle.more_body

    @property
    def _owes_head(self) -> bool:
        cycle = cast("RequestResponseCycle | None", self.cycle)
        return cycle is None or cycle.response_complete

    def _wait(self) -> None:
        self._wait_no_more()
        self._heard = self.loop.time()
        if self.owes:
            self._over = self.loop.call_later(PATIENCE, self._give_up)

    def _wait_no_more(self) -> None:
        if self._over is not None:
            self._over.cancel()
            self._over = None

    def _give_up(self) -> None:
        if self.flow.read_paused:
            self._wait()  # it is we who haven't read what it sent
        elif self.owes:
            self.transport.abort()
