"""Where posts are read from, and what came of the last reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Column, Connection, Table, Text, delete, or_, select

from maquette.domain.errors import Refused
from maquette.domain.events import Entry, SourceAdded, SourceRead, SourceRemoved
from maquette.domain.labels import Fact
from maquette.domain.posts import Source
from maquette.store.rows import Rows
from maquette.store.schema import METADATA

SOURCES = Table(
    "sources",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("standing", Text, nullable=False),  # all of it, as JSON
)
TABLES = (SOURCES,)
EVENTS = (SourceAdded, SourceRead, SourceRemoved)
_ROWS = Rows(SOURCES)


class Subscription(Fact):
    """A source, when it was read last, and what came of that; never yet: `read` is None."""

    source: Source
    added: datetime
    read: datetime | None = None
    came: SourceRead = SourceRead()


def apply(conn: Connection, entries: Sequence[Entry]) -> None:
    for entry in entries:
        match entry.event:
            case SourceAdded(source=source):
                _put(conn, Subscription(source=source, added=entry.at))
            case SourceRead() as came:
                if (row := _ROWS.get(conn, entry.stream)) is not None:
                    known = Subscription.model_validate_json(row["standing"])
                    _put(conn, known.model_copy(update={"read": entry.at, "came": came}))
            case SourceRemoved():
                conn.execute(delete(SOURCES).where(SOURCES.c.id == entry.stream))
            case _:
                pass


def _put(conn: Connection, one: Subscription) -> None:
    source = one.source
    _ROWS.put(conn, [{"id": source.id, "name": source.name, "standing": one.model_dump_json()}])


def called(conn: Connection) -> dict[str, str]:
    """What each is called, by id."""
    return {one.source.id: one.source.name for one in sources(conn)}


def by_name(text: str, called: Mapping[str, str]) -> str:
    """With the names of sources in place of their ids, as people know them."""
    for id, name in called.items():
        text = text.replace(id, name)
    return text


def sources(conn: Connection) -> list[Subscription]:
    """By name."""
    rows = conn.scalars(select(SOURCES.c.standing).order_by(SOURCES.c.name, SOURCES.c.id))
    return [Subscription.model_validate_json(row) for row in rows]


def source(conn: Connection, named: str) -> Subscription:
    """By its id or its name. Refused: `unknown-source`."""
    chosen = select(SOURCES.c.standing).where(or_(SOURCES.c.id == named, SOURCES.c.name == named))
    found = conn.scalar(chosen)
    if found is None:
        raise Refused(f"There is no source “{named}”; `maquette sources` lists those there are.", code="unknown-source")
    return Subscription.model_validate_json(found)
