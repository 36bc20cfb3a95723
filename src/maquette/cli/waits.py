"""Questions and approvals: what waits for the person."""

from __future__ import annotations

import argparse
import signal
import sys

from maquette.cli import endings, screen
from maquette.cli.commands import Commands
from maquette.cli.endings import Failed
from maquette.cli.link import Json, Link, segment
from maquette.cli.screen import Screen, short
from maquette.cli.stopping import stop


def add(commands: Commands) -> None:
    waits = commands.add("waits", "What waits for you, in one thread or in all", _waits)
    waits.add_argument("thread", nargs="?")
    waits.add_argument("--json", action="store_true", help="as the base gives it")
    answer = commands.add("answer", "Answer a thread's question", _answer)
    answer.add_argument("thread")
    answer.add_argument("text", nargs="+")
    approve = commands.add("approve", "Let a call run, once, exactly as it is shown", _approve)
    approve.add_argument("thread")
    approve.add_argument("--yes", action="store_true", help="without being asked again; it is shown all the same")
    decline = commands.add("decline", "Don't let a call run", _decline)
    decline.add_argument("thread")
    decline.add_argument("reason", nargs="*", help="the agent hears it")
    for one in (answer, approve, decline):
        one.add_argument("--call", help="which, when there are several")


def show(out: Screen, wait: Json) -> None:
    """Exactly what is asked."""
    if wait["type"] == "question.asked":
        out.line(("? ", "yellow bold"), (wait["question"], "bold"))
        for number, choice in enumerate(wait["choices"], start=1):
            out.line(f"  {number}. {choice}")
        return
    out.line(("! ", "yellow bold"), (wait["why"], "bold"))
    for name, value in wait["shown"]:
        out.line((f"  {name}: ", "dim"), value.replace("\n", "\n    "))


def say_how(out: Screen, thread: str, wait: Json) -> None:
    name = short(thread)
    call = f" --call {wait['call']}"
    if wait["type"] == "question.asked":
        out.line(("It waits for your answer: ", "yellow"), f"maquette answer {name} …{call}")
    else:
        out.line(("It waits for your approval: ", "yellow"), f"maquette approve {name}{call}  (or decline)")


def ask(link: Link, out: Screen, thread: str, wait: Json) -> bool:
    """Ask here and now. False when the person leaves it open (Ctrl-D); Ctrl-C stops the turn."""
    question = wait["type"] == "question.asked"
    while True:
        try:
            said = _read(out, "Answer: " if question else "Approve this? [y/N] ")
        except KeyboardInterrupt:
            stop(link, thread)
            return True
        if said is None:
            out.line()
            say_how(out, thread, wait)
            return False
        if question and not said.strip():
            continue
        try:
            _decide(link, thread, wait, said.strip())
        except Failed as failed:
            screen.err().line(str(failed))
        return True


def _decide(link: Link, thread: str, wait: Json, said: str) -> None:
    if wait["type"] == "question.asked":
        choices = wait["choices"]
        chosen = choices[int(said) - 1] if said.isdecimal() and 0 < int(said) <= len(choices) else said
        link.post(f"/threads/{segment(thread)}/answer", {"text": chosen, "call": wait["call"]})
    elif said.lower() in ("y", "yes"):
        link.post(f"/threads/{segment(thread)}/approve", {"digest": wait["digest"], "call": wait["call"]})
    else:
        link.post(f"/threads/{segment(thread)}/decline", {"call": wait["call"]})


def _read(out: Screen, prompt: str) -> str | None:
    """A line; None at the end of input. Ctrl-C raises from before it is asked for, whatever it does elsewhere."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        out.write(prompt, "yellow")
        out.flush()
        return sys.stdin.readline() or None
    finally:
        signal.signal(signal.SIGINT, former)


def _waits(link: Link, args: argparse.Namespace) -> int:
    found = link.get("/waits", thread=args.thread)
    out = screen.out()
    if args.json:
        return screen.as_json(found)
    for one in found:
        out.line((short(one["thread"]), "bold"), f" a part of {short(one['parent'])}" if one["parent"] else "")
        show(out, one["asked"])
        say_how(out, one["thread"], one["asked"])
    if not found:
        out.line(("Nothing waits for you.", "dim"))
    return endings.DONE


def _answer(link: Link, args: argparse.Namespace) -> int:
    link.post(f"/threads/{segment(args.thread)}/answer", {"text": " ".join(args.text), "call": args.call})
    return _on(args.thread)


def _approve(link: Link, args: argparse.Namespace) -> int:
    out = screen.out()
    wait = _approval(link, args)
    show(out, wait)
    if not args.yes:
        if not sys.stdin.isatty():
            raise Failed("Nothing was approved: nobody is there to ask. Say --yes if this is what you want.")
        if (_read(out, "Approve this? [y/N] ") or "").strip().lower() not in ("y", "yes"):
            raise Failed("Nothing was approved; it still waits (`maquette decline` says no).")
    link.post(f"/threads/{segment(args.thread)}/approve", {"digest": wait["digest"], "call": wait["call"]})
    return _on(args.thread)


def _approval(link: Link, args: argparse.Namespace) -> Json:
    found = [one["asked"] for one in link.get("/waits", thread=args.thread)]
    asked = [wait for wait in found if wait["type"] == "approval.asked" and args.call in (None, wait["call"])]
    if not asked:
        raise Failed("This thread asks for no approval.", code="no-approval")
    if len(asked) > 1:
        which = ", ".join(wait["call"] for wait in asked)
        raise Failed(f"It asks for several approvals. Say which with --call: {which}.", code="which-approval")
    return asked[0]


def _decline(link: Link, args: argparse.Namespace) -> int:
    link.post(f"/threads/{segment(args.thread)}/decline", {"call": args.call, "reason": " ".join(args.reason)})
    return _on(args.thread)


def _on(thread: str) -> int:
    screen.out().line(("It goes on: ", "dim"), f"maquette show --follow {thread}")
    return endings.DONE
