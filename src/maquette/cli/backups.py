"""Backups and exports: what lasts, taken elsewhere."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from maquette.cli import endings, screen, starting
from maquette.cli.commands import Commands
from maquette.cli.endings import Failed
from maquette.cli.link import Link


def add(commands: Commands) -> None:
    backup = commands.add("backup", "Put the whole state into one file, while all goes on", _backup)
    backup.add_argument("file", nargs="?", help="a new one; else one beside the state, named by the time")
    backup.add_argument("--json", action="store_true", help="as the base gives it")
    restore = commands.add("restore", "Put a backup in the state's place (with the base down)", _restore)
    restore.add_argument("file")
    restore.add_argument("--aside", action="store_true", help="move the state that is there aside first")
    export = commands.add("export", "Write all that happened as lines of JSON", _export)
    export.add_argument("file", nargs="?", default="-", help="a new one; - (or none): standard output")
    export.add_argument("--thread", help="only of this one, with its past before a fork")


def _backup(link: Link, args: argparse.Namespace) -> int:
    made = link.post("/backups", {"file": str(Path(args.file).absolute()) if args.file else None})
    out, holds = screen.out(), made["holds"]
    if args.json:
        out.line(json.dumps(made))
        return endings.DONE
    out.line((made["file"], "bold"), f"  {holds['entries']} entries of the log, {holds['files']} files")
    if holds["left_out"]:
        out.line((f"{holds['left_out']} files could not be read, and are left out", "yellow"))
    return endings.DONE


def _restore(_link: Link, args: argparse.Namespace) -> int:
    aside = ["--aside"] if args.aside else []
    return starting.become("restore", *aside, "--", str(Path(args.file).absolute()))


def _export(link: Link, args: argparse.Namespace) -> int:
    pieces = link.pieces("/export", thread=args.thread)
    if args.file == "-":
        for piece in pieces:
            sys.stdout.buffer.write(piece)
    else:
        _write(Path(args.file), pieces)
    return endings.DONE


def _write(path: Path, pieces: Iterator[bytes]) -> None:
    """Only its owner's, and whole or not there."""
    part = path.with_name(f".{path.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as out:
            out.writelines(pieces)
        os.link(part, path)
    except FileExistsError as error:
        raise Failed(f"{path} is there already: name another file.") from error
    except OSError as error:
        raise Failed(f"{path} can't be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)
