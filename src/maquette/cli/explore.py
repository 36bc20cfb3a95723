"""`explore`: many attempts at one question, compared, voted on, picked."""

from __future__ import annotations

import argparse
import time
from base64 import b64encode
from pathlib import Path
from typing import Any

from maquette.cli import endings, explored, judging, screen, settled
from maquette.cli.briefs import view
from maquette.cli.commands import Commands, add_verb
from maquette.cli.endings import Failed
from maquette.cli.judging import FACETS, LOOKS
from maquette.cli.link import Json, Link, segment
from maquette.cli.run import add_budget, project_of, task_of
from maquette.cli.screen import short

NAMED = "an id, its last four or more characters, or `latest`"
RISKS = ("purpose", "design", "checks", "safety", "wanted")
STAGES = ("sketch", "candidate", "shipping")
CHOICES = ("left", "right", "both", "neither")


def add(commands: Commands) -> None:
    explore = commands.add("explore", "Have many attempts made at one question, and compare them", _list)
    verbs = explore.add_subparsers(metavar="VERB", title="verbs (BEGIN may be left out)")

    def verb(name: str, told: str, run: Any, *, attempt: bool = False, named: bool = True) -> argparse.ArgumentParser:
        made = add_verb(verbs, name, told, run)
        if named:
            made.add_argument("exploration", help=NAMED)
        if attempt:
            made.add_argument("attempt", type=int, help="its number")
        return made

    begin = verb("begin", "Begin one: attempts are made, and looked at alike", _begin, named=False)
    begin.add_argument("question", nargs="+", help="what is to be answered; - takes it from standard input")
    begin.add_argument("-p", "--project", help="a name, or a path like ./folder; else the repo you are in")
    begin.add_argument("-n", "--attempts", type=int, default=6, help="how many (6)")
    begin.add_argument("--models", nargs="+", default=[], metavar="MODEL", help="by turns; else the project's")
    begin.add_argument("--approaches", nargs="+", default=[], metavar="WORDS", help="in what they are to differ")
    begin.add_argument("--medium", choices=("page", "click", "change"), help="else chosen by rule, and it says why")
    begin.add_argument(
        "--base", default="HEAD", help="the commit or branch that all begin with; baby: the baby version"
    )
    begin.add_argument("--checks", nargs="*", metavar="COMMAND", help="run on each alike; else the project's")
    begin.add_argument(
        "--probe", action="append", default=[], metavar="COMMAND", help="run on each to see how it behaves; repeatable"
    )
    begin.add_argument("--preview", default="", metavar="COMMAND", help="serves what is to be seen at $PORT")
    begin.add_argument(
        "--view", action="append", metavar="NAME=PATH[@WxH]", type=view, help="what a picture is taken of; repeatable"
    )
    begin.add_argument(
        "--film", action="append", metavar="STEP", help="filmed of each: `click WORDS`, `scroll 600`, …; repeatable"
    )
    begin.add_argument("--at-once", type=int, default=4, metavar="COUNT", help="so many at work at a time (4)")
    begin.add_argument("--wait", action="store_true", help="until all is known of each, then show them")
    add_budget(begin)
    sample = verb("sample", "Begin one of a small page, made by rule, to try all this on", _sample, named=False)
    sample.add_argument("--wait", action="store_true", help="until all is known of each, then show them")
    listing = verb("list", "List explorations, the latest first", _list, named=False)
    listing.add_argument("-p", "--project")
    show = verb("show", "Show its attempts, with what is known of each", _show)
    show.add_argument("--wait", action="store_true", help="until all is known of each")
    compare = verb("compare", "Show two attempts side by side", _compare)
    compare.add_argument("left", type=int)
    compare.add_argument("right", type=int)
    compare.add_argument("--diff", action="store_true", help="what of the left one would have to be changed")
    vote = verb("vote", "Say which of two is better", _vote)
    vote.add_argument("left", type=int)
    vote.add_argument("choice", choices=CHOICES)
    vote.add_argument("right", type=int)
    vote.add_argument("--because", default="", metavar="WORDS", help="needed where neither will do")
    vote.add_argument("--facet", choices=FACETS, help="what it is about")
    following = verb("next", "Name the two attempts whose comparison tells most", _next)
    standing = verb("standing", "Show what the votes come to, and whether that is sure enough", _standing)
    standing.add_argument("--judge", metavar="NAME", help="by one who votes, alone: `judges` lists them")
    for one in (following, standing):
        one.add_argument("--facet", choices=FACETS, help="by votes about this alone")
    judging.add(verb)
    settled.add(verb)
    verb("go-on", "Go on with an attempt that was stopped, whoever's twin it is", _go_on, attempt=True)
    verb("history", "Show every launch of each idea, and how far each model got", _history)
    extend = verb("extend", "Have more attempts made", _extend)
    extend.add_argument("-n", "--attempts", type=int, default=3, help="how many more (3)")
    extend.add_argument("--models", nargs="+", default=[], metavar="MODEL")
    extend.add_argument("--approaches", nargs="+", default=[], metavar="WORDS")
    bring = verb("import", "Bring your own as an attempt", _import)
    kinds = bring.add_mutually_exclusive_group(required=True)
    for kind in ("branch", "folder", "patch", "archive", "thread"):
        kinds.add_argument(f"--{kind}", metavar="FILE" if kind in ("patch", "archive") else "NAME")
    verb("suggested", "List what the evidence speaks for, best first, and why", _suggested)
    groups = verb("groups", "List attempts that are alike, and why", _groups)
    groups.add_argument("--by", choices=("all", "change", "behaviour", "look"), default="all", help="in what (all)")
    verb("noticed", "List threads and branches that seem to attempt the same", _noticed)
    stop = verb("stop", "Stop an attempt, or don't begin it; what it made is kept", _stop, attempt=True)
    stop.add_argument("--why", default="", metavar="WORDS")
    close = verb("close", "Say that a risk of an attempt is closed, and on what evidence", _close, attempt=True)
    close.add_argument("risk", choices=RISKS)
    close.add_argument("evidence", nargs="+")
    stage = verb("stage", "Move an attempt to another stage, once its risks are closed", _stage, attempt=True)
    stage.add_argument("stage", choices=STAGES)
    stage.add_argument("--because", required=True, metavar="WORDS")
    pick = verb("pick", "Choose an attempt: a decision, which becomes part of the project's taste", _pick, attempt=True)
    pick.add_argument("--because", required=True, metavar="WORDS")
    pick.add_argument("--facet", choices=FACETS)
    pick.add_argument("--feature", default="", help="what it belongs to")
    pick.add_argument("--merge", action="store_true", help="into the branch that you have checked out")
    pick.add_argument("--unchecked", action="store_true", help="merge it although checks failed")
    fold = verb("fold", "Make a new attempt of one, with what others changed", _fold, attempt=True)
    fold.add_argument(
        "--take", action="append", required=True, metavar="NUMBER[:FILE[:HUNKS]]", help="of this one; repeatable"
    )
    plan = verb("plan", "Foresee a fold, or have one proposed: what of others goes into one", _plan)
    plan.add_argument("--into", type=int, metavar="NUMBER", help="else the best")
    plan.add_argument("--take", action="append", metavar="NUMBER[:FILE[:HUNKS]]", help="else proposed; repeatable")
    verb("lines", "Tell where each line of an attempt is from", _lines, attempt=True)
    shelve = verb("shelve", "Put an exploration, or one attempt of it, on the shelf with the reason", _shelve)
    shelve.add_argument("attempt", type=int, nargs="?")
    shelve.add_argument("--because", default="", metavar="WORDS", help="left out: it is taken up again")
    relaunch = verb("relaunch", "Try what is on the shelf again, by another model", _relaunch)
    relaunch.add_argument("-m", "--model", required=True)
    add_budget(relaunch)
    better = verb("better", "Say that a model is better: it tries what is on the shelf again", _better, named=False)
    better.add_argument("model")
    better.add_argument("-p", "--project", help="there alone; else in all that have no worker of their own")
    verb("regained", "List what passes now that didn't when it was put on the shelf", _regained)
    taste = verb("taste", "List a project's decisions; say one, or put one otherwise", _taste, named=False)
    taste.add_argument("-p", "--project")
    taste.add_argument("--say", metavar="WORDS", help="a decision that no exploration was needed for")
    taste.add_argument("--change", metavar="DECISION", help="put this one as --say says")
    taste.add_argument("--withdraw", metavar="DECISION", help="it doesn't hold any more")
    taste.add_argument("--facet", choices=FACETS)
    explore.otherwise, explore.verbs = "begin", verbs.choices


