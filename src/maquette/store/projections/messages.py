"""What was said, to be found again: messages of the person, answers of models, titles."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, cast

from sqlalchemy import Column, Connection, Index, Table, Text, bindparam, select

from maquette.domain.events import (
    AnswerGiven,
    AnswerInterrupted,
    Entry,
    MessageChanged,
    MessageSent,
    MessageWithdrawn,
    ThreadSet,
    ThreadStarted,
)
from maquette.domain.terms import UNSPACED
from maquette.store import dialects
from maquette.store.moments import micros, moment
from maquette.store.projections.threads import THREADS
from maquette.store.rows import Prepared, Row, Rows
from maquette.store.schema import BIG, ENTRIES, METADATA

Who = Literal["person", "model", "title"]

MESSAGES = Table(
    "messages",
    METADATA,
    Column("cursor", BIG, primary_key=True, autoincrement=False),
    Column("thread", Text, nullable=False),
    Column("position", BIG, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", BIG, nullable=False),
    Column("text", Text, nullable=False),
)
TABLES = (MESSAGES,)
EVENTS = (MessageSent, MessageChanged, MessageWithdrawn, AnswerGiven, AnswerInterrupted, ThreadStarted, ThreadSet)
Index("messages_thread", MESSAGES.c.thread, MESSAGES.c.who)
dialects.index_words(MESSAGES)
_ROWS = Rows(MESSAGES)
_RENAME = Prepared.updating(MESSAGES, "text", "thread", "who")
_TITLES = Prepared(
    select(MESSAGES.c.cursor).where(MESSAGES.c.thread == bindparam("thread"), MESSAGES.c.who == bindparam("who"))
)

_MEND = Prepared.updating(MESSAGES, "text", "cursor")
_SAID = Prepared(
    select(ENTRIES.c.cursor).where(ENTRIES.c.stream == bindparam("stream"), ENTRIES.c.once == bindparam("once"))
)

START, END = "\x02", "\x03"
"""Around each word found in a snippet. They never occur in the text itself."""
_NO_MARKS = str.maketrans("", "", START + END)
_LONGEST = 1_000
"""Characters of a query that are looked at."""
_AROUND = 60
"""Characters shown before what a plain scan found."""


@dataclass(frozen=True)
class Found:
    """A place where it was said. `title` is the thread's; `snippet` has START and END around the words found."""

    thread: str
    title: str
    position: int
    who: Who
    at: datetime
    snippet: str

    @property
    def pieces(self) -> list[tuple[str, bool]]:
        """The snippet in pieces, each with whether it was found."""
        parts = re.split(f"[{START}{END}]", self.snippet)
        return [(part, number % 2 == 1) for number, part in enumerate(parts) if part]


def apply(conn: Connection, entries: Sequence[Entry]) -> None:
    rows: dict[int, Row] = {}
    for entry in entries:
        match entry.event:
            case MessageSent(text=text):
                _say(rows, entry, "person", text)
            case AnswerGiven(answer=answer):
                _say(rows, entry, "model", answer.text)
            case AnswerInterrupted(text=text):
                _say(rows, entry, "model", text)
            case ThreadStarted(title=title):
                _say(rows, entry, "title", title)
            case MessageChanged(id=id, text=text):
                _put(conn, rows)
                rows.clear()
                _mend(conn, entry.stream, id, text)
            case MessageWithdrawn(id=id):
                _put(conn, rows)
                rows.clear()
                _mend(conn, entry.stream, id, "")
            case ThreadSet(title=title) if title is not None:
                _put(conn, rows)
                rows.clear()
                _rename(conn, entry.stream, title.translate(_NO_MARKS))
            case _:
                pass
    _put(conn, rows)


def _put(conn: Connection, rows: Mapping[int, Row]) -> None:
    _ROWS.put(conn, rows.values())
    dialects.put_words(conn, MESSAGES, [(row["cursor"], row["text"]) for row in rows.values()])


def _rename(conn: Connection, thread: str, title: str) -> None:
    _RENAME.run(conn, {"of_thread": thread, "of_who": "title", "to_text": title})
    titles = _TITLES.run(conn, {"thread": thread, "who": "title"})
    dialects.put_words(conn, MESSAGES, [(cursor, title) for (cursor,) in titles])


def _mend(conn: Connection, thread: str, message: str, text: str) -> None:
    """What was changed or taken back is found as it is now."""
    for (cursor,) in _SAID.run(conn, {"stream": thread, "once": f"message:{message}"}):
        if _ROWS.get(conn, cursor) is not None:
            said = text.translate(_NO_MARKS)
            _MEND.run(conn, {"of_cursor": cursor, "to_text": said})
            dialects.put_words(conn, MESSAGES, [(cursor, said)])


def _say(rows: dict[int, Row], entry: Entry, who: Who, text: str) -> None:
    if text.strip() or who == "title":
        rows[entry.cursor] = {
            "cursor": entry.cursor,
            "thread": entry.stream,
            "position": entry.position,
            "who": who,
            "at": micros(entry.at),
            "text": text.translate(_NO_MARKS),
        }


def search(conn: Connection, query: str, limit: int = 20) -> list[Found]:
    """Messages with every word of `query`, best and newest first. Any text will do; "in quotes" is a phrase.

    The last word may be only begun. Scripts without spaces between words are looked for as they stand.
    """
    now = micros(datetime.now(UTC))
    query = query[:_LONGEST].encode(errors="ignore").decode()
    if UNSPACED.search(query):
        return _scan(conn, query.replace('"', " ").split(), limit)
    terms = dialects.terms(query)
    if not terms:
        return []
    return [_found(*row) for row in dialects.search_words(conn, MESSAGES, THREADS, terms, (START, END), now, limit)]


def _scan(conn: Connection, words: Sequence[str], limit: int) -> list[Found]:
    chosen = select(MESSAGES, THREADS.c.title).join(THREADS, THREADS.c.id == MESSAGES.c.thread, isouter=True)
    chosen = chosen.where(*[MESSAGES.c.text.icontains(word, autoescape=True) for word in words])
    rows = conn.execute(chosen.order_by(MESSAGES.c.cursor.desc()).limit(limit))
    return [_found(row.thread, row.title, row.position, row.who, row.at, _marked(row.text, words)) for row in rows]


def _marked(text: str, words: Sequence[str]) -> str:
    pattern = re.compile("|".join(re.escape(word) for word in words), re.IGNORECASE)
    first = pattern.search(text)
    begin = max(0, first.start() - _AROUND) if first else 0
    cut = text[begin : begin + 3 * _AROUND]
    marked = pattern.sub(lambda match: f"{START}{match[0]}{END}", cut)
    return f"{'…' if begin else ''}{marked}{'…' if begin + len(cut) < len(text) else ''}"


def _found(thread: str, title: str | None, position: int, who: str, at: int, snippet: Any) -> Found:
    return Found(thread, title or "", position, cast(Who, who), moment(at), str(snippet))
