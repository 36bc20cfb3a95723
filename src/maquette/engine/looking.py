"""Who looks at the log whenever it has grown by what matters, and does what is to be done by then."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from contextlib import suppress

from maquette.domain.errors import Unavailable
from maquette.domain.events import Entry, EventFact
from maquette.store import Conflict
from maquette.store.log import Log

log = logging.getLogger(__name__)


class Looking(ABC):
    """Finds out from the log anew each time what is to be done. Who else looks at the same log does no harm."""

    TELLING: tuple[type[EventFact], ...]
    """After which there may be something to do."""
    AGAIN = 1.0
    """Seconds until the next look, when one broke."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._looking: asyncio.Task[None] | None = None
        self._again = self._open = False

    def open(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._open = True
        self._log.listen(self._heard)
        self.look()

    def look(self) -> asyncio.Task[None] | None:
        """Do all that is to be done by now."""
        self._again = True
        if self._open and (self._looking is None or self._looking.done()):
            self._looking = self._loop.create_task(self._look())
        return self._looking

    async def close(self) -> None:
        self._open = False
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    def look_later(self, wait: float | None = None) -> None:
        """In so many seconds; left out, in `AGAIN`."""
        self._loop.call_later(self.AGAIN if wait is None else wait, self.look)

    @abstractmethod
    async def see_to_all(self) -> None:
        """One look. After a `Conflict` it is looked at once again; when it breaks, later."""

    def _heard(self, entries: list[Entry]) -> None:
        """In the log's own thread."""
        if self._open and any(isinstance(entry.event, self.TELLING) for entry in entries):
            with suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(self.look)

    async def _look(self) -> None:
        while self._again and self._open:
            self._again = False
            try:
                await self.see_to_all()
            except Conflict:  # something came in between, or another worker did it
                self._again = True
            except Unavailable as error:  # no server, say
                log.warning("%s could not be looked for: %s", type(self).__name__, error)
                self.look_later()
            except Exception:
                log.exception("%s could not be seen to", type(self).__name__)
                self.look_later()