def at(exploration: str, *more: object) -> str:
    """The address of an exploration, or of something of it."""
    return "/".join(["/explorations", segment(exploration), *map(str, more)])


def of(args: argparse.Namespace, *more: object) -> str:
    return at(args.exploration, "attempts", args.attempt, *more)


def _begin(link: Link, args: argparse.Namespace) -> int:
    new: dict[str, object] = {
        "question": task_of(args.question),
        "project": project_of(args.project),
        "attempts": args.attempts,
        "models": args.models,
        "approaches": args.approaches,
        "medium": args.medium,
        "base": args.base,
        "checks": args.checks,
        "probes": args.probe,
        "preview": args.preview,
        "views": args.view,
        "film": {"steps": args.film} if args.film else None,
        "at_once": args.at_once,
        "budget": args.budget or {},
    }
    return _made(args, link, link.post("/explorations", new))


def _sample(link: Link, args: argparse.Namespace) -> int:
    return _made(args, link, link.post("/samples/exploration"))


def _made(args: argparse.Namespace, link: Link, made: Json) -> int:
    if args.wait:
        return _shown(link, args, made["id"])
    if args.json:
        return screen.as_json(made)
    explored.tell_begun(screen.out(), made)
    return endings.DONE


def _list(link: Link, args: argparse.Namespace) -> int:
    found = link.get("/explorations", project=project_of(getattr(args, "project", None) or "") or None)
    if getattr(args, "json", False):
        return screen.as_json(found)
    explored.tell_list(screen.out(), found)
    return endings.DONE


