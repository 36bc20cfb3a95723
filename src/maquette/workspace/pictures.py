"""Pictures of what lies in a folder, as a browser shows it.

The pages are an agent's: they are opened in a box, without a network, by a browser whose profile goes with the box. Its
own sandbox is off there: it needs what a box doesn't give. What comes out is read as a hostile file: a PNG of the size
that was asked for, or nothing.
"""

from __future__ import annotations

import asyncio
import re
import struct
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from maquette.domain.errors import MaquetteError, Refused
from maquette.domain.explorations import View
from maquette.kinds.sandboxes import Box, Limits, Profile, Running, Sandbox, Tier
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
UNCONTAINED = "Nothing contains a page here, so none is opened (see `maquette doctor`)."

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
    "--user-data-dir=/tmp/profile", "--force-device-scale-factor=1", f"--virtual-time-budget={SETTLES}",
)  # fmt: skip
_LIMITS = Limits(file_size=64 << 20)
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


_SHRINKS = Path(__file__).parent / "previews" / "inside" / "shrinking.py"
SMALL, LOOK = (480, 300), (32, 20)
"""Pixels of the smaller one, which shows the top, and of what is compared."""
_TOLD = 3 * LOOK[0] * LOOK[1] // 3 * 4
"""Letters of what is compared, in base64."""


@dataclass(frozen=True)
class Taken:
    """A picture of a view, or `why` there is none; `small` and `look` as the domain's `Picture` has them."""

    view: View
    png: bytes = b""
    small: bytes = b""
    look: str = ""
    why: str = ""


async def take(
    sandbox: Sandbox, root: Path, views: Sequence[View], preview: str, readable: Sequence[Path] = ()
) -> list[Taken]:
    """Of each view of the folder `root`; with `preview`, of what that command serves from there at $PORT.

    Beside the folder another is made for the pictures, and removed.
    """
    program = next((path for path in PROGRAMS if path.exists()), None)
    out = root.with_name(f"{root.name}.pictures")
    box = sandbox.box(Profile(root=root, writable=(root, out), readable=(_SHRINKS, *readable), limits=_LIMITS))
    why = MISSING if program is None else UNCONTAINED if box.tier is Tier.NONE else ""
    if program is None or why:
        return [Taken(view, why=why) for view in views]
    await asyncio.to_thread(_make, out, root)
    running: Running | None = None
    try:
        if preview:
            said = bytearray()
            running = await box.start(["sh", "-c", preview], sink=said.extend, cwd=root, env={"PORT": str(PORT)})
            waits = [sys.executable, "-I", "-c", _WAITS, str(PORT), str(SERVED)]
            if (await box.run(waits, sink=lambda _: None, seconds=SERVED + 5)).status != 0:
                told = bytes(said[-400:]).decode(errors="replace").strip()
                return [Taken(view, why=f"The preview command didn't serve at $PORT: {told}") for view in views]
        return [await _one(box, program, root, out, number, view, preview) for number, view in enumerate(views)]
    finally:
        if running is not None:
            with suppress(MaquetteError):
                await running.kill()
        await box.close()
        await remove_folder(out)


def _make(out: Path, like: Path) -> None:
    out.mkdir(mode=0o700)
    entrust(out, like)


async def _one(box: Box, program: Path, root: Path, out: Path, number: int, view: View, preview: str) -> Taken:
    name = f"{number}.png"
    if preview:
        address = f"http://127.0.0.1:{PORT}/{view.path.removeprefix('/')}"
    else:
        file = view.path.partition("#")[0].partition("?")[0]
        if not _is_file(root, file):
            return Taken(view, why=f"There is no {file}.")
        address = f"file://{root}/{view.path}"
    words = [str(program), *_FLAGS, f"--window-size={view.width},{view.height}", f"--screenshot={out / name}", address]
    ended = await box.run(words, sink=lambda _: None, seconds=SECONDS, cwd=root)
    if ended.status != 0:
        return Taken(view, why="It took too long to draw." if ended.why == "time" else "The browser broke on it.")
    try:
        png = await asyncio.to_thread(BeneathFiles(out).read, name, limit=LARGEST + 1)
    except Refused as refused:
        return Taken(view, why=str(refused))
    if len(png) > LARGEST or size_of(png) != (view.width, view.height):
        return Taken(view, why="No sound picture came of it.")
    small, look = await _shrunk(box, out, name)
    return Taken(view, png, small, look)


async def _shrunk(box: Box, out: Path, name: str) -> tuple[bytes, str]:
    """Nothing, where there is no Pillow in the box."""
    said = bytearray()
    words = [sys.executable, "-I", "-B", str(_SHRINKS), str(out / name), str(out / f"small-{name}")]
    ended = await box.run(words, sink=lambda data: said.extend(data[:_TOLD]), seconds=SECONDS)
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
