"""GitHub: payloads of webhooks and answers of its API, from files or as they come. Its servers are not asked."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import orjson

from maquette.connectors import archives, payloads
from maquette.connectors.aside import aside
from maquette.domain.errors import Refused
from maquette.domain.posts import Gone, Post, Source
from maquette.kinds.connectors import Batch, Means

MANY = 2_000


class GitHub:
    kind = "github"
    about = "a folder or zip of JSON files: payloads of webhooks, answers of the API"
    options: Mapping[str, str] = {}
    wants_secret = False
    scheme = "github"

    def check(self, source: Source) -> None:
        with archives.opened(Path(source.at)):
            pass

    async def read(self, source: Source, cursor: str, means: Means) -> AsyncGenerator[Batch]:
        async for batch in aside(_batches(source, cursor)):
            yield batch

    def heard(self, source: Source, event: str, body: bytes, at: datetime) -> Sequence[Post | Gone]:
        with _form(f"What was sent ({event or 'no event'})"):
            return payloads.posts(source, orjson.loads(body), event, at)


def _batches(source: Source, cursor: str) -> Generator[Batch]:
    """The cursor holds what each file's content comes to. A file's name is its event's, if it begins with one."""
    known: dict[str, str] = orjson.loads(cursor) if cursor else {}
    received = datetime.fromtimestamp(Path(source.at).stat().st_mtime, UTC)
    found: list[Post | Gone] = []
    odd = 0
    with archives.opened(Path(source.at)) as archive:
        names = [name for name in sorted(archive.stamps) if name.endswith((".json", ".jsonl"))]
        for number, name in enumerate(names, 1):
            if known.get(name) == archive.stamps[name]:
                continue
            try:
                for one in _read(name, archive.read(name)):
                    with _form(name):
                        found += payloads.posts(source, one, _event(name), received)
            except Refused:
                odd += 1
            known[name] = archive.stamps[name]
            if len(found) >= MANY:
                yield Batch(found, orjson.dumps(known).decode(), progress=f"{number:,} of {len(names):,} files")
                found = []
    left_out = {"files that hold no payload": odd} if odd else {}
    yield Batch(found, orjson.dumps(known).decode(), left_out=left_out)


def _read(name: str, content: bytes) -> Iterator[object]:
    with _form(name):
        if name.endswith(".jsonl"):
            for row in content.splitlines():
                if row.strip():
                    yield orjson.loads(row)
        else:
            yield orjson.loads(content)


def _event(name: str) -> str:
    return PurePosixPath(name).name.partition(".")[0]


@contextmanager
def _form(what: str) -> Generator[None]:
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Refused(f"{what} is no payload of GitHub's.", code="odd-payload") from error


CONNECTOR = GitHub()