def _show(link: Link, args: argparse.Namespace) -> int:
    return _shown(link, args, args.exploration)


def _shown(link: Link, args: argparse.Namespace, exploration: str) -> int:
    shown: Json = link.get(at(exploration))
    while args.wait and not all(map(explored.settled, shown["attempts"])):
        time.sleep(LOOKS)
        shown = link.get(at(shown["exploration"]["id"]))
    if args.json:
        return screen.as_json(shown)
    explored.tell(screen.out(), shown)
    return endings.DONE


def _compare(link: Link, args: argparse.Namespace) -> int:
    if getattr(args, "diff", False):
        differs = link.get(at(args.exploration, "difference"), left=args.left, right=args.right)
        return screen.told(args, differs, differs or "They are the same, byte for byte.")
    two = [link.get(at(args.exploration, "attempts", number)) for number in (args.left, args.right)]
    if args.json:
        return screen.as_json(two)
    explored.tell_two(screen.out(), two)
    return endings.DONE


def _vote(link: Link, args: argparse.Namespace) -> int:
    new = {"left": args.left, "right": args.right, "choice": args.choice}
    cast = link.post(at(args.exploration, "votes"), {**new, "facet": args.facet, "because": args.because})
    return screen.told(args, cast, ("Noted", "green"), f": {explored.said(cast)}")


def _next(link: Link, args: argparse.Namespace) -> int:
    left, right = link.get(at(args.exploration, "next"), facet=args.facet)
    if args.json:
        return screen.as_json([left, right])
    return _compare(link, argparse.Namespace(**vars(args), left=left, right=right))


def _standing(link: Link, args: argparse.Namespace) -> int:
    found = link.get(at(args.exploration, "standing"), facet=args.facet, judge=args.judge)
    if args.json:
        return screen.as_json(found)
    explored.tell_standing(screen.out(), found)
    return endings.DONE


def _extend(link: Link, args: argparse.Namespace) -> int:
    more = {"attempts": args.attempts, "models": args.models, "approaches": args.approaches}
    made = link.post(at(args.exploration, "extend"), more)
    return screen.told(args, made, f"{made['attempts']} attempts now.")


def _import(link: Link, args: argparse.Namespace) -> int:
    kind, name = next(
        (kind, given) for kind in ("branch", "folder", "patch", "archive", "thread") if (given := getattr(args, kind))
    )
    data = b""
    if kind in ("patch", "archive"):
        try:
            data = Path(name).read_bytes()
        except OSError as error:
            raise Failed(f"{name} can't be read: {error.strerror}.") from error
        name = Path(name).name
    elif kind == "folder":
        name = str(Path(name).expanduser().absolute())
    brought = link.post(
        at(args.exploration, "attempts"), {"kind": kind, "name": name, "data": b64encode(data).decode()}
    )
    return screen.told(args, brought, f"Attempt {brought['number']}: {kind} {name}")


def _noticed(link: Link, args: argparse.Namespace) -> int:
    found = link.get(at(args.exploration, "noticed"))
    rows = [(one["kind"], one["name"], f"{one['share']:.0%}", ", ".join(one["words"]), one["told"]) for one in found]
    none = "No thread or branch seems to attempt the same."
    return screen.listed(args, found, ("kind", "name", "alike", "words", "what it says"), rows, none)


def _suggested(link: Link, args: argparse.Namespace) -> int:
    found = link.get(at(args.exploration, "suggested"))
    rows = [(str(one["attempt"]), f"{one['score']:.2f}", "; ".join(one["why"])) for one in found]
    return screen.listed(args, found, ("attempt", "score", "why"), rows)


def _groups(link: Link, args: argparse.Namespace) -> int:
    found = link.get(at(args.exploration, "groups"), by=args.by)
    rows = [(", ".join(map(str, one["members"])), "; ".join(one["why"])) for one in found]
    return screen.listed(args, found, ("attempts", "alike by"), rows)


def _stop(link: Link, args: argparse.Namespace) -> int:
    stopped = link.post(of(args, "stop"), {"why": args.why})
    return screen.told(args, stopped, f"Attempt {stopped['number']} is stopped. {stopped['stopped']}")


