"""Exports: what happened, in a form that others read."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from maquette.cli import endings
from maquette.cli.commands import Commands
from maquette.cli.endings import Failed
from maquette.cli.link import Link

FORMS = ("log", "atif", "otel")


def add(commands: Commands) -> None:
    export = commands.add("export", "Write what happened as JSON: the log, or a thread in a format of others", _export)
    export.add_argument("thread", nargs="?", help="only of this one, with its past before a fork")
    export.add_argument("--as", dest="form", choices=FORMS, default="log", help="log: lines of it; else a thread's")
    export.add_argument("--content", action="store_true", help="otel: with what was said")
    export.add_argument("--to", metavar="FILE", type=Path, help="a new file; else standard output")


def _export(link: Link, args: argparse.Namespace) -> int:
    pieces = link.pieces("/export", thread=args.thread, **{"as": args.form}, content=args.content)
    if args.to is None:
        for piece in pieces:
            sys.stdout.buffer.write(piece)
    elif args.form == "atif":
        _with_pictures(args.to, json.loads(b"".join(pieces)))
    else:
        _write(args.to, pieces)
    return endings.DONE


def _with_pictures(path: Path, trajectory: dict[str, Any]) -> None:
    """Whoever reads trajectories looks for pictures in files, so they lie in a folder beside this one."""
    import base64
    import hashlib

    folder = path.with_name(f"{path.stem}-pictures")
    if path.exists():
        raise _taken(path)
    for source in _pictures(trajectory["steps"]):
        kind, _, data = source["path"].partition(";base64,")
        picture = base64.b64decode(data)
        folder.mkdir(mode=0o700, exist_ok=True)
        name = folder / f"{hashlib.sha256(picture).hexdigest()[:16]}.{kind.rpartition('/')[2]}"
        if not name.exists():
            _write(name, [picture])
        source["path"] = f"{folder.name}/{name.name}"
    _write(path, [f"{json.dumps(trajectory, ensure_ascii=False, indent=1)}\n".encode()])


def _pictures(steps: Iterable[dict[str, Any]]) -> Iterable[dict[str, str]]:
    for step in steps:
        results: list[dict[str, Any]] = step.get("observation", {}).get("results", [])
        contents: list[str | list[dict[str, Any]]] = [step["message"], *(result["content"] for result in results)]
        for content in contents:
            if not isinstance(content, str):
                yield from (part["source"] for part in content if part["type"] == "image")


def _taken(path: Path) -> Failed:
    return Failed(f"{path} is there already: name another file.")


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    """Only its owner's, and whole or not there."""
    part = path.with_name(f".{path.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as out:
            out.writelines(pieces)
        os.link(part, path)
    except FileExistsError as error:
        raise _taken(path) from error
    except OSError as error:
        raise Failed(f"{path} can't be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)
