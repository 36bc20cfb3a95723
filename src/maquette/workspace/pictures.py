"""Pictures of what lies in a folder, as a browser shows it.

The pages are an agent's: they are opened in a box, without a network, by a browser whose profile goes with the box. Its
own sandbox is off there: it needs what a box doesn't give. What comes out is read as a hostile file: a PNG of the size
that was asked for, or nothing.
"""

from __future__ import annotations

import asyncio
import json
import re
import struct
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from maquette.domain.errors import MaquetteError, Refused
from maquette.domain.explorations import Film, View
from maquette.kinds.sandboxes import Box, Profile, Running, Sandbox, Sink, Tier
from maquette.workspace.files import BeneathFiles
from maquette.workspace.owners import entrust
from maquette.workspace.rescues import remove_folder

PROGRAMS = tuple(
    Path(path)
    for path in (
        "/usr/lib/chromium/chromium-headless-shell",
        "/usr/lib/chromium/chromium",
        "/usr/lib/chromium-browser/chromium-browser",
        "/usr/lib64/chromium-browser/headless_shell",
        "/opt/google/chrome/chrome",
    )
)
"""Each the program itself, no script that reads a configuration, below what every box may read."""
MISSING = "There is no Chromium here to take pictures with (sudo apt-get install chromium)."
UNCONTAINED = "Only a sandbox of tier full can hold a browser, so no page is opened here (see `maquette doctor`)."

LARGEST = 8 << 20
"""Bytes of one picture."""
SECONDS, SERVED = 30.0, 20.0
"""For one picture, and until a preview command serves."""
SETTLES = 2_000
"""Milliseconds, of the page's own time, until it is taken."""
PORT = 8765
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
    "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--mute-audio",
    "--force-device-scale-factor=1",
)  # fmt: skip
_STILL = ("--user-data-dir=/tmp/profile", f"--virtual-time-budget={SETTLES}")
_WAITS = """
import socket, sys, time
end = time.monotonic() + float(sys.argv[2])
while time.monotonic() < end:
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1).close()
        sys.exit(0)
    except OSError:
        time.sleep(0.05)
sys.exit(1)
"""


_INSIDE = Path(__file__).parent / "previews" / "inside"
_SHRINKS, _FILMS = _INSIDE / "shrinking.py", _INSIDE / "filming.py"
SMALL, LOOK = (480, 300), (32, 20)
"""Pixels of the smaller one, which shows the top, and of what is compared."""
_LINES = 20_000
"""Bytes that are told of a film."""
_TOLD = 3 * LOOK[0] * LOOK[1] // 3 * 4
"""Letters of what is compared, in base64."""
_LAST = 400
"""Bytes of what a preview said, for where it serves nothing."""


@dataclass(frozen=True)
class Taken:
    """A picture of a view, or `why` there is none; `small` and `look` as the domain's `Picture` has them."""

    view: View
    png: bytes = b""
    small: bytes = b""
    look: str = ""
    why: str = ""


@dataclass(frozen=True)
class Shot:
    """A frame of a film, after `step`; `why` that could not be done, or there is no picture of it."""

    step: str
    png: bytes = b""
    why: str = ""


@dataclass(frozen=True)
class Seen:
    """What was seen of an attempt."""

    pictures: tuple[Taken, ...]
    film: tuple[Shot, ...] = ()


@dataclass(frozen=True)
class Place:
    """Where something is looked at: a box over the folder `root`, and `out` beside that, where pictures come."""

    box: Box
    root: Path
    out: Path


@asynccontextmanager
async def opened(sandbox: Sandbox, root: Path) -> AsyncGenerator[Place]:
    """One box for all that is found out about what lies in `root`. What is beside that is removed at the end."""
    out = root.with_name(f"{root.name}.pictures")
    box = sandbox.box(Profile(root=root, writable=(root, out), readable=(_SHRINKS, _FILMS)))
    await asyncio.to_thread(_make, out, root)
    try:
        yield Place(box, root, out)
    finally:
        await box.close()
        await remove_folder(out)


async def take(place: Place, views: Sequence[View], preview: str, film: Film | None = None) -> Seen:
    """Of each view of the folder, and of what the film's steps do; with `preview`, of what that command serves from
    there at $PORT.
    """
    program = next((path for path in PROGRAMS if path.exists()), None)
    why = MISSING if program is None else "" if place.box.tier is Tier.FULL else UNCONTAINED
    if program is None or why:
        return _unseen(views, film, why)
    running: Running | None = None
    try:
        if preview:
            said = bytearray()
            running = await place.box.start(
                ["sh", "-c", preview], sink=_end_of(said, _LAST), cwd=place.root, env={"PORT": str(PORT)}
            )
            waits = [sys.executable, "-I", "-c", _WAITS, str(PORT), str(SERVED)]
            if (await place.box.run(waits, sink=lambda _: None, seconds=SERVED + 5)).status != 0:
                told = bytes(said).decode(errors="replace").strip()
                return _unseen(views, film, f"The preview command didn't serve at $PORT: {told}")
        taken = [await _one(place, program, number, view, preview) for number, view in enumerate(views)]
        return Seen(tuple(taken), await _filmed(place, program, film, preview) if film else ())
    finally:
        if running is not None:
            with suppress(MaquetteError):
                await running.kill()


