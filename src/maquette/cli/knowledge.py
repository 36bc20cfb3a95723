"""What there is to look up: skills, what was said, what it cost."""

from __future__ import annotations

import argparse
import json

from maquette.cli import endings, screen
from maquette.cli.commands import Commands
from maquette.cli.link import Json, Link, segment
from maquette.cli.run import project_of
from maquette.cli.screen import count, short


def add(commands: Commands) -> None:
    skills = commands.add("skills", "The skills on offer, or one of them whole", _skills)
    skills.add_argument("name", nargs="?")
    skills.add_argument("-p", "--project", help="with those of its own, once it is trusted")
    search = commands.add("search", 'Find what was said; "in quotes" is a phrase', _search)
    search.add_argument("words", nargs="+")
    search.add_argument("-n", type=int, default=20, metavar="COUNT", help="how many (20)")
    cost = commands.add("cost", "What models' answers cost", _cost)
    cost.add_argument("--by", default="model", metavar="model|project|thread|turn|day")
    cost.add_argument("-p", "--project")
    cost.add_argument("--since", metavar="2026-05-31")
    cost.add_argument("--until", metavar="2026-05-31")
    for one in (skills, search, cost):
        one.add_argument("--json", action="store_true", help="as the base gives it")


def _skills(link: Link, args: argparse.Namespace) -> int:
    project = project_of(args.project) if args.project else None
    out = screen.out()
    if args.name:
        skill = link.get(f"/skills/{segment(args.name)}", project=project)
        out.line(json.dumps(skill) if args.json else f"{skill['name']}: {skill['when']}\n{skill['folder']}")
        return endings.DONE
    offer = link.get("/skills", project=project)
    if args.json:
        return screen.as_json(offer)
    for skill in offer["skills"]:
        out.line((skill["name"], "bold"), f"  {skill['when']}")
        if skill["matches"]:
            out.line((f"    try: “{skill['matches'][0]}”", "dim"))
    for broken in offer["broken"]:
        out.line(("✗ ", "red"), f"{broken['folder']}: {broken['why']}")
    return endings.DONE


def _search(link: Link, args: argparse.Namespace) -> int:
    found = link.get("/search", q=" ".join(args.words), limit=args.n)
    out = screen.out()
    if args.json:
        return screen.as_json(found)
    for hit in found:
        out.line((short(hit["thread"]), "bold"), f"  {hit['title']}", (f"  {hit['who']}, {hit['at'][:16]}", "dim"))
        if hit["who"] != "title":
            pieces = [(" ".join(piece.split("\n")), "yellow" if sought else "") for piece, sought in hit["pieces"]]
            out.line("    ", *pieces)
    if not found:
        out.line(("Nothing said so.", "dim"))
    return endings.DONE


def _cost(link: Link, args: argparse.Namespace) -> int:
    project = project_of(args.project) if args.project else None
    found = link.get("/costs", by=args.by, project=project, since=args.since, until=args.until)
    rows = [
        (
            short(cost["key"]) if args.by in ("thread", "turn") else cost["key"],
            str(cost["requests"]),
            *(count(cost[name]) for name in ("input", "cached", "output")),
            _price(cost),
        )
        for cost in found
    ]
    return screen.listed(args, found, (args.by, "requests", "input", "cached", "output", "price"), rows)


def _price(cost: Json) -> str:
    unknown = f" + {cost['unpriced']} unknown" if cost["unpriced"] else ""
    estimated = f" ({cost['estimated']} estimated)" if cost["estimated"] else ""
    return f"${float(cost['price']):.4f}{unknown}{estimated}"
