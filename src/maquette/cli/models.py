"""Models: the ways to reach them, connecting, and which do what."""

from __future__ import annotations

import argparse
import json

from maquette.cli import endings, screen
from maquette.cli.commands import Commands
from maquette.cli.endings import Failed
from maquette.cli.link import Link, segment
from maquette.cli.prompts import secret
from maquette.cli.run import project_of


def add(commands: Commands) -> None:
    models = commands.add("models", "The ways to reach models, and which can be used now", _models)
    asked = models.add_mutually_exclusive_group()
    asked.add_argument("--test", metavar="NAME", help="ask this one something short, and say what came of it")
    asked.add_argument(
        "--connect", metavar="WIRE", help="to a server that speaks openai-chat, openai or anthropic; asks for the key"
    )
    asked.add_argument("--forget", metavar="NAME", help="a connection, and its key")
    asked.add_argument("--find", action="store_true", help="look for servers at their usual ports on this machine")
    asked.add_argument(
        "--role", nargs="+", metavar=("ROLE", "MODEL"), help="worker, reviewer or reader; the first, then stand-ins"
    )
    models.add_argument("--address", default="", metavar="URL", help="to connect; else the vendor's own")
    models.add_argument("--model", default="", metavar="NAME", help="to connect: as the server calls it")
    models.add_argument("--name", default="", help="to connect: what the connection is called; else as its wire")
    models.add_argument("--untested", action="store_true", help="to connect without asking the model first")
    models.add_argument("-p", "--project", help="the role in this project")
    models.add_argument("--json", action="store_true", help="as the base gives it")


def _models(link: Link, args: argparse.Namespace) -> int:
    for asked, does in (
        (args.test, _tested),
        (args.connect, _connect),
        (args.forget, _forget),
        (args.find, _find),
        (args.role, _role),
    ):
        if asked:
            return does(link, args)
    return _listed(link, args)


def _listed(link: Link, args: argparse.Namespace) -> int:
    found = link.get("/models")
    out = screen.out()
    if args.json:
        return screen.as_json(found)
    for way in found["wires"]:
        mark, style = ("✓", "green") if way["ready"] else ("·", "dim")
        out.line((mark, style), f" {way['wire']}:", (f"  {way['detail']}", "" if way["ready"] else "dim"))
        if way["silent"]:
            out.line((f"  {way['silent']}", "yellow"))
        if way["unused"]:
            out.line(("  what is kept under this name isn't used: the environment goes before it", "dim"))
    out.line(("Threads that name none get ", "dim"), found["default"])
    _tell_roles(found["roles"])
    return endings.DONE


def _tell_roles(roles: dict[str, list[str]]) -> None:
    for role, (first, *others) in roles.items():
        stand_in = f"; while it doesn't answer: {', '.join(others)}" if others else ""
        screen.out().line((f"{role}: ", "dim"), f"{first}{stand_in}")


def _tested(link: Link, args: argparse.Namespace) -> int:
    tried = link.post("/models/try", {"model": args.test})
    works = tried["came"] == "works"
    mark = ("✓ ", "green") if works else ("✗ ", "red")
    out = screen.out()
    out.line(*((json.dumps(tried),) if args.json else (mark, tried["said"])))
    if tried["can"] and not args.json:
        out.line(tried["can"])
    return endings.DONE if works else endings.GONE if tried["came"] == "unreachable" else endings.REFUSED


def _connect(link: Link, args: argparse.Namespace) -> int:
    if not args.model:
        raise Failed("Name the model, as its server calls it: --model NAME.")
    new = {"wire": args.connect, "address": args.address, "model": args.model, "name": args.name}
    made = link.post("/connections", {**new, "key": secret("Key (none: Enter): ").strip(), "untested": args.untested})
    out = screen.out()
    if args.json:
        return screen.as_json(made)
    out.line(("✓ ", "green"), (made["model"], "bold"), f"  {made['detail']}")
    if made["worker"]:
        out.line(("Threads that name none get it from now on.", "dim"))
    return endings.DONE


def _forget(link: Link, args: argparse.Namespace) -> int:
    link.post(f"/connections/{segment(args.forget)}/forget")
    screen.out().line(f"{args.forget} is forgotten, and its key.")
    return endings.DONE


def _find(link: Link, args: argparse.Namespace) -> int:
    found = link.post("/models/find")
    out = screen.out()
    if args.json:
        return screen.as_json(found)
    for one in found:
        out.line((one["title"], "bold"), f" at {one['address']}")
        for model in one["models"]:
            out.line(f"  {model}")
        if one["connected"]:
            out.line((f"  connected as {one['connected']}:", "dim"))
        elif one["models"]:
            named = f"--name {one['name']} --model {one['models'][0]}"
            out.line((f"  maquette models --connect openai-chat --address {one['address']} {named} </dev/null", "dim"))
    if not found:
        out.line(("No server of models answers at the usual ports of this machine.", "dim"))
    return endings.DONE


def _role(link: Link, args: argparse.Namespace) -> int:
    role, *models = args.role
    project = project_of(args.project) if args.project else None
    given = link.post("/roles", {"role": role, "models": models, "project": project})
    if args.json:
        return screen.as_json(given)
    _tell_roles(given)
    return endings.DONE
