"""Other processes on the same log, in a Postgres database: what each commits, lets pass by or lets go of is heard.

Each says it by NOTIFY within the transaction, so it is heard in the order of commits. What is committed here and
comes right after all that was heard is told at once; else it waits for what came before it.
"""

from __future__ import annotations

import json
import logging
import os
import select
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from itertools import count
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection

from maquette.domain.events import Entry

CHANNEL = "maquette"
AGAIN = 0.2
"""Seconds until a server that went away is tried again."""
QUIET = 30.0
"""Seconds of silence after which the connection is tried."""
_PAGE = 1_000
_MOST = 7_900
"""Bytes of a NOTIFY, a little under Postgres's own limit."""
_NAMED = 1_000
"""Characters of a name that fit into one with something to say: a call's id is its model's, however long."""
_NOTIFY = "SELECT pg_notify(%s, %s)"

Which = tuple[str, str, str, str | None]
"""Stream, kind, turn and call of what passes by."""

_LOGGER = logging.getLogger(__name__)


class Neighbours:
    """One a process. `read` gives the log's entries above a cursor, `tell` hands on what is new, in order."""

    def __init__(
        self, address: str, read: Callable[[int, int], list[Entry]], tell: Callable[[list[Entry]], None]
    ) -> None:
        self._address, self._read, self._tell = address, read, tell
        self._me, self._numbers = token_hex(4), count()
        self._lock = threading.Lock()
        self._told = 0
        self._own: dict[int, list[Entry]] = {}
        self._passing: dict[Which, list[str]] = {}
        self._passing_lock = threading.Lock()
        self.overheard: Callable[[Which, str], None] = lambda _which, _text: None
        self.nudged: Callable[[], None] = lambda: None
        self._ends, self._end = os.pipe()
        self._closed = False
        self._conn = self._listening()
        self._thread = threading.Thread(target=self._run, name="maquette-neighbours", daemon=True)

    def start(self, told: int) -> None:
        """From here on; `told` is the log's cursor, read after this was made."""
        self._told = told
        self._thread.start()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            os.close(self._end)
            self._thread.join()
            os.close(self._ends)

    def own(self, entries: list[Entry]) -> None:
        """Tell of what was committed here, in its turn."""
        with self._lock:
            if entries[0].cursor == self._told + 1:
                self._hand_on(entries)
            elif entries[0].cursor > self._told:
                self._own[entries[0].cursor] = entries

    def announce(self, conn: Connection, entries: Sequence[Entry]) -> None:
        """In the transaction that commits them, after what passed by before them."""
        notes = [*self._taken(), self._note("entries", entries[0].cursor, entries[-1].cursor)]
        self._notify(conn, notes)

    def pass_by(self, which: Which, text: str) -> bool:
        """To be uttered soon; whether it is the first since the last time. Not what is named too long to be said."""
        if sum(len(name or "") for name in which) > _NAMED:
            return False
        with self._passing_lock:
            first = not self._passing
            self._passing.setdefault(which, []).append(text)
            return first

    def utter(self, conn: Connection) -> None:
        """What has passed by and wasn't said yet."""
        if notes := self._taken():
            conn.exec_driver_sql("SET LOCAL synchronous_commit = off")
            self._notify(conn, notes)

    def nudge(self, conn: Connection) -> None:
        """Tell the others that something was let go of."""
        self._notify(conn, [self._note("nudge")])

    def _taken(self) -> list[str]:
        with self._passing_lock:
            taken, self._passing = self._passing, {}
        said = ((which, "".join(texts)) for which, texts in taken.items())
        return [note for which, text in said for note in self._pieces(which, text)]

    def _pieces(self, which: Which, text: str) -> Iterator[str]:
        note = self._note("passing", *which, text)
        if len(note.encode(errors="replace")) <= _MOST:
            yield note.encode(errors="replace").decode()
        else:
            yield from self._pieces(which, text[: len(text) // 2])
            yield from self._pieces(which, text[len(text) // 2 :])

    def _note(self, *what: Any) -> str:
        """Each is another: of equal ones in a transaction Postgres drops all but one."""
        return json.dumps([self._me, next(self._numbers), *what], ensure_ascii=False, separators=(",", ":"))

    def _notify(self, conn: Connection, notes: Sequence[str]) -> None:
        with closing(conn.connection.cursor()) as cursor:
            for note in notes:
                cursor.execute(_NOTIFY, (CHANNEL, note))

    def _listening(self) -> Any:
        import psycopg

        conn = psycopg.connect(self._address, autocommit=True, connect_timeout=5)
        try:
            conn.execute(f"LISTEN {CHANNEL}")
        except Exception:
            conn.close()
            raise
        return conn

    def _run(self) -> None:
        while not self._closed:
            try:
                if self._conn is None:
                    self._conn = self._listening()
                    self._catch_up()
                    self.nudged()
                self._hear(self._conn)
            except Exception as error:
                if self._closed:
                    break
                if self._conn is not None:
                    _LOGGER.warning("the database server is not to be heard: %s", error)
                self._let_go()
                _ready([self._ends], AGAIN)
        self._let_go()

    def _let_go(self) -> None:
        conn, self._conn = self._conn, None
        if conn is not None:
            with suppress(Exception):
                conn.close()

    def _hear(self, conn: Any) -> None:
        """Until closed; raises when the server goes away."""
        heard: deque[str] = deque()
        server = conn.pgconn.socket
        while not self._closed:
            while (note := conn.pgconn.notifies()) is not None:
                heard.append(note.extra.decode())
            while heard:
                self._take(json.loads(heard.popleft()))
            ready = _ready([server, self._ends], QUIET)
            if not ready:
                conn.execute("SELECT 1")
                self._catch_up()
            elif server in ready:
                conn.pgconn.consume_input()

    def _take(self, note: list[Any]) -> None:
        match note:
            case [_, _, "entries", int(first), int(last)]:
                self._heard(first, last)
            case [by, _, "passing", stream, kind, turn, call, text] if by != self._me:
                self.overheard((stream, kind, turn, call), text)
            case [by, _, "nudge"] if by != self._me:
                self.nudged()
            case _:
                pass

    def _heard(self, first: int, last: int) -> None:
        with self._lock:
            if first == self._told + 1 and first in self._own:
                self._hand_on(self._own.pop(first))
            # No further, for what passed by before what comes later is yet to be heard.
            while last > self._told and (page := self._read(self._told, min(last - self._told, _PAGE))):
                self._hand_on(page)

    def _catch_up(self) -> None:
        with self._lock:
            while page := self._read(self._told, _PAGE):
                self._hand_on(page)

    def _hand_on(self, entries: list[Entry]) -> None:
        self._told = entries[-1].cursor
        self._tell(entries)
        for first in [first for first in self._own if first <= self._told]:
            del self._own[first]


def _ready(files: Sequence[int], seconds: float) -> list[int]:
    """Which of them have something to be read, at the latest when the time is over. (select takes none above 1,023.)"""
    poll = select.poll()
    for file in files:
        poll.register(file, select.POLLIN)
    return [file for file, _ in poll.poll(seconds * 1000)]
