"""Automations: what is done by itself, and what became of each time."""

from __future__ import annotations

import argparse
import shlex
import sys

from maquette.cli import endings, screen
from maquette.cli.commands import Commands, Run, add_verb
from maquette.cli.endings import Failed
from maquette.cli.link import Json, Link, segment
from maquette.cli.moments import moment
from maquette.cli.run import budget, project_of, task_of
from maquette.cli.screen import Screen, many, minute, short

EFFECTS = ("reads", "writes", "runs", "network", "screen")
NAMED = "its name, or the end of its id"


def add(commands: Commands) -> None:
    top = commands.add("automations", "What is done by itself; draft one, turn it on, look at its receipts", _list)
    top.add_argument("--json", action="store_true", help="as the base gives it")
    verbs = top.add_subparsers()

    def verb(name: str, told: str, run: Run) -> argparse.ArgumentParser:
        made = add_verb(verbs, name, told, run)
        made.add_argument("automation", help=NAMED)
        return made

    adding = verbs.add_parser("add", help="a draft, which does nothing until it is turned on", allow_abbrev=False)
    adding.add_argument("name")
    adding.add_argument("brief", nargs="*", help="what is to be done; - takes it from standard input")
    _add_plan(adding)
    adding.set_defaults(run=_draft)
    garden = verbs.add_parser("garden", help="the night gardener, as a draft: what could go", allow_abbrev=False)
    garden.add_argument("name", nargs="?", default="gardener", help="gardener")
    _add_plan(garden)
    garden.set_defaults(run=_garden)
    setting = verbs.add_parser("set", help="change it, as another version", allow_abbrev=False)
    setting.add_argument("automation", help=NAMED)
    setting.add_argument("--name")
    setting.add_argument("--brief", nargs="+")
    setting.add_argument("--over", type=int, metavar="VERSION", help="only if it is still at this one")
    setting.add_argument("--because", default="", help="why, for whoever looks at its versions")
    _add_plan(setting)
    setting.set_defaults(run=_set)
    restoring = verb("restore", "bring a former version back", _restore)
    restoring.add_argument("version", type=int)
    verb("show", "all about it: what it may do, when, its versions", _show)
    on = verb("on", "let it run by itself, within what is shown", _on)
    on.add_argument("--yes", action="store_true", help="without being asked again; it is shown all the same")
    verb("off", "no more slots; nothing is approved any longer", _off)
    pausing = verb("pause", "no slots for now; what was approved stays so", _pause)
    pausing.add_argument("--until", metavar="TIME", help='like friday or "tomorrow at 7"; then it goes on by itself')
    verb("resume", "go on after a pause", _resume)
    verb("run", "now, beside its slots", _run)
    verb("try", "a run of which nothing leaves its own tree, and which counts as no slot", _try)
    receipts = add_verb(verbs, "receipts", "what became of each slot, of one or of all", _receipts)
    receipts.add_argument("automation", nargs="?", help=NAMED)
    receipts.add_argument("-n", type=int, default=20, help="how many (20)")


def _add_plan(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--when", metavar="SCHEDULE", help='"weekdays at 7", "every 2 hours", "0 7 * * 1-5"; "" for never'
    )
    parser.add_argument("--wake", action="append", type=_wake, metavar="TRIGGER", help='like "files path=in"; repeated')
    parser.add_argument("--zone", help="whose clocks count, like Europe/Berlin; else this machine's")
    parser.add_argument("-p", "--project", help="where; else the repo you are in, else the desk")
    parser.add_argument("--mode", choices=("worktree", "local"), help="in a tree of its own (repos), or in the folder")
    parser.add_argument("-m", "--model", help="wire:name; else the project's")
    parser.add_argument("--look", metavar="COMMAND", help="run first; when it prints nothing, no model is asked")
    thread = parser.add_mutually_exclusive_group()
    thread.add_argument(
        "--one-thread", dest="goes_on", action="store_true", default=None, help="all runs in one thread"
    )
    thread.add_argument("--own-threads", dest="goes_on", action="store_false", help="each run in its own")
    parser.add_argument("--may", type=_effects, metavar="reads,writes,runs,network", help="without asking")
    parser.add_argument("--host", action="append", help="whom it may reach; may be repeated")
    parser.add_argument("--budget", type=budget, metavar="steps=50,usd=1,tokens=200k,minutes=10", help="of each run")
    parser.add_argument("--daily", type=budget, metavar="usd=5", help="of all its runs in a day")
    checked = parser.add_mutually_exclusive_group()
    checked.add_argument("--check", metavar="COMMAND", help="each run is proved by this command")
    checked.add_argument("--leaves", action="append", metavar="FILE", help="by this file; may be repeated")
    checked.add_argument("--reports", action="store_true", help="by a report that says something")
    parser.add_argument("--overlap", choices=("skip", "wait"), help="what is due while a run is at work: skip")
    parser.add_argument("--catch-up", choices=("once", "record"), help="what was missed: made up for once")