def _go_on(link: Link, args: argparse.Namespace) -> int:
    attempt = link.post(of(args, "go-on"))
    return screen.told(args, attempt, f"Attempt {attempt['number']} goes on.")


def _history(link: Link, args: argparse.Namespace) -> int:
    found = link.get(at(args.exploration, "history"))
    if args.json:
        return screen.as_json(found)
    explored.tell_history(screen.out(), found)
    return endings.DONE


def _close(link: Link, args: argparse.Namespace) -> int:
    done = link.post(of(args, "risks"), {"risk": args.risk, "evidence": " ".join(args.evidence)})
    closed = ", ".join(one["risk"] for one in done["closed"])
    return screen.told(args, done, f"Attempt {done['number']}, a {done['stage']}. Closed: {closed}.")


def _stage(link: Link, args: argparse.Namespace) -> int:
    moved = link.post(of(args, "stage"), {"stage": args.stage, "reason": args.because})
    return screen.told(args, moved, f"Attempt {moved['number']} is a {moved['stage']} now.")


def _pick(link: Link, args: argparse.Namespace) -> int:
    picking = {"reason": args.because, "facet": args.facet, "feature": args.feature}
    decision = link.post(of(args, "pick"), picking)
    if args.merge:
        merged = link.post(of(args, "merge"), {"unchecked": args.unchecked})
        if not args.json:
            screen.out().line(("Merged", "green"), f" into {merged['into']}: {merged['after'][:10]}")
    return screen.told(args, decision, f"Attempt {decision['attempt']} is picked: decision {short(decision['id'])}.")


def _fold(link: Link, args: argparse.Namespace) -> int:
    folded = link.post(at(args.exploration, "fold"), {"into": args.attempt, "takes": args.take})
    return screen.told(args, folded, f"Attempt {folded['number']}: {folded['source']['name']}")


def _plan(link: Link, args: argparse.Namespace) -> int:
    found = link.get(at(args.exploration, "fold"), into=args.into, take=args.take)
    if args.json:
        return screen.as_json(found)
    explored.tell_plan(screen.out(), found, args.exploration)
    return endings.DONE


def _lines(link: Link, args: argparse.Namespace) -> int:
    found = link.get(of(args, "lines"))
    rows = [(path, span["origin"], str(span["lines"])) for path, spans in found.items() for span in spans]
    return screen.listed(args, found, ("file", "from", "lines"), rows, "It is as at the base.")


def _shelve(link: Link, args: argparse.Namespace) -> int:
    path = at(args.exploration, "shelve") if args.attempt is None else of(args, "shelve")
    away = link.post(path, {"why": args.because})
    return screen.told(args, away, f"On the shelf: {away['shelved']}" if away["shelved"] else "Taken up again.")


def _relaunch(link: Link, args: argparse.Namespace) -> int:
    made = link.post(at(args.exploration, "relaunch"), {"model": args.model, "budget": args.budget})
    return screen.told(args, made, f"{made['attempts']} attempts now.")


def _better(link: Link, args: argparse.Namespace) -> int:
    project = project_of(args.project) if args.project else None
    offered = link.post("/models/better", {"model": args.model, "project": project})
    tries = f"What is on the shelf is tried again by {args.model}; what passes then, the inbox says."
    return screen.told(args, offered, tries if offered["tries"] else "Nothing is on the shelf that it could try.")


def _regained(link: Link, args: argparse.Namespace) -> int:
    found = link.get(at(args.exploration, "regained"))
    rows = [(str(one["shelved"]), str(one["again"]), one["model"], "; ".join(one["checks"])) for one in found]
    none = "Nothing passes now that didn't when it was shelved."
    return screen.listed(args, found, ("shelved", "again", "by", "passes now"), rows, none)


def _taste(link: Link, args: argparse.Namespace) -> int:
    project = project_of(args.project)
    if project is None:
        raise Failed("Name the project: -p. `maquette projects` lists them.")
    if (id := args.change or args.withdraw) is not None:
        changed = {"reason": args.say, "facet": args.facet, "withdrawn": True if args.withdraw else None}
        link.patch(f"/taste/{segment(id)}", {name: value for name, value in changed.items() if value is not None})
    elif args.say:
        link.post("/taste", {"project": project, "reason": args.say, "facet": args.facet})
    found = link.get("/taste", project=project)
    rows = [(one["id"], one["facet"] or "", one["reason"], f"v{one['version']}", one["at"][:10]) for one in found]
    none = "Nothing is decided yet: pick an attempt, or --say."
    code = screen.listed(args, found, ("decision", "facet", "reason", "version", "when"), rows, none)
    for one in () if args.json else link.get("/taste/foreseen", project=project):
        screen.out().line((one["says"], "dim"))
    return code
