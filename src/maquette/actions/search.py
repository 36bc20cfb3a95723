"""What was said, found again."""

from __future__ import annotations

from maquette.actions.home import Home
from maquette.domain.errors import Refused
from maquette.store.projections import messages
from maquette.store.projections.messages import Found


async def search(home: Home, query: str, *, limit: int = 20) -> list[Found]:
    """Messages and titles with every word of `query`; "in quotes" is a phrase. Refused: `empty-search`."""
    if not query.strip():
        raise Refused("Say what to look for.", code="empty-search")
    return await home.store.query(messages.search, query, limit)
