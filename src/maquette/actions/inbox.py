"""The inbox: one list of what needs a person; done, later, and back again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from maquette.actions import threads
from maquette.actions.home import Home
from maquette.domain.errors import Refused
from maquette.domain.events import Event, ItemDone, ItemPutBack, ItemPutOff, ItemRead
from maquette.domain.events.inbox import INBOX
from maquette.store.projections import inbox
from maquette.store.projections.inbox import Item, Kind, State

FURTHEST = timedelta(days=3_653)


async def listed(home: Home, state: State = "open", limit: int | None = None) -> list[Item]:
    """What needs a person: what asks first, then what failed, then what came of work; of each the oldest first.

    `later`: what was put off, the next to come back first. `done`: the last first.
    """
    return await home.store.query(inbox.items, datetime.now(UTC), state, limit)


async def looked_at(home: Home) -> dict[str, bool]:
    """By thread that needs a person: whether somebody has seen it."""
    return await home.store.query(inbox.looked_at, datetime.now(UTC))


async def said(home: Home, some: Sequence[Item]) -> dict[str, str]:
    """By thread, the beginning of what was said last."""
    return await home.store.query(lambda conn: {one.thread.id: inbox.said(conn, one) for one in some if not one.asks})


async def next_back(home: Home) -> datetime | None:
    """When the next that was put off comes back."""
    return await home.store.query(inbox.next_back, datetime.now(UTC))


async def look(home: Home, thread: str) -> None:
    """Somebody has seen what there is of this thread; nothing is to be said where there is nothing, or it was seen."""
    at = await threads.find(home, thread)
    one = await home.store.query(inbox.item, datetime.now(UTC), at.id)
    if one is not None and not one.read:
        await _append(home, ItemRead(thread=at.id, of=one.of))


async def done(home: Home, thread: str, of: str | None = None) -> None:
    """It needs nobody any more. `of`: what was seen; None: what there is now.

    Refused: `not-in-inbox`, `moved-on`, `still-asks` for what waits for an answer.
    """
    one = await _item(home, thread, of)
    if one.kind is Kind.ASKS:
        why = "It waits for you: answer it, or decline, or put it off, or stop the thread."
        raise Refused(why, code="still-asks")
    await _append(home, ItemDone(thread=one.thread.id, of=one.of))


async def put_off(home: Home, thread: str, until: datetime, of: str | None = None) -> None:
    """Out of sight until then. Refused: `not-in-inbox`, `moved-on`, `past`, `too-far`, `no-zone`."""
    if until.tzinfo is None:
        raise Refused("Say in which time zone, as in 2026-05-31T09:00+02:00.", code="no-zone")
    if until <= datetime.now(UTC):
        raise Refused("That is over already: name a time to come.", code="past")
    if until > datetime.now(UTC) + FURTHEST:
        raise Refused("That is more than ten years off: be done with it instead.", code="too-far")
    one = await _item(home, thread, of)
    await _append(home, ItemPutOff(thread=one.thread.id, of=one.of, until=until.astimezone(UTC)))


async def put_back(home: Home, thread: str, of: str | None = None) -> None:
    """Neither done nor put off, after all. Refused: `not-in-inbox`, `moved-on`, `over` where a later run succeeded."""
    one = await _item(home, thread, of)
    if one.again is not None and one.again.over is not None:
        raise Refused("A later run succeeded, so there is nothing to come back to.", code="over")
    before = await home.store.query(inbox.put_off_with, one)
    await _append(home, *(ItemPutBack(thread=at, of=what) for at, what in [(one.thread.id, one.of), *before]))


async def _item(home: Home, thread: str, of: str | None) -> Item:
    at = await threads.find(home, thread)
    one = await home.store.query(inbox.item, datetime.now(UTC), at.id)
    if one is None:
        raise Refused(f"Nothing of “{at.title}” needs anybody.", code="not-in-inbox")
    if of not in (None, one.of):
        raise Refused("Something else has happened there since. Look again.", code="moved-on")
    return one


async def _append(home: Home, *events: Event) -> None:
    await home.store.log.append(INBOX, *events)