def _unseen(views: Sequence[View], film: Film | None, why: str) -> Seen:
    return Seen(tuple(Taken(view, why=why) for view in views), (Shot("", why=why),) if film else ())


def _make(out: Path, like: Path) -> None:
    out.mkdir(mode=0o700)
    entrust(out, like)


def _address(root: Path, path: str, preview: str) -> str:
    """Where it is. Raises `Refused` where it is no file."""
    if preview:
        return f"http://127.0.0.1:{PORT}/{path.removeprefix('/')}"
    file = path.partition("#")[0].partition("?")[0]
    if not _is_file(root, file):
        raise Refused(f"There is no {file}.", code="no-file")
    return f"file://{root}/{path}"


async def _one(place: Place, program: Path, number: int, view: View, preview: str) -> Taken:
    name, out = f"{number}.png", place.out
    try:
        address = _address(place.root, view.path, preview)
    except Refused as refused:
        return Taken(view, why=str(refused))
    size = f"--window-size={view.width},{view.height}"
    words = [str(program), *_FLAGS, *_STILL, size, f"--screenshot={out / name}", address]
    ended = await place.box.run(words, sink=lambda _: None, seconds=SECONDS, cwd=place.root)
    if ended.status != 0:
        return Taken(view, why="It took too long to draw." if ended.why == "time" else "The browser broke on it.")
    try:
        png = await asyncio.to_thread(BeneathFiles(out).read, name, limit=LARGEST + 1)
    except Refused as refused:
        return Taken(view, why=str(refused))
    if len(png) > LARGEST or size_of(png) != (view.width, view.height):
        return Taken(view, why="No sound picture came of it.")
    small, look = await _shrunk(place.box, out, name)
    return Taken(view, png, small, look)


async def _filmed(place: Place, program: Path, film: Film, preview: str) -> tuple[Shot, ...]:
    """As far as it came; nothing more, where the browser broke or took too long."""
    try:
        address = _address(place.root, film.path, preview)
    except Refused as refused:
        return (Shot("", why=str(refused)),)
    said = bytearray()
    asked = {"address": address, "width": film.width, "height": film.height, "steps": film.steps}
    flags = [*_FLAGS, "--user-data-dir=/tmp/film", f"--window-size={film.width},{film.height}"]
    words = [sys.executable, "-I", "-B", str(_FILMS), str(program), str(place.out), *flags]
    await place.box.run(
        words,
        sink=_start_of(said, _LINES),
        seconds=SECONDS + 5 * len(film.steps),
        cwd=place.root,
        stdin=json.dumps(asked).encode(),
    )
    told = [_told_of(line) for line in bytes(said).splitlines()]
    shots: list[Shot] = []
    for number, (step, why) in enumerate(zip(("", *film.steps), told, strict=False)):
        try:
            png = await asyncio.to_thread(BeneathFiles(place.out).read, f"film-{number}.png", limit=LARGEST)
        except Refused:
            png = b""
        sound = png if size_of(png) == SMALL else b""
        shots.append(Shot(step, sound, why or ("" if sound else "No sound picture came of it.")))
    return tuple(shots) or (Shot("", why="It could not be filmed."),)


def _start_of(said: bytearray, most: int) -> Sink:
    """Keeps so many bytes of whatever is said without end."""
    return lambda data: said.extend(data[: most - len(said)])


def _end_of(said: bytearray, most: int) -> Sink:
    def keep(data: bytes) -> None:
        said.extend(data[-most:])
        del said[:-most]

    return keep


def _told_of(line: bytes) -> str:
    """What the box says of a step: words for a person, or nothing."""
    try:
        told = cast("object", json.loads(line))
    except (ValueError, RecursionError):
        return ""
    why = cast("dict[str, object]", told).get("why") if isinstance(told, dict) else None
    return why[:200] if isinstance(why, str) else ""


async def _shrunk(box: Box, out: Path, name: str) -> tuple[bytes, str]:
    """Nothing, where there is no Pillow in the box."""
    said = bytearray()
    words = [sys.executable, "-I", "-B", str(_SHRINKS), str(out / name), str(out / f"small-{name}")]
    ended = await box.run(words, sink=_start_of(said, 2 * _TOLD), seconds=SECONDS)
    look = bytes(said).decode(errors="replace").strip()
    if ended.status != 0 or len(look) != _TOLD or not re.fullmatch(r"[A-Za-z0-9+/]*=*", look):
        return b"", ""
    try:
        small = await asyncio.to_thread(BeneathFiles(out).read, f"small-{name}", limit=LARGEST)
    except Refused:
        return b"", ""
    return (small, look) if size_of(small) == SMALL else (b"", "")


def _is_file(root: Path, path: str) -> bool:
    try:
        found = BeneathFiles(root).stat(path)
    except Refused:
        return False
    return found is not None and not found.is_folder


def size_of(png: bytes) -> tuple[int, int] | None:
    """In pixels; None for what doesn't begin as a PNG does."""
    if len(png) < 33 or not png.startswith(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"):
        return None
    width, height = struct.unpack(">II", png[16:24])
    return width, height
