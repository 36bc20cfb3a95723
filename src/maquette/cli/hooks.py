"""Hooks: where others' servers tell what happened, signed with a secret that is shown once."""

from __future__ import annotations

import argparse
import shlex

from maquette.cli import endings, screen
from maquette.cli.commands import Commands
from maquette.cli.endings import Failed
from maquette.cli.link import Json, Link, segment
from maquette.cli.screen import minute

VERBS = ("list", "secret", "revoke")


def add(commands: Commands) -> None:
    one = commands.add("hooks", "Where others' servers tell what happened: addresses, and their secrets", _hooks)
    one.add_argument("verb", nargs="?", choices=VERBS, default="list", metavar="|".join(VERBS))
    one.add_argument("of", nargs="?", help="an automation or a source, by its name or id")
    one.add_argument("--json", action="store_true", help="as the base gives it")


def _hooks(link: Link, args: argparse.Namespace) -> int:
    if args.verb == "list":
        return _list(link, args)
    if not args.of:
        raise Failed(f"Say whose: `maquette hooks {args.verb} NAME`.")
    out, to = screen.out(), f"/hooks/{segment(args.of)}"
    if args.verb == "revoke":
        link.post(f"{to}/revoke")
        out.line("Nothing is taken there any more, until it has another secret.")
        return endings.DONE
    made = link.post(f"{to}/secret")
    if args.json:
        return screen.as_json(made)
    out.line(made["secret"])
    out.line((f"Shown this once. Have it sign what is sent to {_path(link.get(to))}", "dim"))
    return endings.DONE


def _list(link: Link, args: argparse.Namespace) -> int:
    found = link.get("/hooks")
    rows = [(one["name"], _path(one), _secret(one), minute(one["last"]) if one["last"] else "never") for one in found]
    none = "None: an automation has one with --wake 'webhook scheme=github'."
    return screen.listed(args, found, ("of", "address", "secret", "taken last"), rows, none)


def _path(one: Json) -> str:
    return f"/hooks/{one['of']}"


def _secret(one: Json) -> str:
    return "there is one" if one["secret"] else f"none: maquette hooks secret {shlex.quote(one['name'])}"
