"""How a noun's file adds its commands."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from maquette import __version__

if TYPE_CHECKING:
    from maquette.cli.link import Link

Run = Callable[["Link", argparse.Namespace], int]
"""Does a command; returns the exit status."""


class Commands:
    """The commands of `maquette`. `known`: each with its line of help and its parser."""

    def __init__(self) -> None:
        self.top = argparse.ArgumentParser(
            "maquette",
            description="A home base for agents.",
            epilog="`maquette COMMAND --help` shows every option.",
            allow_abbrev=False,
        )
        self.known: dict[str, tuple[str, argparse.ArgumentParser]] = {}
        self.top.add_argument("--version", action="version", version=f"maquette {__version__}")
        self._parsers = self.top.add_subparsers(required=True, dest="command", metavar="COMMAND", title="commands")

    def add(self, name: str, told: str, run: Run) -> argparse.ArgumentParser:
        """`told` is a line of help, without a full stop."""
        parser = self._parsers.add_parser(name, help=told, description=f"{told}.", allow_abbrev=False)
        parser.set_defaults(run=run)
        self.known[name] = told, parser
        return parser
