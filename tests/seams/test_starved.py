"""What the server ends, since a starved process left it alone in the middle of a transaction, is done again, once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import Connection

from maquette.domain.events import Entry, MessageSent, StopAsked
from maquette.domain.posts import Post, Taken
from maquette.kinds.connectors import Batch
from maquette.store import Log, Store, dialects, projections, rebuild
from maquette.store.dialects import postgres
from maquette.store.posts import Posts
from maquette.testing.servers import Server

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if for seconds, in a tenth of one."""
    monkeypatch.setattr(postgres, "IDLE", 0.1)


async def followed(store: Store) -> list[int]:
    """The cursors of 40 entries, as they are told."""
    found: list[int] = []
    async with asyncio.timeout(60), aclosing(store.feed.follow()) as items:
        async for item in items:
            found += [item.cursor] if isinstance(item, Entry) else []
            if len(found) == 40:
                return found
    raise AssertionError


def left_alone(address: str) -> None:
    """Until the server has ended each transaction that nobody goes on with."""
    idle = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in trans%'"
    until = time.monotonic() + 20
    with psycopg.connect(address, autocommit=True) as conn:
        while conn.execute(idle).fetchall() != [(0,)]:
            assert time.monotonic() < until
            time.sleep(0.02)


@pytest.mark.parametrize("written", [False, True], ids=["before it wrote", "once it had written"])
async def test_a_commit_that_a_starved_process_leaves_alone_for_too_long_is_made_again_once(
    database: str, monkeypatch: pytest.MonkeyPatch, written: bool
) -> None:
    """The server ends the transaction, and nothing is lost, doubled, or told twice."""
    starving, tries = list[bool](), list[bool]()

    def starve() -> None:
        tries.append(bool(starving))
        if starving:
            starving.pop()
            left_alone(database)

    def clock() -> datetime:
        if not written:
            starve()
        return datetime.now(UTC)

    def apply(conn: Connection, entries: Sequence[Entry]) -> None:
        project(conn, entries)
        if written:
            starve()

    project = projections.apply
    monkeypatch.setattr(projections, "apply", apply)
    one, two = (Store(Log.open(database, clock)) for _ in range(2))
    following = asyncio.create_task(followed(two))
    async with asyncio.timeout(30):
        for number in range(20):
            starving[:] = [True] * (number % 7 == 3)
            store = (one, two)[number % 2]
            sent = MessageSent(id=f"m{number}", turn="turn_1", text="hello")
            await store.log.append("a", sent, StopAsked(turn="u"), expected=2 * number)
            assert not starving
    assert (len(tries), sum(tries)) == (20 + 3, 3), "each that was starved was made once more"
    assert await following == list(range(1, 41))
    assert [entry.position for entry in one.log.read("a")] == list(range(1, 41))
    assert rebuild(one) == []
    for store in (one, two):
        assert store.log.standing.why == ""
        store.close()


async def test_a_batch_of_posts_that_was_left_alone_for_too_long_is_kept_once(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, taking = server.database(), dialects.take_turn_beside
    starving = [False, True]

    def take_turn(conn: Connection) -> None:
        taking(conn)
        if starving and starving.pop(0):
            left_alone(postgres.beside(address, "posts"))

    monkeypatch.setattr(dialects, "take_turn_beside", take_turn)
    posts = Posts.beside(address)
    told = [
        Post(id=f"p{n}", source="s", channel="c", author="a", at=NOON + timedelta(minutes=n), text=f"word {n}")
        for n in range(9)
    ]
    assert posts.take("s", Batch(told, "9")) == Taken(new=9)
    assert not starving
    assert posts.find([post.id for post in told]) == {post.id: post for post in told}
    assert (posts.count(), posts.cursor("s")) == (9, "9")
    posts.close()
