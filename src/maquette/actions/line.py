"""The line: what was said and waits for a turn of its own. Until that is begun it can be changed, and taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from maquette.actions import threads
from maquette.actions.home import Home
from maquette.domain.errors import Refused
from maquette.domain.events import Entry, Event, MessageChanged, MessageSent, MessageWithdrawn, TurnFinished
from maquette.domain.threads import Outcome
from maquette.store import line
from maquette.store.line import InLine


async def listed(home: Home, thread: str) -> list[InLine]:
    """What comes next first. Refused: `unknown-thread`."""
    at = await threads.find(home, thread)
    return await home.store.query(line.waiting, at.id)


async def unbegun(home: Home, thread: str) -> list[MessageSent]:
    """The same, as it was said and changed last."""
    at = await threads.find(home, thread)
    return [one for one, _, _ in await home.store.query(line.unbegun, at.id)]


async def became(home: Home, thread: str, entries: Iterable[Entry]) -> dict[str, str | None]:
    """What became, since, of the messages among `entries`: other words; None if it was taken back, or waits still."""
    said = {entry.event.id: entry.stream for entry in entries if isinstance(entry.event, MessageSent)}
    waits = {one.id: None for one in await listed(home, thread)}
    return await home.store.query(line.became, said) | waits


async def change(home: Home, thread: str, message: str, text: str) -> None:
    """Say it otherwise; its place in line stays. Refused: `unknown-message`, `begun`, `empty-message`."""

    def changed(one: InLine, _: Sequence[InLine]) -> list[Event]:
        if not text.strip() and not one.images:
            raise Refused("Say something, or take it back.", code="empty-message")
        return [MessageChanged(id=one.id, turn=one.turn, text=text, edition=one.edition + 1)]

    await _append(home, thread, message, changed)


async def withdraw(home: Home, thread: str, message: str) -> None:
    """Take it back; a turn with nothing left to hear is never begun. Refused: `unknown-message`, `begun`."""

    def withdrawn(one: InLine, waiting: Sequence[InLine]) -> list[Event]:
        back: list[Event] = [MessageWithdrawn(id=one.id, turn=one.turn)]
        others = [other for other in waiting if other.turn == one.turn and other.id != one.id]
        return back if others else [*back, TurnFinished(turn=one.turn, outcome=Outcome.WITHDRAWN)]

    home.engine.wake(await _append(home, thread, message, withdrawn))


async def _append(
    home: Home, thread: str, message: str, events: Callable[[InLine, Sequence[InLine]], list[Event]]
) -> str:
    """Only while the thread stands as it was looked at, so that nothing is changed that has been begun meanwhile."""
    at = (await threads.find(home, thread)).id

    async def changed() -> list[Event]:
        waiting = await home.store.query(line.waiting, at)
        one = next((one for one in waiting if one.id == message), None)
        if one is None:
            if not await home.store.query(line.was_said, at, message):
                raise Refused(f"Nothing called {message!r} was said in this thread.", code="unknown-message")
            raise Refused("It has begun, or was taken back: it can't be changed any more.", code="begun")
        return events(one, waiting)

    await home.store.log.decide(at, changed)
    return at
