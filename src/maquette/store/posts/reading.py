"""Questions to the store of posts. What may be asked of a million goes straight to the driver."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, select, tuple_

from maquette.domain.posts import Author, Channel, Glance, Mark, Post, Sought
from maquette.domain.terms import UNSPACED
from maquette.store import dialects
from maquette.store.dialects.words import snippet
from maquette.store.moments import moment
from maquette.store.posts.tables import AUTHORS, CHANNELS, GLANCES, POSTS, TERMS
from maquette.store.posts.taking import several
from maquette.store.rows import Prepared

START, END = "\x02", "\x03"
"""Around each word found in a snippet."""
_NO_MARKS = str.maketrans("", "", START + END)
_LONGEST = 1_000
"""Characters of a query that are looked at."""
GONE = Mark.GONE.value

_BETWEEN = Prepared(
    select(GLANCES)
    .where(GLANCES.c.at < bindparam("last"))
    .where(tuple_(GLANCES.c.at, GLANCES.c.number) > tuple_(bindparam("at"), bindparam("number")))
    .order_by(GLANCES.c.at, GLANCES.c.number)
    .limit(bindparam("many"))
    .offset(bindparam("past"))
)
_WHOLE = (
    select(
        POSTS.c.number,
        POSTS.c.id,
        CHANNELS.c.source,
        CHANNELS.c.name.label("channel"),
        AUTHORS.c.name.label("author"),
        GLANCES.c.at,
        GLANCES.c.marks,
        POSTS.c.titled,
        POSTS.c.text,
        POSTS.c.rest,
    )
    .join(GLANCES, GLANCES.c.number == POSTS.c.number)
    .join(CHANNELS, CHANNELS.c.number == GLANCES.c.channel)
    .join(AUTHORS, AUTHORS.c.number == GLANCES.c.author)
    .where(GLANCES.c.marks < GONE)
)
"""The mark of what is gone is the highest."""


def between(conn: Connection, at: int, number: int, last: int, many: int) -> list[Glance]:
    """After this place in the order of time and number."""
    return list(
        map(Glance._make, _BETWEEN.run(conn, {"at": at, "number": number, "last": last, "many": many, "past": 0}))
    )


def texts(conn: Connection, numbers: Iterable[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    chosen = select(POSTS.c.number, POSTS.c.text).join(GLANCES, GLANCES.c.number == POSTS.c.number)
    for some in several(numbers):
        rows = conn.execute(chosen.where(POSTS.c.number.in_(some), GLANCES.c.marks < GONE))
        found.update({number: text for number, text in rows})
    return found


def posts(conn: Connection, numbers: Iterable[int]) -> dict[int, Post]:
    found: dict[int, Post] = {}
    for some in several(numbers):
        found |= {row.number: _post(row) for row in conn.execute(_WHOLE.where(POSTS.c.number.in_(some)))}
    return found


def find(conn: Connection, ids: Iterable[str]) -> dict[str, Post]:
    found: dict[str, Post] = {}
    for some in several(ids):
        found |= {row.id: _post(row) for row in conn.execute(_WHOLE.where(POSTS.c.id.in_(some)))}
    return found


def numbers(conn: Connection, ids: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in several(ids):
        chosen = select(POSTS.c.id, POSTS.c.number).where(POSTS.c.id.in_(some))
        found.update({id: number for id, number in conn.execute(chosen)})
    return found


def search(conn: Connection, query: str, limit: int) -> list[Sought]:
    """The last word may be only begun. Scripts without spaces between words are looked for as they stand."""
    query = query[:_LONGEST].encode(errors="ignore").decode()
    terms = dialects.terms(query)
    if not terms:
        return []
    if UNSPACED.search(query):
        chosen = select(POSTS.c.number).order_by(POSTS.c.number.desc()).limit(limit)
        words = query.replace('"', " ").split()
        keys: Sequence[int] = conn.scalars(
            chosen.where(*[POSTS.c.text.icontains(word, autoescape=True) for word in words])
        ).all()
    else:
        keys = dialects.find_words(conn, POSTS, terms, limit)
    found, said = posts(conn, keys), texts(conn, keys)
    return [
        Sought(found[key], snippet(said[key].translate(_NO_MARKS), terms, (START, END))) for key in keys if key in found
    ]


def channels(conn: Connection) -> list[Channel]:
    chosen = select(CHANNELS).order_by(CHANNELS.c.number)
    return list(map(Channel._make, conn.execute(chosen)))


def authors(conn: Connection) -> list[Author]:
    return list(map(Author._make, conn.execute(select(AUTHORS).order_by(AUTHORS.c.number))))


def frequencies(conn: Connection, terms: Iterable[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for some in several(terms):
        found.update({term: posts for term, posts in conn.execute(select(TERMS).where(TERMS.c.term.in_(some)))})
    return found


def _post(row: Any) -> Post:
    rest: dict[str, Any] = orjson.loads(row.rest) if row.rest else {}
    text: str = row.text
    return Post(
        id=row.id,
        source=row.source,
        channel=row.channel,
        author=row.author,
        at=moment(row.at),
        title=text[: row.titled - 1] if row.titled else "",
        text=text[row.titled :],
        machine=bool(row.marks & Mark.MACHINE),
        **rest,
    )
