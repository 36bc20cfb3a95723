"""What is added to `explore`: who votes and what that comes to, what was stopped and goes on, a brief over time."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

from maquette.cli import endings, explored, screen
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
    verb("go-on", "Go on with an attempt that was stopped, whoever's twin it is", _go_on, attempt=True)
    verb("history", "Show every launch of each idea, and how far each model got", _history)
    verb("judges", "List who voted, and how often each model agrees with you so far", _judges)
    standing = verb("standing", "Show what the votes come to, and whether that is sure enough", _standing)
    standing.add_argument("--facet", choices=FACETS, help="by votes about this alone")
    standing.add_argument("--judge", metavar="NAME", help="by one who votes, alone: `judges` lists them")


def _judge(link: Link, args: argparse.Namespace) -> int:
    asked = {"pairs": args.pairs, "facet": args.facet, "budget": args.budget}
    made = link.post(f"/explorations/{segment(args.exploration)}/judgings", asked)
    if args.wait:
        while link.get(f"/explorations/{segment(made['id'])}/judges")["last"]["under_way"]:
            time.sleep(LOOKS)
        return _judges(link, args)
    if args.json:
        return screen.as_json(made)
    screen.out().line(f"It compares {args.pairs} pairs, each twice. `maquette explore judges` says how far it is.")
    return endings.DONE


def _go_on(link: Link, args: argparse.Namespace) -> int:
    attempt = link.post(f"/explorations/{segment(args.exploration)}/attempts/{args.attempt}/go-on")
    if args.json:
        return screen.as_json(attempt)
    screen.out().line(f"Attempt {attempt['number']} goes on.")
    return endings.DONE


def _history(link: Link, args: argparse.Namespace) -> int:
    found = link.get(f"/explorations/{segment(args.exploration)}/history")
    if args.json:
        return screen.as_json(found)
    out = screen.out()
    for idea in found["ideas"]:
        out.line((idea["approach"] or "as it is", "bold"), (f"  {len(idea['launches'])} launches", "dim"))
        out.table(("when", "attempt", "by", "checks", "tokens", ""), [_launch(one) for one in idea["launches"]])
    if not found["ideas"]:
        out.line(("No agent has attempted it yet.", "dim"))
    for one in found["models"]:
        wide = round(20 * one["mean"])
        share = f" {one['mean']:.0%}, {one['best']:.0%} in the best of {one['launches']}"
        out.line((f"{'█' * wide}{'·' * (20 - wide)} ", "green"), f"{one['model']}:{share}")
    return endings.DONE


def _launch(one: Json) -> tuple[str, ...]:
    passed = "?" if one["passed"] is None else f"{one['passed']}/{one['checks']}"
    shelf = "on the shelf" if one["shelved"] else ""
    return one["at"][:16], str(one["attempt"]), one["model"], passed, count(one["tokens"]), shelf


def _judges(link: Link, args: argparse.Namespace) -> int:
    found = link.get(f"/explorations/{segment(args.exploration)}/judges")
    if args.json:
        return screen.as_json(found)
    out = screen.out()
    if found["judges"]:
        rows = [(one["name"], one["kind"], str(one["votes"]), one["says"], _worth(one)) for one in found["judges"]]
        out.table(("judge", "is a", "votes", "", "counts"), rows)
    else:
        out.line(("Nobody has voted yet.", "dim"))
    if last := found["last"]:
        out.line((_told(last), "dim"))
    return endings.DONE


def _worth(one: Json) -> str:
    return f"{one['weight']:.2f} of a vote" if one["kind"] == "model" else ""


def _told(last: Json) -> str:
    far = "is at it" if last["under_way"] else "is done" if not last["why"] else f"ended: {last['why']}"
    return f"{last['model']} {far}: {last['votes']} of {last['pairs']} pairs, {count(last['tokens'])} tokens."


def _standing(link: Link, args: argparse.Namespace) -> int:
    path = f"/explorations/{segment(args.exploration)}/standing"
    found = link.get(path, facet=args.facet, judge=args.judge)
    if args.json:
        return screen.as_json(found)
    explored.tell_standing(screen.out(), found)
    return endings.DONE
