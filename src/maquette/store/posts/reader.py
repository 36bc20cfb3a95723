"""Reads sources into the store of posts, one at a time each, and says in the log what came of it."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import aclosing, suppress
from datetime import UTC, datetime
from pathlib import Path

from maquette.domain.errors import Bug, MaquetteError, Refused
from maquette.domain.events import SourceRead
from maquette.domain.posts import Source, Taken
from maquette.kinds.connectors import Connector, Hearing, Means
from maquette.kinds.sandboxes import Sandbox
from maquette.store.posts.posts import Posts
from maquette.store.projections import sources
from maquette.store.store import Store

SLOWEST = 300.0
"""Seconds that a report waits for its sources; what had come by then is kept."""


class Reader:
    """Of one base. What a source has may be read while turns run: each batch is a transaction of its own."""

    def __init__(
        self,
        store: Store,
        posts: Posts,
        connectors: Mapping[str, Connector],
        sandbox: Sandbox,
        state: Path,
        secret: Callable[[str], str],
    ) -> None:
        """`connectors` by kind; `secret` gives a source's by its id, and blocks."""
        self._store, self.posts, self.connectors = store, posts, connectors
        self._sandbox, self._state, self._secret = sandbox, state, secret
        self._over: dict[str, asyncio.Event] = {}
        self.progress: dict[str, str] = {}
        """Of those that are being read, by id: how far that is, to a person."""

    def connector(self, source: Source) -> Connector:
        """Refused: `unknown-connector`."""
        found = self.connectors.get(source.kind)
        if found is None:
            kinds = ", ".join(sorted(self.connectors))
            raise Refused(f"No connector reads {source.kind!r}. There are: {kinds}.", code="unknown-connector")
        return found

    async def read(self, source: Source) -> SourceRead:
        """All that came, changed or went since the last time; what went wrong is in it, and in the log.

        Refused: `being-read`, `unknown-connector`. A cancellation keeps what had come.
        """
        connector = self.connector(source)
        if source.id in self.progress:
            raise Refused(f"{source.name} is being read just now.", code="being-read")
        self.progress[source.id], self._over[source.id] = "begun", asyncio.Event()
        taken, left_out, error = Taken(), Counter[str](), ""
        try:
            cursor = await asyncio.to_thread(self.posts.cursor, source.id)
            with tempfile.TemporaryDirectory(dir=self._state, prefix="reading-") as scratch:
                means = Means(self._sandbox, Path(scratch), lambda: self._secret(source.id))
                async with aclosing(connector.read(source, cursor, means)) as batches:
                    async for batch in batches:
                        taken = taken.plus(await asyncio.to_thread(self.posts.take, source.id, batch))
                        left_out.update(batch.left_out)
                        self.progress[source.id] = batch.progress or "at its end"
        except MaquetteError as failed:
            error = str(failed)
        except OSError as failed:
            error = f"{source.at} can't be read: {failed.strerror or failed}."
        except Exception as failed:
            error = str(Bug(f"{source.kind} failed at what it read: {type(failed).__name__}."))
        finally:
            del self.progress[source.id]
            self._over.pop(source.id).set()
        came = SourceRead(**taken._asdict(), left_out=dict(left_out), error=error)
        await self._store.log.append(source.id, came)
        return came

    async def read_all(self) -> list[str]:
        """Every source; what could not be read to its end, in words. One that is being read already is waited for."""
        known = [one.source for one in await self._store.query(sources.sources)]
        unread = {one.name: f"{one.name}: not read within {SLOWEST:.0f} seconds" for one in known}

        async def read(source: Source) -> None:
            error = ""
            if (over := self._over.get(source.id)) is not None:
                await over.wait()
            else:
                try:
                    error = (await self.read(source)).error
                except MaquetteError as refused:  # it was begun elsewhere, or nothing reads that kind any more
                    error = str(refused)
            del unread[source.name]
            if error:
                unread[source.name] = f"{source.name}: {error}"

        with suppress(TimeoutError):
            async with asyncio.timeout(SLOWEST):
                await asyncio.gather(*map(read, known))
        return list(unread.values())

    async def hear(self, source: Source, event: str, body: bytes) -> Taken:
        """Takes what was sent for a source, after whoever checked its signature. Refused: `odd-payload`,
        `hears-nothing`.
        """
        connector = self.connector(source)
        if not isinstance(connector, Hearing):
            raise Refused(f"To {source.name} nothing can be sent: it is only read.", code="hears-nothing")
        told = connector.heard(source, event, body, datetime.now(UTC))
        return await asyncio.to_thread(self.posts.add, source.id, told)
