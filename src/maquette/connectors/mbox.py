"""mbox: mail in one file, as mailing lists and programs keep it. What is added at its end is read on from there."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import IO

from maquette.connectors import letters, plain
from maquette.connectors.aside import aside
from maquette.domain.errors import Refused
from maquette.domain.posts import Post, Source
from maquette.kinds.connectors import Batch, Means, Whole

MANY = 500
_START = 4096


class Mbox:
    kind = "mbox"
    about = "a file of mail in mbox form"
    options: Mapping[str, str] = {
        "channel": "what its channel is called; else the mailing list's name, or the source's"
    }
    wants_secret = False

    def check(self, source: Source) -> None:
        with _opened(source) as file:
            if not file.read(5) == b"From ":
                raise Refused(f"{source.at} is no mbox: it doesn't begin with a line `From …`.", code="odd-source")

    async def read(self, source: Source, cursor: str, means: Means) -> AsyncGenerator[Batch]:
        async for batch in aside(_batches(source, cursor)):
            yield batch


def _opened(source: Source) -> IO[bytes]:
    if not Path(source.at).is_file():
        raise Refused(f"There is no file {source.at}.", code="odd-source")
    try:
        return Path(source.at).open("rb")
    except OSError as error:
        raise Refused(f"{source.at} can't be read: {error.strerror}.", code="odd-source") from error


def _batches(source: Source, cursor: str) -> Generator[Batch]:
    """From its beginning again, when it is another file than it was: mail that is known is told once anyway, and what
    isn't in it any more is gone.
    """
    channel = plain.line(source.options.get("channel", source.name))
    known, _, far = cursor.partition(" ")
    at = int(far or 0)
    with _opened(source) as file:
        size = file.seek(0, 2)  # what is added from here on is for the next time
        if at > size or known != _mark(file, at):
            at = 0
        anew = at == 0 and cursor != ""
        there: set[str] = set()
        file.seek(at)
        posts: list[Post] = []
        odd = 0
        for raw, sent, end in _messages(file, size):
            post = letters.letter(source, channel, raw, sent)
            if post is None:
                odd += 1
            else:
                posts.append(post)
                there.update([post.id] if anew else [])
            if len(posts) >= MANY:
                kept = cursor if anew else f"{_mark(file, end)} {end}"  # what breaks off begins anew again
                yield Batch(posts, kept, progress=f"{end * 100 // max(size, 1)} %")
                posts = []
        left_out = {"mail without a sender or a date": odd} if odd else {}
        wholes = [Whole(None, frozenset(there))] if anew else []
        yield Batch(posts, f"{_mark(file, size)} {size}", wholes, left_out=left_out)


def _mark(file: IO[bytes], far: int) -> str:
    """What the beginning of the file comes to, and the end of what was there when it was read this `far`: where mail
    was taken out, that is another.
    """
    at, digest = file.tell(), blake2b(digest_size=8)
    for place in (0, max(far - _START, 0)):
        file.seek(place)
        digest.update(file.read(min(far - place, _START)))
    file.seek(at)
    return digest.hexdigest()


def _messages(file: IO[bytes], end: int) -> Iterator[tuple[bytes, datetime | None, int]]:
    """Each message, when it was received, and where it ends. What of one is too large to be read is gone over."""
    rows: list[bytes] = []
    size = 0
    sent: datetime | None = None
    before = b"\n"
    while file.tell() < end and (row := file.readline(1 << 20)):
        if row.startswith(b"From ") and before in (b"\n", b"\r\n"):
            if rows:
                yield b"".join(rows), sent, file.tell() - len(row)
            rows, size, sent = [], 0, _received(row)
        elif size < letters.LARGEST:
            size += len(row)
            rows.append(row[1:] if row.startswith((b">From ", b">>From ")) else row)
        before = row
    if rows:
        yield b"".join(rows), sent, file.tell()


def _received(row: bytes) -> datetime | None:
    words = row.decode("ascii", "replace").split()
    for end in range(len(words), max(len(words) - 3, 0), -1):
        with suppress(ValueError):
            return datetime.strptime(" ".join(words[end - 5 : end]), "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    return None


CONNECTOR = Mbox()
