"""A slot: one of the times that a schedule means."""

from __future__ import annotations

from datetime import datetime

from maquette.domain.labels import Fact


class Slot(Fact):
    """`at`: when it is due, in UTC. `local` names it: what the clock on the wall says, as its schedule means it.

    `2026-03-29T02:30`, with seconds where there are any. Of a schedule no two slots bear one name: where the wall clock
    shows a time for the second time (clocks went back), its offset is added: `2026-10-25T02:30+01:00`. A time that the
    wall clock left out keeps its name, though it is due at the first moment after.
    """

    local: str
    at: datetime
