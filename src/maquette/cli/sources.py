"""Sources: what others wrote elsewhere, for reports to be made of."""

from __future__ import annotations

import argparse
import json
import shlex
from pathlib import Path

from maquette.cli import endings, screen
from maquette.cli.commands import Commands, add_verb
from maquette.cli.endings import Failed
from maquette.cli.link import Json, Link, segment
from maquette.cli.prompts import secret
from maquette.cli.screen import minute

NAMED = "its name, or its id"


FORMER = {f"--{verb}": verb for verb in ("kinds", "add", "sample", "read", "password", "remove")}
"""Verbs that were options once."""


def add(commands: Commands) -> None:
    top = commands.add("sources", "What others wrote elsewhere: add, list, read, remove", _list)
    top.former = FORMER
    top.add_argument("--json", action="store_true", help="as the base gives it")
    verbs = top.add_subparsers()
    add_verb(verbs, "list", "what is read, when it was last, and what came", _list)
    add_verb(verbs, "kinds", "what can be read, and how it is named", _kinds)
    adding = add_verb(verbs, "add", "a path or an address, to be read from now on", _add)
    adding.add_argument("kind", help="see `maquette sources kinds`")
    adding.add_argument("at", help="the path or the address")
    adding.add_argument("--name", default="", help="what it is called; else as its path ends")
    adding.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="see `kinds`")
    add_verb(verbs, "sample", "add a made-up company's messages, to try things on", _sample)
    reading = add_verb(verbs, "read", "now: this one, or all", _read)
    reading.add_argument("name", nargs="?", default="", help=NAMED)
    for verb, told, run in (
        ("password", "ask for a new one", _password),
        ("remove", "with all that was read of it; nothing at the source changes", _remove),
    ):
        add_verb(verbs, verb, told, run).add_argument("name", help=NAMED)


def _sample(link: Link, args: argparse.Namespace) -> int:
    return _added(args, link.post("/samples/messages"))


def _password(link: Link, args: argparse.Namespace) -> int:
    link.post(f"/sources/{segment(args.name)}/secret", {"secret": secret("Password: ")})
    screen.out().line("It is kept.")
    return endings.DONE


def _remove(link: Link, args: argparse.Namespace) -> int:
    link.post(f"/sources/{segment(args.name)}/remove")
    screen.out().line(f"{args.name} is removed, with all that was read of it.")
    return endings.DONE


def _list(link: Link, args: argparse.Namespace) -> int:
    found = link.get("/sources")
    rows = [
        (
            one["source"]["name"],
            one["source"]["kind"],
            f"{one['posts']:,}",
            minute(one["read"]) if one["read"] else "never",
            _came(one),
        )
        for one in found
    ]
    none = "Nothing is read yet. `maquette sources sample` adds messages to try it on."
    return screen.listed(args, found, ("name", "kind", "posts", "read", "what came"), rows, none)


def _kinds(link: Link, args: argparse.Namespace) -> int:
    found = link.get("/sources/kinds")
    out = screen.out()
    if args.json:
        return screen.as_json(found)
    for one in found:
        out.line(
            (one["kind"], "bold"), f"  {one['at']}", ("  asks for a password" if one["wants_secret"] else "", "dim")
        )
        for name, means in one["options"].items():
            out.line((f"    --option {name}=…  {means}", "dim"))
    return endings.DONE


def _add(link: Link, args: argparse.Namespace) -> int:
    kind, at = args.kind, args.at
    parts = [option.partition("=") for option in args.option]
    if any(not equals for _, equals, _ in parts):
        raise Failed("An option is NAME=VALUE.")
    kinds: dict[str, Json] = {one["kind"]: one for one in link.get("/sources/kinds")}
    password = secret("Password: ") if kinds.get(kind, {}).get("wants_secret") else ""
    if "://" not in at:
        at = str(Path(at).expanduser().absolute())
    options = {name: value for name, _, value in parts}
    made = link.post("/sources", {"kind": kind, "at": at, "name": args.name, "options": options, "secret": password})
    return _added(args, made)


def _added(args: argparse.Namespace, made: Json) -> int:
    how = f"  `maquette sources read {shlex.quote(made['name'])}` reads it."
    return screen.told(args, made, ("✓ ", "green"), (made["name"], "bold"), how)


def _read(link: Link, args: argparse.Namespace) -> int:
    """Each after the other; whether all could be read to their end."""
    names = [args.name] if args.name else [one["source"]["name"] for one in link.get("/sources")]
    out = screen.out()
    read = [link.post(f"/sources/{segment(name)}/read") for name in names]
    if args.json:
        out.line(json.dumps(read))
    else:
        for one in read:
            mark = ("✗ ", "red") if one["came"]["error"] else ("✓ ", "green")
            out.line(mark, (one["source"]["name"], "bold"), f"  {_came(one)}")
            for why, many in one["came"]["left_out"].items():
                out.line((f"    left out: {many:,} × {why}", "dim"))
        out.line(("`maquette run 'report what matters'` makes a report of it.", "dim"))
    return endings.REFUSED if any(one["came"]["error"] for one in read) else endings.DONE


def _came(one: Json) -> str:
    came = one["came"]
    if one["reading"]:
        return f"being read: {one['reading']}"
    if not one["read"]:
        return ""
    counts = [f"{came[name]:,} {name}" for name in ("new", "changed", "gone") if came[name]]
    return "; ".join(part for part in (", ".join(counts) or "nothing new", came["error"]) if part)
