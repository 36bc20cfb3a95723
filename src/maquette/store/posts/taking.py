"""How a batch is kept: what is new, what changed, what is gone, and where to read on; at one stroke."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, select, update

from maquette.domain import terms
from maquette.domain.posts import Gone, Mark, Post, Taken
from maquette.kinds.connectors import Batch, Whole
from maquette.store import dialects
from maquette.store.moments import micros
from maquette.store.posts.tables import ABOUT, AUTHORS, CHANNELS, GLANCES, POSTS, SOURCES, TERMS
from maquette.store.rows import Prepared, Row, Rows

_POSTS, _GLANCES, _SOURCES, _ABOUT = Rows(POSTS), Rows(GLANCES), Rows(SOURCES), Rows(ABOUT)
_CHANNELS, _AUTHORS = Rows(CHANNELS), Rows(AUTHORS)
_MANY = 500
_ANSWER, _ASKS, _LINKS, _CODE, _EDITED, _MACHINE, _GONE = (mark.value for mark in Mark)


def _adding(dialect: str) -> Any:
    statement = dialects.inserting(TERMS, dialect)
    more = {"posts": TERMS.c.posts + statement.excluded.posts}
    return statement.on_conflict_do_update(index_elements=["term"], set_=more)


_ADD_TERMS = Prepared(_adding)
_COUNT_CHANNEL = Prepared(
    update(CHANNELS)
    .where(CHANNELS.c.number == bindparam("of_number"))
    .values(posts=CHANNELS.c.posts + bindparam("more"), last=bindparam("to_last"))
)
_COUNT_AUTHOR = Prepared(
    update(AUTHORS).where(AUTHORS.c.number == bindparam("of_number")).values(posts=AUTHORS.c.posts + bindparam("more"))
)


@dataclass
class Names:
    """Numbers of channels and authors, as far as they were looked up, `forgettings` ago: after another one, which may
    have been another process's, they count no more.
    """

    forgettings: int = 0
    channels: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    authors: dict[str, int] = field(default_factory=dict[str, int])


def several(values: Iterable[Any]) -> Iterator[list[Any]]:
    whole = list(values)
    return (whole[n : n + _MANY] for n in range(0, len(whole), _MANY))


class Taking:
    """One batch, in the transaction of `conn`, which nobody else's comes between."""

    def __init__(self, conn: Connection, names: Names, source: str) -> None:
        self._conn, self._source = conn, source
        about = _about(conn)
        forgettings = int(about.get("forgettings", 0))
        kept = names if names.forgettings == forgettings else Names()
        self._names = Names(forgettings, dict(kept.channels), dict(kept.authors))
        self._number, self._cursor = int(about.get("number", 0)), int(about.get("cursor", 0))
        self._posts: dict[int, Row] = {}
        self._glances: dict[int, Row] = {}
        self._authors: Counter[int] = Counter()
        self._channels: Counter[int] = Counter()
        self._last: dict[int, int] = {}
        self._terms: Counter[int] = Counter()

    def take(self, batch: Batch) -> tuple[Taken, Names]:
        """What came of it, and the names as they are known once it is committed."""
        told = {post.id: post for post in batch.posts}  # what comes later counts
        posts = [post for post in told.values() if isinstance(post, Post)]
        gone = {post.id for post in told.values() if isinstance(post, Gone)}
        for whole in batch.wholes:
            gone |= self._missing(whole)
        known = {row["id"]: row for row in self._known([*told, *gone - told.keys()])}
        self._name(posts)
        new = changed = 0
        for post in posts:
            row = known.get(post.id)
            if row is None:
                self._number += 1
                self._put(self._number, post)
                self._channels[self._glances[self._number]["channel"]] += 1
                self._authors[self._glances[self._number]["author"]] += 1
                self._terms.update(terms.unpacked(self._glances[self._number]["terms"]))
                new += 1
            elif self._differs(row, post):
                self._put(row["number"], post)
                if row["marks"] & Mark.GONE:
                    self._channels[self._glances[row["number"]]["channel"]] += 1
                    self._authors[self._glances[row["number"]]["author"]] += 1
                changed += 1
        going = [row for id in gone if (row := known.get(id)) is not None and not row["marks"] & Mark.GONE]
        for row in going:
            self._drop(row)
        self._write(batch.cursor)
        return Taken(new, changed, len(going)), self._names

    def _known(self, ids: Sequence[str]) -> Iterator[Row]:
        chosen = select(POSTS, *[column for column in GLANCES.c if column.name != "number"])
        chosen = chosen.join(GLANCES, GLANCES.c.number == POSTS.c.number)
        for some in several(ids):
            for row in self._conn.execute(chosen.where(POSTS.c.id.in_(some))).mappings():
                yield dict(row)

    def _missing(self, whole: Whole) -> set[str]:
        """Ids of what is kept of it, and isn't there any more."""
        channels = select(CHANNELS.c.number).where(CHANNELS.c.source == self._source)
        if whole.channel is not None:
            channels = channels.where(CHANNELS.c.name == whole.channel)
        within: list[ColumnElement[bool]] = [GLANCES.c.channel.in_(channels)]
        if whole.start is not None:
            within.append(GLANCES.c.at >= micros(whole.start))
        if whole.end is not None:
            within.append(GLANCES.c.at < micros(whole.end))
        chosen = select(POSTS.c.id).join(GLANCES, GLANCES.c.number == POSTS.c.number).where(*within)
        return {id for id in self._conn.scalars(chosen) if id not in whole.there}

    def _name(self, posts: Sequence[Post]) -> None:
        channels, authors = self._names.channels, self._names.authors
        fresh = {post.channel for post in posts} - {name for source, name in channels if source == self._source}
        for some in several(fresh):
            chosen = select(CHANNELS.c.name, CHANNELS.c.number)
            chosen = chosen.where(CHANNELS.c.source == self._source, CHANNELS.c.name.in_(some))
            channels.update({(self._source, name): number for name, number in self._conn.execute(chosen)})
        people = {name for post in posts for name in (post.author, *post.to)} - authors.keys()
        for some in several(people):
            chosen = select(AUTHORS.c.name, AUTHORS.c.number).where(AUTHORS.c.name.in_(some))
            authors.update({name: number for name, number in self._conn.execute(chosen)})
        if lacking := sorted(name for name in fresh if (self._source, name) not in channels):
            first = (self._conn.scalar(select(CHANNELS.c.number).order_by(CHANNELS.c.number.desc()).limit(1)) or 0) + 1
            channels.update({(self._source, name): n for n, name in enumerate(lacking, first)})
            rows = [
                {"number": n, "source": self._source, "name": name, "posts": 0, "last": 0}
                for n, name in enumerate(lacking, first)
            ]
            _CHANNELS.put(self._conn, rows)
        if lacking := sorted(people - authors.keys()):
            first = (self._conn.scalar(select(AUTHORS.c.number).order_by(AUTHORS.c.number.desc()).limit(1)) or 0) + 1
            authors.update({name: n for n, name in enumerate(lacking, first)})
            _AUTHORS.put(self._conn, [{"number": n, "name": name, "posts": 0} for n, name in enumerate(lacking, first)])

    def _put(self, number: int, post: Post) -> None:
        self._cursor += 1
        said = _said(post)
        packed = terms.terms(said).tobytes()
        at = micros(post.at)
        channel = self._names.channels[self._source, post.channel]
        self._last[channel] = max(at, self._last.get(channel, 0))
        self._posts[number] = {"number": number, "id": post.id, **_kept(post)}
        self._glances[number] = {
            "number": number,
            "cursor": self._cursor,
            "channel": channel,
            "author": self._names.authors[post.author],
            "at": at,
            "thread": terms.digest((post.thread or post.id).encode()),
            "length": len(said),
            "reactions": sum(post.reactions.values()),
            "marks": _marks(post),
            "alike": terms.alike(packed),
            "addressed": terms.packed(self._names.authors[name] for name in post.to),
            "terms": packed,
        }

    def _differs(self, row: Row, post: Post) -> bool:
        """Whether this says something new; what was told before an edit that is kept already doesn't."""
        had = orjson.loads(row["rest"]).get("edited") if row["rest"] else None
        if had is not None and (post.edited is None or post.edited.isoformat() < had):
            return False
        kept = {**_kept(post), "at": micros(post.at), "marks": _marks(post)}
        kept["channel"] = self._names.channels[self._source, post.channel]
        kept["author"] = self._names.authors[post.author]
        return any(row[name] != value for name, value in kept.items())

    def _drop(self, row: Row) -> None:
        """Its number and place stay, its words go."""
        self._cursor += 1
        number = row["number"]
        self._posts[number] = {"number": number, "id": row["id"], "titled": 0, "text": "", "rest": ""}
        self._glances[number] = {column.name: row[column.name] for column in GLANCES.c} | {
            "cursor": self._cursor,
            "length": 0,
            "reactions": 0,
            "marks": int(row["marks"] | Mark.GONE),
            "alike": 0,
            "addressed": b"",
            "terms": b"",
        }
        self._channels[row["channel"]] -= 1
        self._authors[row["author"]] -= 1

    def _write(self, cursor: str) -> None:
        conn = self._conn
        _POSTS.put(conn, self._posts.values())
        _GLANCES.put(conn, self._glances.values())
        dialects.put_words(conn, POSTS, [(number, row["text"]) for number, row in self._posts.items()])
        _ADD_TERMS.run_many(conn, [{"term": term, "posts": posts} for term, posts in sorted(self._terms.items())])
        before = self._newest(self._channels.keys() | self._last.keys())
        _COUNT_CHANNEL.run_many(
            conn,
            [
                {"of_number": n, "more": self._channels[n], "to_last": max(last, self._last.get(n, 0))}
                for n, last in before.items()
            ],
        )
        _COUNT_AUTHOR.run_many(conn, [{"of_number": n, "more": more} for n, more in self._authors.items()])
        _SOURCES.put(conn, [{"source": self._source, "cursor": cursor}])
        _ABOUT.put(
            conn,
            [{"name": "number", "value": str(self._number)}, {"name": "cursor", "value": str(self._cursor)}],
        )

    def _newest(self, channels: Iterable[int]) -> dict[int, int]:
        found: dict[int, int] = {}
        for some in several(channels):
            chosen = select(CHANNELS.c.number, CHANNELS.c.last).where(CHANNELS.c.number.in_(some))
            found.update({number: last for number, last in self._conn.execute(chosen)})
        return found


