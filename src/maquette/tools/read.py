"""A file's lines, a picture, or what a folder holds."""

from __future__ import annotations

import base64
from pathlib import Path

from pydantic import Field

from maquette.domain.cards import CodeCard, ImageCard, TableCard
from maquette.domain.errors import Refused
from maquette.domain.messages import Image
from maquette.kinds.files import Entry, Files
from maquette.kinds.tools import Arguments, Effect, Result, Tool, ToolContext
from maquette.tools.blocking import blocking
from maquette.tools.texts.excerpts import SHOWN, Excerpt, excerpt
from maquette.tools.texts.missing import no_such
from maquette.tools.texts.seen import seen_by
from maquette.workspace.files import BeneathFiles

LINES = 1_000
LISTED = 400
IMAGE = 5 << 20
"""Bytes of a picture: what the wires take."""

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


class Read(Arguments):
    path: str = "."
    first: int = Field(default=1, alias="from", ge=1)
    lines: int = Field(default=LINES, ge=1)


async def run(ctx: ToolContext, args: Read) -> Result:
    files = _holding(ctx, args.path)
    entry = await blocking(lambda: files.stat(args.path))
    if entry is None:
        raise await blocking(lambda: no_such(files, args.path))
    if entry.is_folder:
        return await blocking(lambda: _folder(files, args.path))
    start = await blocking(lambda: files.read(args.path, limit=16))
    media_type = _media_type(start)
    if media_type:
        return await blocking(lambda: _picture(files, args.path, entry, media_type))
    found = await blocking(lambda: excerpt(files, args.path, args.first, min(args.lines, LINES)))
    if files is ctx.files and found.sight is not None:
        seen_by(ctx).saw(args.path, found.sight)
    return _text(args, entry, found)


def _holding(ctx: ToolContext, path: str) -> Files:
    """The tree; or, for whole paths, the thread's outputs or a skill's folder."""
    named = Path(path)
    if named.is_absolute() and not named.is_relative_to(ctx.files.root):
        for folder in (ctx.outputs, *(Path(skill.folder) for skill in ctx.skills)):
            if named.is_relative_to(folder):
                return BeneathFiles(folder)
    return ctx.files


def _media_type(start: bytes) -> str | None:
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "image/webp"
    return next((media_type for magic, media_type in _MAGIC if start.startswith(magic)), None)


def _picture(files: Files, path: str, entry: Entry, media_type: str) -> Result:
    if entry.size > IMAGE:
        raise Refused(
            f"{path} has {entry.size:,} bytes; a picture may have {IMAGE:,}. Make a smaller one with shell.",
            code="too-big",
        )
    image = Image(media_type=media_type, data=base64.b64encode(files.read(path)))
    return Result(f"{path}: {media_type}, {entry.size:,} bytes.", ImageCard(image=image, alt=path), (image,))


def _folder(files: Files, path: str) -> Result:
    entries = files.names(path)
    rows = tuple((name + "/", "") if e.is_folder else (name, f"{e.size:,}") for name, e in entries[:LISTED])
    text = "\n".join(f"{name}\t{size}".rstrip() for name, size in rows) or "(empty folder)"
    if len(entries) > LISTED:
        text += f"\n[{len(entries) - LISTED:,} more]"
    return Result(text, TableCard(columns=("Name", "Bytes"), rows=rows))


def _text(args: Read, entry: Entry, found: Excerpt) -> Result:
    if not found.lines:
        told = "(empty file)" if not entry.size else f"[{args.path} ends at line {found.total}]"
        return Result(told, CodeCard(path=args.path, text="", first_line=args.first))
    last = args.first + len(found.lines) - 1
    text = "\n".join(f"{number}\t{line}" for number, line in enumerate(found.lines, args.first))
    if found.total is None:
        text += f"\n[the file has {entry.size:,} bytes; go on with from: {last + 1}]"
    elif last < found.total:
        text += f"\n[{found.total - last:,} more lines; go on with from: {last + 1}]"
    return Result(text, CodeCard(path=args.path, text="\n".join(found.lines)[:SHOWN], first_line=args.first))


TOOL = Tool(
    name="read",
    description=(
        "A file's lines, each behind its number and a tab (not part of it), `lines` (1000) of them `from` one; "
        "a picture; a folder's names."
    ),
    arguments=Read,
    effects=frozenset({Effect.READS}),
    run=run,
    idempotent=True,
)