def _effects(text: str) -> list[str]:
    given = [one.strip() for one in text.split(",") if one.strip()]
    if odd := [one for one in given if one not in EFFECTS]:
        raise argparse.ArgumentTypeError(f"{odd[0]!r} is none of {', '.join(EFFECTS)}")
    return given


def _wake(text: str) -> Json:
    """`files path=reports names=*.csv`."""
    trigger, *options = shlex.split(text) or [""]
    if odd := [one for one in options if "=" not in one]:
        raise argparse.ArgumentTypeError(f"{odd[0]!r} is no option like path=reports")
    return {"trigger": trigger, "options": dict(one.split("=", 1) for one in options)}


def _plan(args: argparse.Namespace, former: Json) -> Json:
    """What was said, of `former` what has parts and keeps the others."""
    simple = ("mode", "model", "look", "goes_on", "overlap", "catch_up")
    given: Json = {name: value for name in simple if (value := getattr(args, name)) is not None}
    when = {"schedule": args.when, "zone": args.zone, "wakes": args.wake}
    if any(value is not None for value in when.values()):
        given["when"] = {**former.get("when", {}), **{name: value for name, value in when.items() if value is not None}}
    parts = {"effects": args.may, "hosts": args.host, "budget": args.budget, "daily": args.daily}
    if any(value is not None for value in parts.values()):
        said = {name: value for name, value in parts.items() if value is not None}
        given["manifest"] = {**former.get("manifest", {}), **said}
    if args.check:
        given["postcondition"] = {"kind": "passes", "command": args.check}
    elif args.leaves:
        given["postcondition"] = {"kind": "leaves", "files": args.leaves}
    elif args.reports:
        given["postcondition"] = {"kind": "reports"}
    return given


def _draft(link: Link, args: argparse.Namespace) -> int:
    if not args.brief:
        raise Failed(
            'Say what it is called, then what it does: maquette automations add NAME "…" --when "weekdays at 7". '
            f'Or all of it in one sentence, in a thread: maquette run "{args.name}".'
        )
    return _made(link, args, "/automations", {"brief": task_of(args.brief)})


def _garden(link: Link, args: argparse.Namespace) -> int:
    return _made(link, args, "/automations/gardener", {})


def _made(link: Link, args: argparse.Namespace, way: str, given: Json) -> int:
    project = project_of(args.project)
    where = {"project": project} if project else {}
    made = link.post(way, {"name": args.name, **given, **_plan(args, {}), **where})
    _tell(screen.out(), link.get(_at(made["id"])))
    return endings.DONE


def _set(link: Link, args: argparse.Namespace) -> int:
    at = _get(link, args)["automation"]
    given = _plan(args, at["plan"])
    given |= {"name": args.name} if args.name else {}
    given |= {"brief": " ".join(args.brief)} if args.brief else {}
    given |= {"project": project_of(args.project)} if args.project else {}
    if not given:
        raise Failed("Say what to set: `maquette automations set --help`.")
    link.patch(_at(at["id"]), {**given, "because": args.because, "over": args.over or at["version"]})
    _tell(screen.out(), link.get(_at(at["id"])))
    return endings.DONE


def _at(automation: str, verb: str = "") -> str:
    return f"/automations/{segment(automation)}{verb}"


def _get(link: Link, args: argparse.Namespace) -> Json:
    return link.get(_at(args.automation))


def _restore(link: Link, args: argparse.Namespace) -> int:
    link.post(_at(args.automation, f"/versions/{args.version}/restore"))
    return _show(link, args)


def _list(link: Link, args: argparse.Namespace) -> int:
    found = link.get("/automations")
    rows = [
        (one["automation"]["plan"]["name"], _state(one), _next(one), _came(one["last"]) if one["last"] else "")
        for one in found
    ]
    none = "None yet: `maquette automations add`, or say it in a thread."
    return screen.listed(args, found, ("automation", "state", "next", "last"), rows, none)


def _state(told: Json) -> str:
    at, waits = told["automation"], f", {told['waits']} waiting for you" if told["waits"] else ""
    return f"{at['state']}{_until(at)}{waits}"


def _until(at: Json) -> str:
    return f" until {minute(at['until'])}" if at["state"] == "paused" and at["until"] else ""


def _next(told: Json) -> str:
    return told["next"][0]["local"].replace("T", " ") if told["next"] and told["automation"]["state"] != "off" else ""


def _show(link: Link, args: argparse.Namespace) -> int:
    told, out = _get(link, args), screen.out()
    if args.json:
        return screen.as_json(told)
    _tell(out, told)
    for one in link.get(_at(args.automation, "/versions")):
        changed = ", ".join(one["changed"]) if one["changed"] else "drafted"
        back = f", version {one['restores']} again" if one["restores"] else ""
        why = f": {one['because']}" if one["because"] else ""
        out.line((f"  {one['version']}. {minute(one['at'])} ", "dim"), f"{changed}{back}{why}")
    return endings.DONE


