"""Has a file read by a program in a box, and keeps what was seen of it, so that no file is read twice."""

from __future__ import annotations

import asyncio
import sys
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from maquette.domain.errors import Unavailable
from maquette.domain.labels import Fact
from maquette.domain.messages import Image
from maquette.domain.previews import PagesPreview, Preview, Unseen
from maquette.kinds.sandboxes import Limits, Profile, Sandbox, Tier

READ = {".xlsx": "xlsx", ".xlsm": "xlsx", ".pdf": "pdf", ".docx": "docx"}
"""The reader of each kind of file."""
_HERE = Path(__file__).parent
_LIMITS = Limits(memory=768 << 20, processes=16, file_size=0, open_files=64, tmp=1 << 20)
_TOLD, _KEPT = 16 << 20, 48 << 20
"""Bytes of what a reader tells, and of all that is kept of them."""
_SMALL = 16 << 10
"""Bytes of a picture that is small for certain."""
_AT_ONCE = 2
_Key = tuple[str, str, int]
_PREVIEW: TypeAdapter[Preview] = TypeAdapter(Preview)


class _Fitting(Fact):
    image: Image | None


class Previews:
    """Of one base: what readers told is kept in memory, by what the file holds. Each has `seconds` for it."""

    def __init__(self, sandbox: Sandbox, seconds: float = 10) -> None:
        self._sandbox = sandbox
        self._seconds = seconds
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._told: OrderedDict[_Key, bytes] = OrderedDict()
        self._under_way: dict[_Key, asyncio.Task[bytes | None]] = {}

    async def of(self, reader: str, blob: str, first: int, contents: Callable[[], Awaitable[bytes | None]]) -> Preview:
        """What `reader` sees of the file that has the id `blob`, from its page `first` on; `contents` brings it, or
        None where it is too large. Raises `Unavailable` when no box can be brought up.
        """
        key = reader, blob, first
        if key in self._told:
            self._told.move_to_end(key)
            return await asyncio.to_thread(_heard, self._told[key])
        task = self._under_way.get(key)
        if task is None:
            task = self._under_way[key] = asyncio.create_task(self._read(key, contents))
            task.add_done_callback(lambda _: self._under_way.pop(key))
        try:
            return await asyncio.to_thread(_heard, await asyncio.shield(task))  # somebody else may wait for it too
        except asyncio.CancelledError:
            task.add_done_callback(lambda task: task.cancelled() or task.exception())
            raise

    async def fitting(self, image: Image) -> Image:
        """The picture no larger than models look at; as it is where it can't be read."""
        if len(image.data) <= _SMALL:
            return image
        try:
            async with self._turns:
                told = await self._run("picture", 0, image.data)
            smaller = _Fitting.model_validate_json(told or b"").image
        except (Unavailable, ValidationError):
            return image
        return smaller if smaller is not None and smaller.sound else image

    async def _read(self, key: _Key, contents: Callable[[], Awaitable[bytes | None]]) -> bytes | None:
        """What its reader told, which is kept; None when that came to no good end, as it may for want of time."""
        async with self._turns:
            data = await contents()
            told = None if data is None else await self._run(key[0], key[2], data)
        if told is not None:
            self._told[key] = told
            kept = sum(map(len, self._told.values()))
            while kept > _KEPT:
                kept -= len(self._told.popitem(last=False)[1])
        return told

    async def _run(self, reader: str, first: int, data: bytes) -> bytes | None:
        told = bytearray()

        def hear(piece: bytes) -> None:
            told.extend(piece[: _TOLD + 1 - len(told)])

        box = self._sandbox.box(Profile(root=_HERE, readable=(_HERE,), limits=_LIMITS))
        if box.tier is Tier.NONE:
            return Unseen(why="uncontained").model_dump_json().encode()
        try:
            words = [sys.executable, "-I", "-B", str(_HERE / "inside" / "main.py"), reader, str(first)]
            ended = await box.run(words, sink=hear, seconds=self._seconds, stdin=data)
        finally:
            await box.close()
        return bytes(told) if ended.status == 0 and len(told) <= _TOLD else None


def _heard(told: bytes | None) -> Preview:
    """Whatever a reader says was said by what it read, for all we know."""
    if told is None:
        return Unseen(why="too-much")
    try:
        seen = _PREVIEW.validate_json(told)
    except ValidationError:
        return Unseen(why="broken")
    if isinstance(seen, PagesPreview) and not all(page.image.sound for page in seen.pages):
        return Unseen(why="broken")
    return seen
