"""The tables of posts: what is read often lies apart from what is long.

They are in a file of their own (in Postgres: a schema), since they are no projection of the log: they say what others
wrote elsewhere, are a hundred times its size, and come and go with their sources.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint

from maquette.store import dialects
from maquette.store.schema import BIG

METADATA = MetaData()
VERSION = "1"

ABOUT = Table("about", METADATA, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))
"""`version`; `forgettings`, how many sources were; `number` and `cursor`: the last ones given: none is given twice,
also when posts are forgotten.
"""

SOURCES = Table(
    "sources",
    METADATA,
    Column("source", Text, primary_key=True),
    Column("cursor", Text, nullable=False),
)

CHANNELS = Table(
    "channels",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("source", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("posts", Integer, nullable=False),
    Column("last", BIG, nullable=False),
    UniqueConstraint("source", "name"),
)

AUTHORS = Table(
    "authors",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False, unique=True),
    Column("posts", Integer, nullable=False),
)

TERMS = Table(
    "terms",
    METADATA,
    Column("term", BIG, primary_key=True, autoincrement=False),
    Column("posts", Integer, nullable=False),
)
"""How many posts had a term when they came; what was edited or went counts as it was."""

GLANCES = Table(
    "glances",
    METADATA,
    Column("number", BIG, primary_key=True, autoincrement=False),
    Column("cursor", BIG, nullable=False),
    Column("channel", Integer, nullable=False),
    Column("author", Integer, nullable=False),
    Column("at", BIG, nullable=False),
    Column("thread", BIG, nullable=False),
    Column("length", Integer, nullable=False),
    Column("reactions", Integer, nullable=False),
    Column("marks", Integer, nullable=False),
    Column("alike", BIG, nullable=False),
    Column("addressed", LargeBinary, nullable=False),
    Column("terms", LargeBinary, nullable=False),
)
"""In the order of `domain/posts.py::Glance`."""
Index("glances_at", GLANCES.c.at, GLANCES.c.number)
Index("glances_cursor", GLANCES.c.cursor, unique=True)
Index("glances_thread", GLANCES.c.thread)
Index("glances_channel", GLANCES.c.channel, GLANCES.c.at)

POSTS = Table(
    "posts",
    METADATA,
    Column("number", BIG, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False, unique=True),
    Column("titled", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("rest", Text, nullable=False),
)
"""`text` is the title, `titled` characters of it and one more, and then the text; `rest` is JSON of what is rarer."""
dialects.index_words(POSTS)