def _tell(out: Screen, told: Json) -> None:
    at = told["automation"]
    out.line((at["plan"]["name"], "bold"), f"  {_state(told)}", (f"  {short(at['id'])}", "dim"))
    if told["means"]:
        out.line(" ".join((told["means"], *told["notes"])))
    if told["next"]:
        out.line(("  next: ", "dim"), ", ".join(slot["local"].replace("T", " ") for slot in told["next"]))
    _approved(out, told)
    if not at["plan"]["when"]["schedule"] and not at["plan"]["when"]["wakes"]:
        out.line(("It has no time: ", "yellow"), f"maquette automations set {short(at['id'])} --when 'weekdays at 7'")
    if at["state"] in ("draft", "off"):
        out.line(("It does nothing yet: ", "yellow"), f"maquette automations on {short(at['id'])}  (or try)")


def _approved(out: Screen, told: Json) -> None:
    for name, value in told["shown"]:
        out.line((f"  {name}: ", "dim"), value)


def _on(link: Link, args: argparse.Namespace) -> int:
    told, out = _get(link, args), screen.out()
    _approved(out, told)
    if not args.yes:
        if not sys.stdin.isatty():
            raise Failed("It was not turned on: nobody is there to ask. Say --yes if this is what you want.")
        out.write("Let it run by itself, within this? [y/N] ", "yellow")
        out.flush()
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise Failed("It was not turned on.")
    return _switched(link, args, "/on", {"digest": told["digest"]})


def _off(link: Link, args: argparse.Namespace) -> int:
    return _switched(link, args, "/off")


def _pause(link: Link, args: argparse.Namespace) -> int:
    return _switched(link, args, "/pause", {"until": moment(args.until).isoformat() if args.until else None})


def _resume(link: Link, args: argparse.Namespace) -> int:
    return _switched(link, args, "/resume")


def _switched(link: Link, args: argparse.Namespace, verb: str, body: Json | None = None) -> int:
    link.post(_at(args.automation, verb), body)
    told = _get(link, args)
    following = f", next at {_next(told)}" if _next(told) else ""
    return screen.told(args, told, (told["automation"]["plan"]["name"], "bold"), f" is {_state(told)}{following}.")


def _run(link: Link, args: argparse.Namespace) -> int:
    return _begun(link, args, "/run")


def _try(link: Link, args: argparse.Namespace) -> int:
    return _begun(link, args, "/trial")


def _begun(link: Link, args: argparse.Namespace, verb: str) -> int:
    began = link.post(_at(args.automation, verb))
    return screen.told(args, began, ("It is at work: ", "dim"), f"maquette show --follow {short(began['thread'])}")


def _receipts(link: Link, args: argparse.Namespace) -> int:
    found = link.get("/receipts", automation=args.automation, limit=args.n)
    rows = [
        (_due(one), _came(one), one["proved"], _did(one), _cost(one), short(one["thread"]) if one["thread"] else "")
        for one in found
    ]
    none = "None yet: they come with its first slot, or by `maquette automations try`."
    return screen.listed(args, found, ("due", "came to", "proved", "did", "cost", "thread"), rows, none)


def _due(one: Json) -> str:
    if one["due"] is None:
        by: dict[str, str] = {"now": "by hand", "dry": "trial"}
        return by.get(one["cause"]) or str(one["slot"]).partition(" ")[0]
    more = f" and {one['count'] - 1} more" if one["count"] > 1 else ""
    return f"{one['slot'].partition(' ')[0].replace('T', ' ')}{more}"


CAME = {
    "done": "done",
    "unchecked": "done, and nothing was checked",
    "unmet": "not done: what was to hold afterwards doesn't",
    "nothing": "nothing new",
    "failed": "failed",
    "stopped": "stopped",
    "budget": "its budget is used up",
}


def _came(one: Json) -> str:
    match one["state"]:
        case "skipped":
            return f"skipped: {one['told']}"
        case "waits":
            return "waits for you"
        case "begun":
            return "at work"
        case _:
            why = f": {one['reason']}" if one["reason"] else ""
            return f"{CAME[one['result']]}{why}"


def _did(one: Json) -> str:
    if one["state"] != "ended":
        return ""
    files = f", {many(len(one['files']), 'file')} (+{one['added']} -{one['removed']})" if one["files"] else ""
    return f"{many(one['calls'], 'call')}{files}, {many(one['words'], 'word')}"


def _cost(one: Json) -> str:
    if one["state"] != "ended":
        return ""
    if not one["requests"]:
        return "nothing"
    unknown = f" (without {one['unpriced']} of unknown price)" if one["unpriced"] else ""
    return f"${float(one['price']):.4f}{unknown}, {one['tokens']:,} tokens"
