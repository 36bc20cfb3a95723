"""Reports: read them, answer them, see what that taught."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence

from maquette.cli import endings, screen
from maquette.cli.commands import Commands
from maquette.cli.link import Json, Link, segment
from maquette.cli.screen import minute

OF = "an automation's name or id, or a thread's id, or `latest`"


def add(commands: Commands) -> None:
    one = commands.add("reports", "The reports of an automation or a thread, newest first", _reports)
    one.add_argument("of", nargs="?", default="latest", help="an automation, or a thread; else the latest thread")
    two = commands.add("reply", "Answer a report: what is right or wrong with it, in plain words", _reply)
    two.add_argument("of", help=OF)
    two.add_argument("text", help="“less #random”, “more from Ada”, “missed: LINK”, “bad 3”, “give me five questions”")
    two.add_argument("--try", dest="tried", action="store_true", help="only say what that would change")
    two.add_argument("--line", type=int, help="the line of the last report that this is about")
    three = commands.add("interests", "What replies to reports taught, and by which words; or the cases", _interests)
    three.add_argument("of", help=OF)
    three.add_argument("--cases", action="store_true", help="replay each case: is it kept?")
    for command in (one, two, three):
        command.add_argument("--json", action="store_true", help="as the base gives it")


def _reports(link: Link, args: argparse.Namespace) -> int:
    found = link.get(f"/reports/{segment(args.of)}")
    out = screen.out()
    if args.json:
        return screen.as_json(found)
    for report in found:
        out.line((report["title"], "bold"), (f"  {minute(report['since'])} to {minute(report['until'])}", "dim"))
        for number, line in enumerate(report["lines"], 1):
            told(out, number, line)
    if found:
        out.line((f"Say what was wrong with it: maquette reply {shlex.quote(args.of)} 'less #random'", "dim"))
    else:
        out.line(("No report yet: `maquette run 'report what matters'` makes one.", "dim"))
    return endings.DONE


def told(out: screen.Screen, number: int, line: Json) -> None:
    """One line of a report, with its sources and why it is in."""
    out.line(f"{number:>3}. {line['text']}")
    cited = line["cites"][0]
    more = f", and {line['more']} more like this" if line["more"] else ""
    where = " ".join(filter(None, (cited["channel"], cited["link"])))
    out.line((f"     {cited['author']}, {where}{more} · {line['why']}", "dim"))


def _reply(link: Link, args: argparse.Namespace) -> int:
    way = "foreseen" if args.tried else "replies"
    came = link.post(f"/reports/{segment(args.of)}/{way}", {"text": args.text, "line": args.line})
    out = screen.out()
    if args.json:
        return screen.as_json(came)
    if args.tried:
        out.line(came["says"])
    else:
        heard(out, came)
    return endings.DONE


def heard(out: screen.Screen, came: Sequence[Json]) -> None:
    """What came of a reply."""
    for event in came:
        _came(out, event)


def _came(out: screen.Screen, event: Json) -> None:
    match event["type"]:
        case "interest.changed":
            past = f"  (past reports: +{event['gained']} −{event['lost']} lines)" if event["changes"] else ""
            out.line((f"version {event['version']}: ", "green"), event["sentence"], (past, "dim"))
        case "change.offered":
            out.line((event["sentence"], "yellow"))
            for number, way in enumerate(event["ways"], 1):
                out.line(f"  {number}. {way['sentence']}")
        case "plan.amended":
            out.line((f"version {event['version']} of the automation: ", "green"), event["sentence"])
        case "questions.put":
            for number, question in enumerate(event["questions"], 1):
                out.line(f"  {number}. {question['text']}")
            out.line(("Answer in order, as “yes no skip yes no”.", "dim"))
        case _:
            out.line(event["sentence"])


def _interests(link: Link, args: argparse.Namespace) -> int:
    out = screen.out()
    found = link.get(f"/reports/{segment(args.of)}/{'cases' if args.cases else 'interests'}")
    if args.json:
        return screen.as_json(found)
    if args.cases:
        for one in found:
            must = "must be in" if one["case"]["wanted"] else "must not be in"
            out.line(("✓ " if one["kept"] else "✗ ", "green" if one["kept"] else "red"), f"{must}: {one['text'][:100]}")
    else:
        out.line((f"Version {found['version']}; at most {found['lines']} lines.", "bold"))
        rows = [(one["about"], f"{one['worth']:+.2f}", _by(one)) for one in found["weights"]]
        taught = [*([found["length"]] if found["length"]["version"] else []), *found["rules"]]
        rows += [(one["about"], "", _by(one)) for one in taught]
        if rows:
            out.table(("what", "counts", "because you said"), rows)
    return endings.DONE


def _by(weight: Json) -> str:
    return f"“{weight['said']}” (version {weight['version']})" if weight["version"] else ""
