"""Sources: what others wrote elsewhere, for reports to be made of."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from pathlib import Path

from maquette.cli import endings, screen
from maquette.cli.commands import Commands
from maquette.cli.endings import Failed
from maquette.cli.link import Json, Link, segment


def add(commands: Commands) -> None:
    one = commands.add("sources", "What others wrote elsewhere: add, list, read, remove", _sources)
    asked = one.add_mutually_exclusive_group()
    asked.add_argument("--kinds", action="store_true", help="what can be read, and how it is named")
    asked.add_argument("--add", nargs=2, metavar=("KIND", "AT"), help="a path or an address, to be read from now on")
    asked.add_argument("--sample", action="store_true", help="add a made-up company's messages, to try things on")
    asked.add_argument("--read", nargs="?", const="", metavar="NAME", help="now: this one, or all")
    asked.add_argument("--password", metavar="NAME", help="ask for a new one")
    asked.add_argument("--remove", metavar="NAME", help="with all that was read of it")
    one.add_argument("--name", default="", help="to add: what it is called; else as its path ends")
    one.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="to add; see --kinds")
    one.add_argument("--json", action="store_true", help="as the base gives it")


def _sources(link: Link, args: argparse.Namespace) -> int:
    if args.kinds:
        return _kinds(link, args)
    if args.add:
        return _add(link, args)
    if args.sample:
        made = link.post("/samples/messages")
        return _added(args, made)
    if args.read is not None:
        return _read(link, args)
    if args.password:
        link.post(f"/sources/{segment(args.password)}/secret", {"secret": _secret()})
        screen.out().line("It is kept.")
        return endings.DONE
    if args.remove:
        link.post(f"/sources/{segment(args.remove)}/remove")
        screen.out().line(f"{args.remove} is removed, with all that was read of it.")
        return endings.DONE
    return _listed(link, args)


def _listed(link: Link, args: argparse.Namespace) -> int:
    found = link.get("/sources")
    out = screen.out()
    if args.json:
        return screen.as_json(found)
    rows = [
        (one["source"]["name"], one["source"]["kind"], f"{one['posts']:,}", (one["read"] or "never")[:16], _came(one))
        for one in found
    ]
    if rows:
        out.table(("name", "kind", "posts", "read", "what came"), rows)
    else:
        out.line(("Nothing is read yet. `maquette sources --add notes ~/notes` adds a folder.", "dim"))
    return endings.DONE


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
    kind, at = args.add
    parts = [option.partition("=") for option in args.option]
    if any(not equals for _, equals, _ in parts):
        raise Failed("An option is NAME=VALUE.")
    kinds: dict[str, Json] = {one["kind"]: one for one in link.get("/sources/kinds")}
    secret = _secret() if kinds.get(kind, {}).get("wants_secret") else ""
    if "://" not in at:
        at = str(Path(at).expanduser().absolute())
    options = {name: value for name, _, value in parts}
    made = link.post("/sources", {"kind": kind, "at": at, "name": args.name, "options": options, "secret": secret})
    return _added(args, made)


def _added(args: argparse.Namespace, made: Json) -> int:
    out = screen.out()
    if args.json:
        return screen.as_json(made)
    out.line(
        ("✓ ", "green"),
        (made["name"], "bold"),
        f"  `maquette sources --read {shlex.quote(made['name'])}` reads it.",
    )
    return endings.DONE


def _read(link: Link, args: argparse.Namespace) -> int:
    """Each after the other; whether all could be read to their end."""
    names = [args.read] if args.read else [one["source"]["name"] for one in link.get("/sources")]
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
    return endings.REFUSED if any(one["came"]["error"] for one in read) else endings.DONE


def _came(one: Json) -> str:
    came = one["came"]
    if one["reading"]:
        return f"being read: {one['reading']}"
    if not one["read"]:
        return ""
    counts = [f"{came[name]:,} {name}" for name in ("new", "changed", "gone") if came[name]]
    return "; ".join(part for part in (", ".join(counts) or "nothing new", came["error"]) if part)


def _secret() -> str:
    """From a prompt without echo, or from standard input: never from an argument, which others could see."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    from getpass import getpass

    return getpass("Password: ")