def forget(conn: Connection, source: str) -> None:
    """All of a source. What counts terms doesn't change."""
    channels = select(CHANNELS.c.number).where(CHANNELS.c.source == source)
    posts = select(GLANCES.c.number).where(GLANCES.c.channel.in_(channels))
    wrote = select(GLANCES.c.author, -func.count()).where(GLANCES.c.channel.in_(channels), GLANCES.c.marks < _GONE)
    rows = conn.execute(wrote.group_by(GLANCES.c.author)).all()
    _COUNT_AUTHOR.run_many(conn, [{"of_number": number, "more": more} for number, more in rows])
    # its words go with a post: by a trigger, or by a foreign key
    conn.execute(delete(POSTS).where(POSTS.c.number.in_(posts)))
    conn.execute(delete(GLANCES).where(GLANCES.c.channel.in_(channels)))
    conn.execute(delete(CHANNELS).where(CHANNELS.c.source == source))
    conn.execute(delete(SOURCES).where(SOURCES.c.source == source))
    _ABOUT.put(conn, [{"name": "forgettings", "value": str(int(_about(conn).get("forgettings", 0)) + 1)}])


def _about(conn: Connection) -> dict[str, str]:
    return {name: value for name, value in conn.execute(select(ABOUT.c.name, ABOUT.c.value))}


def _said(post: Post) -> str:
    """Without NUL, which a database's text may not hold."""
    return (f"{post.title}\n{post.text}" if post.title else post.text).replace("\0", "\ufffd")


def _kept(post: Post) -> Row:
    rest: dict[str, Any] = {}
    if post.thread:
        rest["thread"] = post.thread
    if post.link:
        rest["link"] = post.link
    if post.to:
        rest["to"] = post.to
    if post.reactions:
        rest["reactions"] = post.reactions
    if post.edited:
        rest["edited"] = post.edited.isoformat()
    titled = len(post.title) + 1 if post.title else 0
    return {"titled": titled, "text": _said(post), "rest": orjson.dumps(rest).decode() if rest else ""}


def _marks(post: Post) -> int:
    text = post.text
    return (
        (_ANSWER if post.thread and post.thread != post.id else 0)
        | (_ASKS if "?" in text or "\uff1f" in text else 0)
        | (_LINKS if "://" in text else 0)
        | (_CODE if "```" in text else 0)
        | (_EDITED if post.edited else 0)
        | (_MACHINE if post.machine else 0)
    )
