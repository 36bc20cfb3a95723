"""The store of posts: one writer at a time; whoever reads sees what was committed. All of it blocks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, inspect, select

from maquette.domain.errors import Refused
from maquette.domain.posts import Author, Channel, Glance, Gone, Post, Sought, Taken
from maquette.kinds.connectors import Batch
from maquette.store import dialects
from maquette.store.dialects import Place
from maquette.store.lending import Lending
from maquette.store.moments import micros
from maquette.store.posts import reading, taking
from maquette.store.posts.tables import ABOUT, METADATA, SOURCES, VERSION
from maquette.store.posts.taking import Names, Taking

T = TypeVar("T")

NAME = "posts"
"""Of the file beside the log's, and of the schema."""
_PAGE = 20_000


class Posts:
    """What sources told. One process writes to a file; any number to a database, one after another.

    The place is made when it is first asked, so a base without sources has none. Anything may raise what opening does:
    Refused `newer-state`, `state-read-only`, `no-database`; Unwritable.
    """

    def __init__(self, where: Place) -> None:
        self.where = where
        self._reading = Lending(dialects.reading_engine(where))
        self._writing = dialects.writing_engine(where)
        self._lock, self._ready = threading.RLock(), False
        self._names = Names()

    @classmethod
    def beside(cls, log: Place) -> Posts:
        """Those that lie beside a log."""
        return cls(dialects.beside(log, NAME))

    def close(self) -> None:
        """Readers first: the writer must be the last to leave."""
        self._reading.close()
        self._writing.dispose()

    def take(self, source: str, batch: Batch) -> Taken:
        """Keeps a batch and the cursor that follows it, both or neither. The same batch again changes nothing."""

        def take(conn: Connection) -> tuple[Taken, Names]:
            return Taking(conn, self._names, source).take(batch)

        taken, self._names = self._write(take)
        return taken

    def add(self, source: str, told: Sequence[Post | Gone]) -> Taken:
        """The same of what came by itself: the source is read on from where it was."""
        with self._lock:
            return self.take(source, Batch(told, self.cursor(source)))

    def forget(self, source: str) -> None:
        """All that was read of a source, and where it was to be read on."""
        self._write(lambda conn: taking.forget(conn, source))

    def cursor(self, source: str) -> str:
        """Where a source is to be read on; "" at its beginning."""
        return self._ask(lambda conn: conn.scalar(select(SOURCES.c.cursor).where(SOURCES.c.source == source))) or ""

    def between(self, start: datetime, end: datetime) -> Iterator[Glance]:
        """What was written from `start` up to but not at `end` and isn't gone, in order of time."""
        at, number, last = micros(start), 0, micros(end)
        while page := self._ask(lambda conn, at=at, number=number: reading.between(conn, at, number, last, _PAGE)):
            yield from (glance for glance in page if not glance.marks & reading.GONE)
            at, number = page[-1].at, page[-1].number

    def texts(self, numbers: Iterable[int]) -> dict[int, str]:
        """By number, each with its title on a line before it. Of those that are gone: none."""
        return self._ask(lambda conn: reading.texts(conn, numbers))

    def posts(self, numbers: Iterable[int]) -> dict[int, Post]:
        """By number, whole. Of those that are gone: none."""
        return self._ask(lambda conn: reading.posts(conn, numbers))

    def find(self, ids: Iterable[str]) -> dict[str, Post]:
        """By id, whole. Of those that are gone or unknown: none."""
        return self._ask(lambda conn: reading.find(conn, ids))

    def numbers(self, ids: Iterable[str]) -> dict[str, int]:
        """By id, those that are gone among them."""
        return self._ask(lambda conn: reading.numbers(conn, ids))

    def search(self, query: str, limit: int = 20) -> list[Sought]:
        """Posts with every word of `query`, best first. Any text will do; "in quotes" is a phrase."""
        return self._ask(lambda conn: reading.search(conn, query, limit))

    def channels(self) -> list[Channel]:
        return self._ask(reading.channels)

    def authors(self) -> list[Author]:
        return self._ask(reading.authors)

    def frequencies(self, terms: Iterable[int]) -> dict[int, int]:
        """How many posts had each of these terms when they came; none: it isn't there."""
        return self._ask(lambda conn: reading.frequencies(conn, terms))

    def count(self, source: str | None = None) -> int:
        """How many are kept, of a source or in all."""
        return sum(channel.posts for channel in self.channels() if source in (None, channel.source))

    def _ask(self, question: Callable[[Connection], T]) -> T:
        self._make_ready()
        with self._reading.connection() as conn:
            return question(conn)

    def _write(self, do: Callable[[Connection], T]) -> T:
        """Once more where the server went away, or ended what was left alone for too long: twice is as good as once."""
        self._make_ready()
        with self._lock, dialects.troubles():
            try:
                return self._within(do)
            except Exception as error:
                if not dialects.lost(error):
                    raise
            return self._within(do)

    def _within(self, do: Callable[[Connection], T]) -> T:
        with self._writing.connect() as conn, conn.begin():
            dialects.take_turn_beside(conn)
            return do(conn)

    def _make_ready(self) -> None:
        if not self._ready:
            with self._lock, dialects.troubles():
                dialects.make_file(self.where)
                self._within(_make)
                self._ready = True


def _make(conn: Connection) -> None:
    dialects.make_beside(conn, NAME)
    if not inspect(conn).has_table(ABOUT.name):
        METADATA.create_all(conn)
        conn.execute(ABOUT.insert(), [{"name": "version", "value": VERSION}])
    version = conn.scalar(select(ABOUT.c.value).where(ABOUT.c.name == "version"))
    if version != VERSION:
        why = f"A newer version of Maquette kept the posts (theirs is {version}, this knows {VERSION}); upgrade."
        raise Refused(why, code="newer-state")
