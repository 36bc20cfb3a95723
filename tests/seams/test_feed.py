"""The feed: replay, then live, with no gap and nothing twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any, cast

import pytest

from maquette.domain.errors import Unwritable
from maquette.domain.events import AnswerGiven, CallFinished, Entry, StopAsked, TurnFinished
from maquette.domain.messages import FromModel, Text
from maquette.domain.threads import Outcome
from maquette.store import Passing, Store
from maquette.store.feed import BEHIND

pytestmark = pytest.mark.anyio


@pytest.fixture
def store(place: Path | str) -> Iterator[Store]:
    store = Store.open(place)
    yield store
    store.close()


def stop(turn: str = "turn_1") -> StopAsked:
    return StopAsked(turn=turn)


def delta(text: str, kind: str = "text", call: str | None = None, stream: str = "a") -> Passing:
    return Passing(stream=stream, kind=cast(Any, kind), turn="turn_1", call=call, text=text)


async def take(items: AsyncIterator[Entry | Passing], count: int) -> list[Entry | Passing]:
    async with asyncio.timeout(20):
        return [await anext(items) for _ in range(count)]


def cursors(items: list[Entry | Passing]) -> list[int]:
    return [item.cursor for item in items if isinstance(item, Entry)]


async def test_what_was_there_comes_first_then_what_happens(store: Store) -> None:
    old = await store.log.append("a", stop(), stop())
    async with aclosing(store.feed.follow()) as items:
        assert await take(items, 2) == old
        new = await store.log.append("b", stop())
        assert await take(items, 1) == new


async def test_following_starts_after_the_cursor(store: Store) -> None:
    entries = await store.log.append("a", stop(), stop(), stop())
    async with aclosing(store.feed.follow(after=2)) as items:
        assert await take(items, 1) == entries[2:]


async def test_one_stream_can_be_followed_alone(store: Store) -> None:
    mine = await store.log.append("a", stop())
    await store.log.append("b", stop())
    mine += await store.log.append("a", stop())
    async with aclosing(store.feed.follow(after=1, stream="a")) as items:
        assert await take(items, 1) == mine[1:]
        store.feed.pass_by("b", delta("not for us", stream="b"))
        await store.log.append("b", stop())
        last = await store.log.append("a", stop())
        assert await take(items, 1) == last


async def test_nothing_is_missed_or_doubled_while_others_append(store: Store) -> None:
    async def append(number: int) -> None:
        for _ in range(12):
            await store.log.append(f"s{number % 3}", *[stop() for _ in range(7)], durable=number % 2 == 0)

    async def follow(late: int, stream: str | None) -> list[int]:
        for _ in range(late):
            await asyncio.sleep(0)
        count = 840 if stream is None else sum(84 for n in range(10) if n % 3 == int(stream[1:]))
        async with aclosing(store.feed.follow(stream=stream)) as items:
            return cursors(await take(items, count))

    followers = [follow(late, stream) for late in (0, 3, 10, 100, 1000) for stream in (None, "s0", "s1")]
    following = asyncio.gather(*followers)
    await asyncio.gather(*map(append, range(10)))
    for got, stream in zip(await following, [None, "s0", "s1"] * 5, strict=True):
        wanted = store.log.read_all(limit=None) if stream is None else store.log.read(stream)
        assert got == [entry.cursor for entry in wanted]


@pytest.mark.parametrize("afterwards", [0, 1, BEHIND + 1])
async def test_f5_a_slow_reader_is_told_that_nothing_can_be_written_now(store: Store, afterwards: int) -> None:
    async with aclosing(store.feed.follow()) as items:
        store.feed.pass_by("a", delta("x"))
        await take(items, 1)
        for _ in range(BEHIND):
            store.feed.pass_by("a", delta("x"))
        store.log.standing.halt(Unwritable("The disk is full.", code="disk-full"))
        for _ in range(afterwards):
            store.feed.pass_by("a", delta("x"))
        told = ""
        async with asyncio.timeout(20):
            async for item in items:
                if isinstance(item, Passing) and item.kind == "standing":
                    told = item.text
                    break
        assert told == "The disk is full."


async def test_a_slow_reader_gets_all_from_the_log_and_what_passed_by_in_one(store: Store) -> None:
    async with aclosing(store.feed.follow()) as items:
        await store.log.append("a", stop())
        got = await take(items, 1)
        for _ in range(5):
            for _ in range(BEHIND // 2):
                store.feed.pass_by("a", delta("x"))
            await store.log.append("a", *[stop() for _ in range(BEHIND // 2)])
        got += await take(items, 1 + 5 * BEHIND // 2)
    assert cursors(got) == list(range(1, 2 + 5 * BEHIND // 2))
    text = [item for item in got if isinstance(item, Passing)]
    assert [(item.whole, len(item.text)) for item in text] == [(True, 5 * BEHIND // 2)]


async def test_what_passes_by_keeps_its_place_between_the_entries(store: Store) -> None:
    async with aclosing(store.feed.follow()) as items:
        first = await store.log.append("a", stop())
        assert await take(items, 1) == first
        store.feed.pass_by("a", delta("Hel"))
        store.feed.pass_by("a", delta("lo"))
        said = await store.log.append("a", answer("Hello"))
        store.feed.pass_by("a", delta("And"))
        assert await take(items, 4) == [delta("Hel"), delta("lo"), *said, delta("And")]


async def test_who_comes_late_gets_what_was_said_so_far(store: Store) -> None:
    entries = await store.log.append("a", stop())
    for text in ("Hel", "lo"):
        store.feed.pass_by("a", delta(text))
    store.feed.pass_by("a", delta("hm", kind="thinking"))
    store.feed.pass_by("b", delta("elsewhere", stream="b"))
    async with aclosing(store.feed.follow(stream="a")) as items:
        got = await take(items, 3)
        store.feed.pass_by("a", delta("!"))
        got += await take(items, 1)
    whole = [Passing("a", "text", "turn_1", None, "Hello", whole=True)]
    whole += [Passing("a", "thinking", "turn_1", None, "hm", whole=True)]
    assert got == [*entries, *whole, delta("!")]


async def test_what_is_in_the_log_is_not_passed_by_again(store: Store) -> None:
    store.feed.pass_by("a", delta("Hello"))
    store.feed.pass_by("a", delta("one", kind="output", call="call_1"))
    store.feed.pass_by("a", delta("two", kind="output", call="call_2"))
    await store.log.append("a", answer("Hello"))
    await store.log.append("a", CallFinished(turn="turn_1", call="call_1", name="shell", status="ok", text="one"))
    async with aclosing(store.feed.follow()) as items:
        got = await take(items, 3)
        assert [item.text for item in got if isinstance(item, Passing)] == ["two"]
    await store.log.append("a", TurnFinished(turn="turn_1", outcome=Outcome.STOPPED))
    last = await store.log.append("a", stop())
    async with aclosing(store.feed.follow(after=2)) as items:
        assert (await take(items, 2))[1:] == last
        store.feed.pass_by("a", delta("new"))
        assert await take(items, 1) == [delta("new")]


async def test_a_long_output_is_kept_for_late_comers_by_its_end_only(store: Store) -> None:
    for number in range(400):
        store.feed.pass_by("a", delta(f"{number:03}" * 1000, kind="output", call="call_1"))
    async with aclosing(store.feed.follow()) as items:
        [item] = await take(items, 1)
    assert isinstance(item, Passing)
    assert 60_000 < len(item.text) < 140_000
    assert item.text.endswith("399")


async def test_closing_ends_whoever_follows(store: Store) -> None:
    async def follow() -> int:
        return sum([1 async for _ in store.feed.follow()])

    await store.log.append("a", stop())
    tasks = [asyncio.create_task(follow()) for _ in range(3)]
    await asyncio.sleep(0)
    store.feed.close()
    async with asyncio.timeout(10):
        assert set(await asyncio.gather(*tasks)) <= {0, 1}


def answer(text: str) -> AnswerGiven:
    return AnswerGiven(turn="turn_1", step=1, seen=0, model="m", answer=FromModel(parts=(Text(text=text),)))
