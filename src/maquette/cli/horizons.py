"""`horizons`: what a project does now, next and later."""

from __future__ import annotations

import argparse
from typing import Any

from maquette.cli import endings, screen
from maquette.cli.commands import Commands, add_verb
from maquette.cli.endings import Failed
from maquette.cli.link import Json, Link, segment
from maquette.cli.run import project_of
from maquette.cli.screen import short

HORIZONS = ("now", "next", "later")


def add(commands: Commands) -> None:
    horizons = commands.add("horizons", "What a project does now, next and later, and what works toward it", _list)
    verbs = horizons.add_subparsers(metavar="VERB", title="verbs (LIST may be left out)")

    def verb(name: str, told: str, run: Any, *, named: bool = True) -> argparse.ArgumentParser:
        made = add_verb(verbs, name, told, run)
        if named:
            made.add_argument("aim", help="its id, or the last four or more letters of it")
        return made

    listing = verb("list", "List a project's aims, the near ones first", _list, named=False)
    listing.add_argument("--dropped", action="store_true", help="also those that aren't aimed at any more")
    adding = verb("add", "Say what it is after, and how near that is", _add, named=False)
    adding.add_argument("text", nargs="+")
    adding.add_argument("--horizon", choices=HORIZONS, default="later", help="how near it is (later)")
    for one in (listing, adding):
        one.add_argument("-p", "--project", help="a name, or a path like ./folder; else the repo you are in")
    setting = verb("set", "Put an aim otherwise, or bring it nearer or farther", _set)
    setting.add_argument("--text", metavar="WORDS")
    setting.add_argument("--horizon", choices=HORIZONS)
    for one in (adding, setting):
        one.add_argument("--owner", metavar="NAME", help="who sees to it; needed now")
        one.add_argument("--check", action="append", metavar="WORDS", help="how it is known to be done; needed now")
    hanging = verb("hang", "Say that an exploration or a thread works toward an aim", _hang)
    hanging.add_argument("of", help="its id")
    hanging.add_argument("--no-longer", action="store_true")
    dropping = verb("drop", "Aim at something no longer", _drop)
    dropping.add_argument("--because", default="", metavar="WORDS", help="left out: it is aimed at again")
    horizons.otherwise, horizons.verbs = "list", verbs.choices
    horizons.set_defaults(project=None, dropped=False, json=False)


def _project(args: argparse.Namespace) -> str:
    project = project_of(args.project)
    if project is None:
        raise Failed("Name the project: -p. `maquette projects` lists them.")
    return project


def _list(link: Link, args: argparse.Namespace) -> int:
    found = link.get("/horizons", project=_project(args), dropped=args.dropped or None)
    if args.json:
        return screen.as_json(found)
    out = screen.out()
    for horizon in HORIZONS:
        some = [one for one in found if one["aim"]["horizon"] == horizon]
        out.line((horizon, "bold"), (f"  {len(some) or 'nothing'}", "dim"))
        for one in some:
            _tell(one["aim"])
            for hung in one["hung"]:
                shelf = ", on the shelf" if hung["shelved"] else ""
                out.line((f"    {hung['kind']} {short(hung['id'])}{shelf}: {hung['told']}", "dim"))
    return endings.DONE


def _tell(aim: Json) -> None:
    out = screen.out()
    owner = [(f"  {aim['owner']}", "cyan")] if aim["owner"] else []
    dropped = [(f"  dropped: {aim['dropped']}", "dim")] if aim["dropped"] else []
    out.line(f"  {short(aim['id'])}  {aim['text']}", *owner, *dropped)
    for check in aim["checks"]:
        out.line((f"    done when {check}", "dim"))


def _told(args: argparse.Namespace, aim: Json) -> int:
    if args.json:
        return screen.as_json(aim)
    screen.out().line((aim["horizon"], "bold"))
    _tell(aim)
    return endings.DONE


def _add(link: Link, args: argparse.Namespace) -> int:
    new = {"project": _project(args), "text": " ".join(args.text), "horizon": args.horizon}
    return _told(args, link.post("/horizons", {**new, "owner": args.owner or "", "checks": args.check or []}))


def _set(link: Link, args: argparse.Namespace) -> int:
    wanted = {"text": args.text, "horizon": args.horizon, "owner": args.owner, "checks": args.check}
    given = {name: value for name, value in wanted.items() if value is not None}
    if not given:
        raise Failed("Say what to set: --text, --horizon, --owner or --check.")
    return _told(args, link.patch(f"/horizons/{segment(args.aim)}", given))


def _hang(link: Link, args: argparse.Namespace) -> int:
    hanging = {"of": args.of, "hangs": not args.no_longer}
    return _told(args, link.post(f"/horizons/{segment(args.aim)}/hung", hanging))


def _drop(link: Link, args: argparse.Namespace) -> int:
    return _told(args, link.post(f"/horizons/{segment(args.aim)}/drop", {"why": args.because}))
