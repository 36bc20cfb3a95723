"""Several processes on one log in Postgres: one order, told to all of them; and what a server's end does to it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from contextlib import aclosing

import pytest
from sqlalchemy import text

from maquette.domain.errors import GONE, Refused, Unavailable, Unwritable
from maquette.domain.events import AnswerGiven, Entry, MessageSent, StopAsked
from maquette.domain.messages import FromModel, Text
from maquette.store import Conflict, Passing, Store, dialects
from maquette.store.dialects import postgres
from maquette.testing.servers import Server

pytestmark = pytest.mark.anyio


@pytest.fixture
def stores(database: str) -> Iterator[tuple[Store, Store]]:
    """Each as a process of its own has it."""
    one, two = Store.open(database), Store.open(database)
    yield one, two
    one.close()
    two.close()


def said(id: str) -> MessageSent:
    return MessageSent(id=id, turn="turn_1", text="hello")


def answer(step: int, words: str) -> AnswerGiven:
    return AnswerGiven(turn="turn_1", step=step, seen=0, model="m", answer=FromModel(parts=(Text(text=words),)))


async def followed(store: Store, until: int) -> list[Entry | Passing]:
    found: list[Entry | Passing] = []
    async with asyncio.timeout(30), aclosing(store.feed.follow()) as items:
        async for item in items:
            found.append(item)
            if isinstance(item, Entry) and item.cursor == until:
                return found
    raise AssertionError


async def test_two_processes_append_in_one_order_and_both_are_told_all_of_it_once(stores: tuple[Store, Store]) -> None:
    async def append(store: Store, name: str) -> None:
        for number in range(40):
            await store.log.append("shared", said(f"{name}{number}"), StopAsked(turn="u"), durable=number % 2 == 0)

    following = [asyncio.create_task(followed(store, 320)) for store in stores for _ in range(2)]
    await asyncio.gather(*[append(store, f"{n}.{m}.") for n, store in enumerate(stores) for m in range(2)])
    for told in await asyncio.gather(*following):
        assert [item.cursor for item in told if isinstance(item, Entry)] == list(range(1, 321))
    assert [entry.position for entry in stores[0].log.read("shared")] == list(range(1, 321))


async def test_expectations_once_keys_and_fences_hold_between_processes(stores: tuple[Store, Store]) -> None:
    one, two = (store.log for store in stores)
    old = await one.claim("a")
    await one.append("a", said("m1"), epoch=old)
    new = await two.claim("a")
    assert new == old + 1
    with pytest.raises(Conflict):
        await two.append("a", said("m1"), epoch=new)
    with pytest.raises(Conflict):
        await two.append("a", said("m2"), expected=0)
    with pytest.raises(Exception, match="is over"):
        await one.append("a", said("m3"), epoch=old)
    assert one.last("a") == two.last("a") == 1


async def test_what_passes_by_is_heard_elsewhere_before_what_replaces_it(stores: tuple[Store, Store]) -> None:
    one, two = stores
    words = "déjà vu \x00 \ud800 " + "x" * 30_000
    following = asyncio.create_task(followed(two, 20))
    await one.log.append("a", StopAsked(turn="turn_1"))
    for step in range(1, 20):
        for word in (words[:9], words[9:]):
            one.feed.pass_by("a", Passing("a", "text", "turn_1", None, word))
        await one.log.append("a", answer(step, "done"))
    told = await following
    passed = "".join(item.text for item in told if isinstance(item, Passing))
    assert passed == words.replace("\ud800", "?") * 19
    assert isinstance(told[-1], Entry)
    async with asyncio.timeout(20), aclosing(two.feed.follow(after=20)) as items:
        one.feed.pass_by("a", Passing("a", "text", "turn_1", None, "by itself, soon"))
        came = await anext(items)  # `whole`, where it came before the follower
        assert isinstance(came, Passing)
        assert came.text == "by itself, soon"


async def test_what_passes_by_under_a_name_too_long_to_be_said_keeps_nothing_from_being_written(
    stores: tuple[Store, Store],
) -> None:
    one, two = stores
    following = asyncio.create_task(followed(two, 1))
    one.feed.pass_by("a", Passing("a", "output", "turn_1", "call_" + "x" * 9_000, "words"))
    await one.log.append("a", said("m1"))
    assert [item.cursor for item in await following if isinstance(item, Entry)] == [1]


async def test_a_server_restarted_hard_costs_a_wait_and_nothing_else(
    stores: tuple[Store, Store], server: Server
) -> None:
    async def append(store: Store, name: str) -> None:
        for number in range(30):
            await store.log.append(name, said(f"{number}"), expected=number)

    following = [asyncio.create_task(followed(store, 120)) for store in stores]
    appending = [append(store, f"{n}.{m}") for n, store in enumerate(stores) for m in range(2)]
    running = asyncio.gather(*appending)
    while stores[0].log.cursor() < 40:  # noqa: ASYNC110 - what two processes do is to be seen in the log alone
        await asyncio.sleep(0.005)
    await asyncio.to_thread(restart, server)
    async with asyncio.timeout(30):
        await running
    for told in await asyncio.gather(*following):
        assert [item.cursor for item in told if isinstance(item, Entry)] == list(range(1, 121))


def restart(server: Server) -> None:
    server.kill()
    server.start()


async def test_a_server_that_is_gone_is_said_and_taken_up_again_once_it_is_back(
    stores: tuple[Store, Store], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "PATIENCE", 0.3)
    one, two = stores
    await one.log.append("a", said("m1"))
    server.kill()
    try:
        for _ in range(2):
            with pytest.raises(Unavailable, match="doesn't answer"):
                await one.log.append("a", said("m2"))
        with pytest.raises(Unavailable, match="doesn't answer"):
            one.log.read("a")
        with pytest.raises(Unavailable, match="doesn't answer"):
            two.log.maintain(lambda conn: conn.execute(text("SELECT 1")))
    finally:
        server.start()
    following = asyncio.create_task(followed(two, 2))
    assert (await one.log.append("a", said("m2")))[0].position == 2
    assert [item.cursor for item in await following if isinstance(item, Entry)] == [1, 2]


async def test_processes_that_try_at_once_whether_all_is_well_again_are_not_in_each_others_way(
    stores: tuple[Store, Store],
) -> None:
    for number in range(8):
        for store in stores:
            store.log.standing.halt(Unwritable("It was away.", code=GONE))
        await asyncio.gather(*[store.log.append(f"{n}", said(f"{number}")) for n, store in enumerate(stores)])
        assert [store.log.standing.why for store in stores] == ["", ""]


async def test_a_process_that_stops_in_the_middle_of_a_commit_holds_the_others_up_until_the_server_ends_it(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After seconds; here after half of one."""
    monkeypatch.setattr(postgres, "IDLE", 0.5)
    store = Store.open(database)
    stopped = dialects.writing_engine(database)
    with stopped.connect() as conn:
        begun = conn.begin()
        dialects.take_turn(conn, durable=True)
        async with asyncio.timeout(5):
            await store.log.append("a", said("m1"))
        with pytest.raises(Exception, match="idle-in-transaction") as caught:
            dialects.take_turn(conn, durable=True)
        assert dialects.lost(caught.value)
        with contextlib.suppress(Exception):
            begun.rollback()
        conn.invalidate()
    stopped.dispose()
    store.close()


