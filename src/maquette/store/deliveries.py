"""What others sent, as the log has it: each once, for good."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Text, func, literal, select

from maquette.domain.events import DeliveryCame
from maquette.store.moments import moment
from maquette.store.schema import ENTRIES

_SENT = ENTRIES.c.once.startswith("delivery:")
LATELY = 1_000
"""Events of a stream that are looked through for what came last."""


def ahead(conn: Connection, automation: str, after: int) -> tuple[int, DeliveryCame] | None:
    """The first behind position `after` that began no run, nor in vain; with its own position."""
    begun = ENTRIES.alias()
    slot = literal("slot:") + func.substr(ENTRIES.c.once, len("delivery:") + 1, type_=Text)
    known = select(begun.c.cursor).where(begun.c.stream == automation, begun.c.once == slot).exists()
    chosen = select(ENTRIES.c.position, ENTRIES.c.event).where(ENTRIES.c.stream == automation, _SENT, ~known)
    row = conn.execute(chosen.where(ENTRIES.c.position > after).order_by(ENTRIES.c.position).limit(1)).first()
    return None if row is None else (row.position, DeliveryCame.model_validate_json(row.event))


def came(conn: Connection, stream: str, sent: DeliveryCame) -> bool:
    """Whether it came before."""
    chosen = select(ENTRIES.c.cursor).where(ENTRIES.c.stream == stream, ENTRIES.c.once == sent.once)
    return conn.scalar(chosen) is not None


def last(conn: Connection, streams: Sequence[str]) -> dict[str, datetime]:
    """When something was sent to each last; none: never, or before the last `LATELY` events there."""
    found: dict[str, datetime] = {}
    for stream in streams:
        lately = select(ENTRIES.c.at, ENTRIES.c.once, ENTRIES.c.position).where(ENTRIES.c.stream == stream)
        some = lately.order_by(ENTRIES.c.position.desc()).limit(LATELY).subquery()
        sent = select(some.c.at).where(some.c.once.startswith("delivery:")).order_by(some.c.position.desc()).limit(1)
        if (at := conn.scalar(sent)) is not None:
            found[stream] = moment(at)
    return found
