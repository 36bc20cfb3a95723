"""Projects: list, bring in, set, trust."""

from __future__ import annotations

import argparse

from maquette.cli import endings, screen
from maquette.cli.commands import Commands
from maquette.cli.endings import Failed
from maquette.cli.link import Json, Link
from maquette.cli.run import add_budget, project_of

NAMED = "a name, or a path like ./folder"


def add(commands: Commands) -> None:
    projects = commands.add("projects", "List projects; bring one in, set it, trust its own files", _list)
    projects.add_argument("--json", action="store_true", help="as the base gives it")
    verbs = projects.add_subparsers()
    adding = verbs.add_parser("add", help="bring a folder or repo in")
    adding.add_argument("path")
    adding.add_argument("--name")
    adding.set_defaults(run=_add)
    setting = verbs.add_parser("set", help="its set-up, checks, model and budgets")
    setting.add_argument("project", help=NAMED)
    setting.add_argument("--setup", action="append", metavar="COMMAND", help="may be repeated")
    setting.add_argument("--check", action="append", metavar="COMMAND", help='may be repeated; "" for none')
    setting.add_argument("-m", "--model")
    add_budget(setting)
    setting.add_argument(
        "--shelf",
        type=int,
        metavar="TOKENS",
        help="what each better model may spend on what is on the shelf; 0: nothing is tried by itself",
    )
    setting.set_defaults(run=_set)
    trusting = verbs.add_parser("trust", help="let its own files (AGENTS.md, skills) count, as they are now")
    trusting.add_argument("project", help=NAMED)
    trusting.add_argument("--no-longer", action="store_true")
    trusting.set_defaults(run=_trust)


def _list(link: Link, args: argparse.Namespace) -> int:
    found = link.get("/projects")
    rows = [
        (p["name"], p["kind"], p["path"], "; ".join(p["checks"]), p["model"] or "", "yes" if p["trusted"] else "")
        for p in found
    ]
    return screen.listed(args, found, ("project", "kind", "path", "checks", "model", "trusted"), rows)


def _add(link: Link, args: argparse.Namespace) -> int:
    _tell(link.post("/projects", {"path": project_of(f"{args.path}/"), "name": args.name}))
    return endings.DONE


def _tell(project: Json) -> None:
    checks = "; ".join(project["checks"]) or f"none (`maquette projects set {project['name']} --check COMMAND`)"
    told = f"  {project['kind']} at {project['path']}; checks: {checks}"
    screen.out().line((project["name"], "bold"), told)


def _set(link: Link, args: argparse.Namespace) -> int:
    given = {"setup": _commands(args.setup), "checks": _commands(args.check), "model": args.model}
    shelf = None if args.shelf is None else {"tokens": args.shelf}
    wanted = {**given, "budget": args.budget, "shelf": shelf}
    changes = {name: value for name, value in wanted.items() if value is not None}
    if not changes:
        raise Failed("Say what to set: --setup, --check, --model, --budget or --shelf.")
    _tell(link.patch("/projects", {"project": project_of(args.project), **changes}))
    return endings.DONE


def _commands(given: list[str] | None) -> list[str] | None:
    return None if given is None else [command for command in given if command.strip()]


def _trust(link: Link, args: argparse.Namespace) -> int:
    trusted = link.post("/projects/trust", {"project": project_of(args.project), "trusted": not args.no_longer})
    told = "AGENTS.md and skills count, as they are now" if trusted["trusted"] else "no file of its own counts"
    screen.out().line((trusted["name"], "bold"), f"  {told}")
    return endings.DONE
