"""Backups: what lasts, taken elsewhere."""

from __future__ import annotations

import argparse
from pathlib import Path

from maquette.cli import endings, screen, starting
from maquette.cli.commands import Commands
from maquette.cli.link import Link


def add(commands: Commands) -> None:
    backup = commands.add("backup", "Put the whole state into one file, while all goes on", _backup)
    backup.add_argument("file", nargs="?", help="a new one; else one beside the state, named by the time")
    backup.add_argument("--json", action="store_true", help="as the base gives it")
    restore = commands.add("restore", "Put a backup in the state's place (with the base down)", _restore)
    restore.add_argument("file")
    restore.add_argument("--aside", action="store_true", help="move the state that is there aside first")


def _backup(link: Link, args: argparse.Namespace) -> int:
    made = link.post("/backups", {"file": str(Path(args.file).absolute()) if args.file else None})
    out, holds = screen.out(), made["holds"]
    if args.json:
        return screen.as_json(made)
    out.line((made["file"], "bold"), f"  {holds['entries']} entries of the log, {holds['files']} files")
    if holds["left_out"]:
        out.line((f"{holds['left_out']} files could not be read, and are left out", "yellow"))
    return endings.DONE


def _restore(_link: Link, args: argparse.Namespace) -> int:
    aside = ["--aside"] if args.aside else []
    return starting.become("restore", *aside, "--", str(Path(args.file).absolute()))
