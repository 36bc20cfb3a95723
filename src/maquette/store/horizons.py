"""What projects are after, out of their own streams, which are short."""

from __future__ import annotations

import asyncio

from maquette.domain.events import AimDropped, AimHung, AimSet, Entry
from maquette.domain.horizons import Aim
from maquette.store.store import Store


async def aims(store: Store, project: str) -> list[Aim]:
    """As they came in, those dropped among them."""
    found: dict[str, Aim] = {}
    for entry in await asyncio.to_thread(store.log.read, project):
        aim = _fold(found, entry)
        if aim is not None:
            found[aim.id] = aim
    return [*found.values()]


def _fold(known: dict[str, Aim], entry: Entry) -> Aim | None:
    match entry.event:
        case AimSet() as event:
            former = known.get(event.id)
            said = event.model_dump(exclude={"type", "label"})
            if former is None:
                return Aim(project=entry.stream, since=entry.at, **said)
            since = former.since if former.horizon is event.horizon else entry.at
            return Aim(project=entry.stream, since=since, hangs=former.hangs, dropped=former.dropped, **said)
        case AimHung(id=id, of=of, hangs=hangs) if (former := known.get(id)) is not None:
            others = tuple(one for one in former.hangs if one != of)
            return former.model_copy(update={"hangs": (*others, of) if hangs else others})
        case AimDropped(id=id, why=why) if (former := known.get(id)) is not None:
            return former.model_copy(update={"dropped": why})
        case _:
            return None