async def test_a_database_that_may_only_be_read_is_said(server: Server, database: str) -> None:
    server.do(f"ALTER DATABASE {server.name(database)} SET default_transaction_read_only = on")
    store = Store.open(database)
    with pytest.raises(Refused) as caught:
        await store.log.append("a", said("m1"))
    assert caught.value.code == "state-read-only"
    assert store.log.read("a") == []
    store.close()


async def test_a_full_disk_of_the_server_is_said_and_loses_nothing(stores: tuple[Store, Store]) -> None:
    log = stores[0].log
    kept = await log.append("a", said("m1"))

    def fill(conn: object) -> None:
        body = "BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = 'disk_full'; END"
        log_full = f"CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"
        for statement in (log_full, "CREATE TRIGGER f BEFORE INSERT ON entries EXECUTE FUNCTION full_disk()"):
            conn.execute(text(statement))  # type: ignore[attr-defined]

    log.maintain(fill)
    with pytest.raises(Unwritable) as caught:
        await log.append("a", said("m2"))
    assert caught.value.code == "disk-full"
    assert log.read("a") == kept
    log.maintain(lambda conn: conn.execute(text("DROP TRIGGER f ON entries")))
    assert [entry.position for entry in await log.append("a", said("m2"))] == [2]


def test_an_address_that_leads_nowhere_is_refused_in_one_sentence_without_its_password(server: Server) -> None:
    for address in (server.address("missing"), server.address("postgres").replace("pg-", "gone-")):
        with pytest.raises((Refused, Unavailable)) as caught:
            Store.open(address.replace("postgres@", "postgres:secret@"))
        assert "secret" not in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_closed_store_leaves_no_thread_of_its_own(database: str) -> None:
    before = set(threading.enumerate())
    store = Store.open(database)
    store.log.append_now("a", said("m1"))
    store.close()
    assert set(threading.enumerate()) <= before
