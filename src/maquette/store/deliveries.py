"""What others sent, as the log has it: each once, for good."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Text, func, literal, select

from maquette.domain.events import DeliveryCame
from maquette.store.moments import moment
from maquette.store.schema import ENTRIES

_SENT = ENTRIES.c.once.startswith("delivery:")


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
    """When something was sent to each last; none: never."""
    chosen = select(ENTRIES.c.stream, func.max(ENTRIES.c.at)).where(ENTRIES.c.stream.in_(streams), _SENT)
    return {stream: moment(at) for stream, at in conn.execute(chosen.group_by(ENTRIES.c.stream))}
