"""How a noun's file adds its commands."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from maquette import __version__

if TYPE_CHECKING:
    from maquette.cli.link import Link

Run = Callable[["Link", argparse.Namespace], int]
"""Does a command; returns the exit status."""


class Command(argparse.ArgumentParser):
    """`otherwise`: the verb that is meant where the first word names none; "" where there is no such verb. `former`:
    words by which verbs were called once.
    """

    otherwise = ""
    former: Mapping[str, str] = {}
    verbs: Collection[str] = ()

    def parse_known_args(  # pyright: ignore[reportIncompatibleMethodOverride]  # that has overloads
        self, args: Any = None, namespace: Any = None
    ) -> Any:
        if self.otherwise and args and args[0] not in (*self.verbs, "-h", "--help"):
            args = [self.otherwise, *args]
        if args and args[0] in self.former:
            args = [self.former[args[0]], *args[1:]]
        return super().parse_known_args(args, namespace)


def add_verb(
    verbs: argparse._SubParsersAction[Any],  # pyright: ignore[reportPrivateUsage]  # there is no public name
    name: str,
    told: str,
    run: Run,
) -> argparse.ArgumentParser:
    """Of a noun; `told` is a line of help, without a full stop."""
    made = verbs.add_parser(name, help=told, description=f"{told}.", allow_abbrev=False)
    made.set_defaults(run=run)
    made.add_argument("--json", action="store_true", help="as the base gives it")
    return made


class Commands:
    """The commands of `maquette`. `known`: each with its line of help and its parser."""

    def __init__(self) -> None:
        self.top = argparse.ArgumentParser(
            "maquette",
            description="A home base for agents.",
            epilog="`maquette COMMAND --help` shows every option.",
            allow_abbrev=False,
        )
        self.known: dict[str, tuple[str, Command]] = {}
        self.top.add_argument("--version", action="version", version=f"maquette {__version__}")
        self._parsers = self.top.add_subparsers(
            required=True, dest="command", metavar="COMMAND", title="commands", parser_class=Command
        )

    def add(self, name: str, told: str, run: Run) -> Command:
        """`told` is a line of help, without a full stop."""
        parser = self._parsers.add_parser(name, help=told, description=f"{told}.", allow_abbrev=False)
        parser.set_defaults(run=run)
        self.known[name] = told, parser
        return parser
