"""Budgets: what may be spent, in each turn, thread, project and day, and what is."""

from __future__ import annotations

import argparse

from maquette.cli import endings, screen
from maquette.cli.commands import Commands
from maquette.cli.endings import Failed
from maquette.cli.link import Json, Link
from maquette.cli.run import budget, project_of

PERS = ("turn", "thread", "project", "day")


def add(commands: Commands) -> None:
    one = commands.add("budget", "What may be spent, and what is; or set it", _budget)
    one.add_argument(
        "caps", nargs="?", type=_caps, metavar="steps=50,usd=1,tokens=200k,minutes=10", help="or none, for no cap"
    )
    one.add_argument(
        "--per", metavar="|".join(PERS), help="in each turn, in each thread, in a project in all, in a day"
    )
    one.add_argument("-p", "--project", help="of this project; else of everything")
    one.add_argument("-t", "--thread", help="of this thread")
    one.add_argument("--json", action="store_true", help="as the base gives it")


def _caps(text: str) -> Json:
    return {} if text == "none" else dict(budget(text))


def _budget(link: Link, args: argparse.Namespace) -> int:
    if args.caps is not None:
        return _set(link, args)
    found = link.get("/budgets")
    rows = [
        (one["named"] or "everything", one["cap"]["per"], caps(one["cap"]["budget"]), _spent(one["spent"]))
        for one in found
    ]
    none = "No caps. `maquette budget usd=5 --per day` sets one."
    return screen.listed(args, found, ("of", "per", "caps", "spent"), rows, none)


def _set(link: Link, args: argparse.Namespace) -> int:
    if args.per not in PERS:
        raise Failed(f"Say of what: --per {', '.join(PERS[:-1])} or {PERS[-1]}.")
    project = project_of(args.project) if args.project else None
    link.patch("/budgets", {"per": args.per, "budget": args.caps, "project": project, "thread": args.thread})
    screen.out().line("No cap is left there." if not args.caps else "It holds from the next request on.")
    return endings.DONE


def caps(given: Json) -> str:
    """Caps in the units of people."""
    forms = {"money": "${}", "tokens": "{:,} tokens", "steps": "{:,} steps", "seconds": "{:g} s"}
    return ", ".join(form.format(given[name]) for name, form in forms.items() if given.get(name) is not None)


def _spent(spent: Json | None) -> str:
    if spent is None:
        return ""
    unknown = f" (without {spent['unpriced']} of unknown price)" if spent["unpriced"] else ""
    return f"${float(spent['money']):.4f}{unknown}, {spent['tokens']:,} tokens, {spent['steps']:,} steps"
