"""Reading a source to its end, as the base does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from maquette.domain.posts import Gone, Post, Source
from maquette.kinds.connectors import Batch, Connector, Means
from seams.boxes import best


def source(connector: Connector, at: Path | str, **options: str) -> Source:
    return Source(id="s", kind=connector.kind, at=str(at), name="A source", options=options)


def batches(
    connector: Connector, of: Source, cursor: str = "", secret: str = "", scratch: Path | None = None
) -> list[Batch]:
    means = Means(best(), scratch or Path("/nowhere"), lambda: secret)

    async def all_of() -> list[Batch]:
        return [batch async for batch in connector.read(of, cursor, means)]

    return asyncio.run(all_of())


def told(read: Sequence[Batch]) -> list[Post | Gone]:
    return [post for batch in read for post in batch.posts]


def posts(read: Sequence[Batch]) -> list[Post]:
    return [post for post in told(read) if isinstance(post, Post)]


def left_out(read: Sequence[Batch]) -> Mapping[str, int]:
    return {why: many for batch in read for why, many in batch.left_out.items()}
