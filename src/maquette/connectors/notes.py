"""Notes: a folder of Markdown and text. A note that was changed is news; one that was removed is gone."""

from __future__ import annotations

import os
import stat
from collections.abc import AsyncGenerator, Generator, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path, PurePosixPath

import orjson

from maquette.connectors import plain
from maquette.connectors.aside import aside
from maquette.domain.characters import whole
from maquette.domain.errors import Refused
from maquette.domain.posts import Gone, Post, Source
from maquette.kinds.connectors import Batch, Means
from maquette.workspace.beneath import open_beneath

MANY = 200
MOST = 50_000
LARGEST = 2 << 20
_ENDINGS = {".md", ".markdown", ".txt", ".rst", ".org"}


class Notes:
    kind = "notes"
    about = "a folder of notes, as Markdown or text"
    options: Mapping[str, str] = {"author": "whose notes they are"}
    wants_secret = False

    def check(self, source: Source) -> None:
        if not Path(source.at).is_dir():
            raise Refused(f"There is no folder {source.at}.", code="odd-source")

    async def read(self, source: Source, cursor: str, means: Means) -> AsyncGenerator[Batch]:
        self.check(source)
        async for batch in aside(_batches(source, cursor)):
            yield batch


def _batches(source: Source, cursor: str) -> Generator[Batch]:
    """The cursor holds, of each note, when it was changed and what its content comes to."""
    known: dict[str, list[str]] = orjson.loads(cursor) if cursor else {}
    top = Path(source.at)
    posts: list[Post | Gone] = []
    there: set[str] = set()
    too_many = False
    folder = os.open(top, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for name, changed in _found(top):
            if len(there) >= MOST:
                too_many = True
                break
            there.add(name)
            stamp, had = f"{changed:x}", known.get(name, ["", ""])
            if had[0] == stamp:
                continue
            content = _content(folder, name)
            if content is None:
                continue
            digest = blake2b(content, digest_size=8).hexdigest()
            known[name] = [stamp, digest]
            if had[1] != digest:
                posts.append(_note(source, name, content, datetime.fromtimestamp(changed / 1e9, UTC)))
            if len(posts) >= MANY:
                yield Batch(posts, orjson.dumps(known).decode(), progress=f"{len(there):,} notes")
                posts = []
    finally:
        os.close(folder)
    for name in [] if too_many else sorted(known.keys() - there):
        del known[name]
        posts.append(Gone(id=_id(source, name)))
    left_out = {f"notes beyond {MOST:,}": 1} if too_many else {}
    yield Batch(posts, orjson.dumps(known).decode(), left_out=left_out)


def _found(top: Path) -> Iterator[tuple[str, int]]:
    for at, folders, files in os.walk(top):
        folders[:] = sorted(folder for folder in folders if not folder.startswith("."))
        for name in sorted(files):
            if name.startswith(".") or Path(name).suffix.lower() not in _ENDINGS:
                continue
            with suppress(OSError):
                state = (Path(at) / name).lstat()
                if stat.S_ISREG(state.st_mode):
                    yield (Path(at) / name).relative_to(top).as_posix(), state.st_mtime_ns


def _content(folder: int, name: str) -> bytes | None:
    try:
        with os.fdopen(open_beneath(folder, name, os.O_RDONLY), "rb") as file:
            return file.read(LARGEST)
    except OSError:  # removed meanwhile, or not ours to read
        return None


def _id(source: Source, name: str) -> str:
    return f"{source.id}:{whole(name)}"


def _note(source: Source, name: str, content: bytes, changed: datetime) -> Post:
    text = content.decode("utf-8-sig", "replace")
    path = PurePosixPath(whole(name))
    heading = next((row.lstrip("#").strip() for row in text.split("\n", 40)[:40] if row.startswith("#")), "")
    return Post(
        id=_id(source, name),
        source=source.id,
        channel=plain.line(str(path.parent)) if len(path.parts) > 1 else plain.line(source.name),
        author=plain.line(source.options.get("author") or source.name),
        at=changed,
        title=plain.line(heading or path.stem),
        text=plain.cut(text),
        link=(Path(source.at) / name).as_uri() if name == whole(name) else "",
    )


CONNECTOR = Notes()
