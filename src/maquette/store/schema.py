"""The two tables that are the truth. All others are projections, and can be made again from these."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text, UniqueConstraint

METADATA = MetaData()
BIG = BigInteger().with_variant(Integer, "sqlite")
"""64 bits everywhere; SQLite keeps a row under its key only when that is spelled INTEGER."""

ENTRIES = Table(
    "entries",
    METADATA,
    Column("cursor", BIG, primary_key=True, autoincrement=False),
    Column("stream", Text, nullable=False),
    Column("position", BIG, nullable=False),
    Column("at", BIG, nullable=False),  # microseconds since 1970, UTC
    Column("once", Text),
    Column("event", Text, nullable=False),  # JSON
    UniqueConstraint("stream", "position", name="entries_place"),
)
Index(
    "entries_once",
    ENTRIES.c.stream,
    ENTRIES.c.once,
    unique=True,
    sqlite_where=ENTRIES.c.once.is_not(None),
    postgresql_where=ENTRIES.c.once.is_not(None),
)

FENCES = Table(
    "fences",
    METADATA,
    Column("stream", Text, primary_key=True),
    Column("epoch", BIG, nullable=False),  # the last one claimed
)
