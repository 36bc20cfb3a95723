"""What of `explore` is about models that judge."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

from maquette.cli import endings, screen
from maquette.cli.link import Json, Link, segment
from maquette.cli.run import add_budget
from maquette.cli.screen import count

FACETS = ("look", "fit", "direction", "voice", "behaviour")
LOOKS = 0.5
"""Seconds between looks at how far it is."""
Verb = Callable[..., argparse.ArgumentParser]


def add(verb: Verb) -> None:
    judge = verb("judge", "Have the reviewer, a model, compare attempts: each pair in both orders", _judge)
    judge.add_argument("-n", "--pairs", type=int, default=10, help="how many (10)")
    judge.add_argument("--facet", choices=FACETS, help="in this alone")
    judge.add_argument("--wait", action="store_true", help="until it ended, then show who votes")
    add_budget(judge)
    verb("judges", "List who voted, and how often each model agrees with you so far", _judges)


def _judge(link: Link, args: argparse.Namespace) -> int:
    asked = {"pairs": args.pairs, "facet": args.facet, "budget": args.budget}
    made = link.post(f"/explorations/{segment(args.exploration)}/judgings", asked)
    if args.wait:
        while link.get(f"/explorations/{segment(made['id'])}/judges")["last"]["under_way"]:
            time.sleep(LOOKS)
        return _judges(link, args)
    told = f"It compares {args.pairs} pairs, each twice. `maquette explore judges` says how far it is."
    return screen.told(args, made, told)


def _judges(link: Link, args: argparse.Namespace) -> int:
    found = link.get(f"/explorations/{segment(args.exploration)}/judges")
    if args.json:
        return screen.as_json(found)
    out = screen.out()
    rows = [(one["name"], one["kind"], str(one["votes"]), one["says"], _worth(one)) for one in found["judges"]]
    out.table(("judge", "is a", "votes", "", "counts"), rows, "Nobody has voted yet.")
    if last := found["last"]:
        out.line((_told(last), "dim"))
    return endings.DONE


def _worth(one: Json) -> str:
    return f"{one['weight']:.2f} of a vote" if one["kind"] == "model" else ""


def _told(last: Json) -> str:
    far = (
        f"waits ({last['waits']})"
        if last["waits"]
        else "is at it"
        if last["under_way"]
        else "is done"
        if not last["why"]
        else f"ended: {last['why']}"
    )
    return f"{last['model']} {far}: {last['votes']} of {last['pairs']} pairs, {count(last['tokens'])} tokens."
