"""The inbox: what needs you, done with, put off, replied to."""

from __future__ import annotations

import argparse

from maquette.cli import endings, screen
from maquette.cli.commands import Commands
from maquette.cli.endings import Failed
from maquette.cli.link import Json, Link, segment
from maquette.cli.moments import moment
from maquette.cli.screen import Screen, line_of, short
from maquette.cli.waits import say_how, show

VERBS = ("list", "done", "later", "reply", "back")


def add(commands: Commands) -> None:
    inbox = commands.add("inbox", "What needs you, the most important first; done with, put off, or replied to", _inbox)
    inbox.add_argument("verb", nargs="?", choices=VERBS, default="list", metavar="|".join(VERBS))
    inbox.add_argument("thread", nargs="?", help="an id, its last four or more characters, or `latest`")
    inbox.add_argument("words", nargs="*", help="later: 2h, tomorrow, monday, 2026-05-31 … 09:30; reply: what to say")
    either = inbox.add_mutually_exclusive_group()
    either.add_argument("--later", action="store_const", const="later", dest="state", help="list what was put off")
    either.add_argument("--done", action="store_const", const="done", dest="state", help="list what was done with")
    inbox.add_argument("--json", action="store_true", help="as the base gives it")


def _inbox(link: Link, args: argparse.Namespace) -> int:
    if args.verb == "list":
        return _list(link, args)
    if not args.thread:
        raise Failed(f"Say which thread: `maquette inbox {args.verb} latest`.")
    to = f"/inbox/{segment(args.thread)}"
    match args.verb:
        case "later":
            return _later(link, to, " ".join(args.words) or "tomorrow")
        case "reply":
            return _reply(link, args.thread, " ".join(args.words))
        case verb:
            link.post(f"{to}/{verb}")
    return endings.DONE


def _later(link: Link, to: str, words: str) -> int:
    at = moment(words)
    link.post(f"{to}/later", {"until": at.isoformat()})
    screen.out().line(("Until ", "dim"), f"{at:%A %d %B, %H:%M}")
    return endings.DONE


def _list(link: Link, args: argparse.Namespace) -> int:
    found = link.get("/inbox", state=args.state)
    out = screen.out()
    if args.json:
        return screen.as_json(found)
    for one in found:
        _tell(out, one)
    if not found:
        out.line(("Nothing needs you." if args.state is None else "There is nothing.", "dim"))
    return endings.DONE


def _tell(out: Screen, item: Json) -> None:
    from maquette.cli.threads import ago

    thread, kind = item["thread"], item["kind"]
    style = (
        "dim" if item["read"] else "green" if kind in ("result", "regained") else "yellow" if kind == "asks" else "red"
    )
    of = f" (a part of {item['part_of']})" if item["part_of"] else ""
    changed = f"  +{thread['added']} −{thread['removed']}" if thread["added"] or thread["removed"] else ""
    out.line(
        (short(thread["id"]), "bold"), "  ", (f"{kind:7}", style), line_of(thread["title"]), of, (changed, "dim"),
        (f"  {ago(item['at'])}", "dim"),
    )  # fmt: skip
    for asked in item["asks"]:
        show(out, asked)
        say_how(out, thread["id"], asked)
    if back := item["regained"]:
        out.line(
            f"  attempt {back['again']} ({back['model']}) passes what {back['shelved']} on the shelf failed: ",
            ("; ".join(back["checks"]), "green"),
        )
    if again := item["again"]:
        by = short(again["by"]) if again["over"] else ""
        since = f"  {again['times']} × since {ago(again['since'])}, for the same reason"
        out.line((since if not by else f"{since}; over by itself: {by} succeeded", "dim"))
    if why := item["reason"] or (kind == "failed" and item["receipt"] and item["receipt"]["proved"]):
        out.line(("  ", ""), (why, "red"))


def _reply(link: Link, thread: str, text: str) -> int:
    """An answer where something is asked; to a report, what it is to learn; else one more message."""
    at = link.get(f"/threads/{segment(thread)}")["id"]
    asked = [one["asked"] for one in link.get("/waits", thread=at)]
    if any(one["type"] == "question.asked" for one in asked):
        link.post(f"/threads/{at}/answer", {"text": text})
    elif asked:
        raise Failed(f"It asks for an approval: `maquette approve {short(at)}`, or `maquette decline {short(at)} …`.")
    elif link.get(f"/reports/{at}"):
        from maquette.cli import reports

        reports.heard(screen.out(), link.post(f"/reports/{at}/replies", {"text": text}))
        return endings.DONE
    else:
        link.post(f"/threads/{at}/messages", {"text": text})
    screen.out().line(("It goes on: ", "dim"), f"maquette show --follow {short(at)}")
    return endings.DONE
