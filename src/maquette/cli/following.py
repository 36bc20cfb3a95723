"""Following a turn to its end: what happens is told, what is asked is put to the person, Ctrl-C stops it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import suppress

from maquette.cli import endings, screen
from maquette.cli.endings import Failed
from maquette.cli.link import Json, Link, segment
from maquette.cli.screen import Screen, count, line_of, short
from maquette.cli.stopping import Left, stopping
from maquette.cli.telling import Account, Teller

OUTCOMES = {
    "done": endings.DONE,
    "failed": endings.FAILED,
    "stopped": endings.STOPPED,
    "budget": endings.BUDGET,
    "withdrawn": endings.STOPPED,
}


def follow(link: Link, sent: Json, *, as_json: bool, teller: Teller | None = None) -> int:
    """From the cursor of `sent` until its turn ends or waits for somebody who isn't there. Returns the exit status.

    `teller`: who told what came before, so that the account is of the whole turn; up to the cursor `told` of `sent`.
    """
    thread, turn, told = sent["thread"], sent["turn"], sent.get("told", 0)
    events = link.events(after=sent["cursor"], thread=thread)
    try:
        with stopping(link, thread):
            return (
                _as_json(events, turn, told)
                if as_json
                else _told(link, events, thread, teller or Teller(screen.out(), turn), turn, told)
            )
    except Left as left:
        how = "It is being stopped" if left.heard else "It goes on without you"
        screen.err().line(f"\n{how}: `maquette show --follow {short(thread)}` looks in again.")
        return endings.DETACHED


def _as_json(events: Iterator[tuple[str, Json]], turn: str, told: int) -> int:
    failing = False
    for kind, data in events:
        if _is_new(kind, data, told):
            sys.stdout.write(json.dumps(data) + "\n")
            sys.stdout.flush()
        event: Json = data["event"] if kind == "entry" else {}
        if event.get("turn") != turn:
            continue
        match event["type"]:
            case "checks.ran":
                failing = any(check["status"] != 0 for check in event["checks"])
            case "turn.waiting":
                return endings.WAITS
            case "turn.finished":
                return endings.CHECKS if event["outcome"] == "done" and failing else OUTCOMES[event["outcome"]]
            case _:
                pass
    raise Failed("The feed ended before the turn did.", endings.GONE)


def _is_new(kind: str, data: Json, told: int) -> bool:
    return kind != "entry" or data["cursor"] > told


def _told(link: Link, events: Iterator[tuple[str, Json]], thread: str, teller: Teller, turn: str, told: int) -> int:
    out = screen.out()
    for kind, data in events:
        if _is_new(kind, data, told):
            teller.tell(kind, data)
        event: Json = data["event"] if kind == "entry" else {}
        if event.get("turn") != turn:
            continue
        if event["type"] == "turn.waiting":
            teller.pause()
            if not _asked(link, out, thread):
                return endings.WAITS
        elif event["type"] == "turn.finished":
            sum_up(out, thread, teller.account)
            seen(link, thread)
            return status_of(teller.account)
    raise Failed("The feed ended before the turn did.", endings.GONE)


def seen(link: Link, thread: str) -> None:
    """The person saw it to its end, so it needn't wait in their inbox; nothing else hangs on this."""
    with suppress(Failed):
        link.post(f"/inbox/{segment(thread)}/read")


def status_of(account: Account) -> int:
    if account.outcome == "done" and account.failing:
        return endings.CHECKS
    return OUTCOMES[account.outcome]


def sum_up(out: Screen, thread: str, account: Account) -> None:
    """How a turn ended, what its checks say, how large the difference is, what it cost, and what can be done next."""
    if account.outcome == "withdrawn":
        out.line(("Taken back", "yellow"), " before it began")
        return
    styles = {"done": "green", "failed": "red", "stopped": "yellow", "budget": "yellow"}
    words = {"done": "Done", "failed": "Failed", "stopped": "Stopped", "budget": "Out of budget"}
    steps = "1 step" if account.steps == 1 else f"{account.steps} steps"
    spent = f" after {steps}, {account.seconds:.0f} s, {_cost(account)}"
    out.line((words[account.outcome], styles[account.outcome]), spent)
    if account.reason:
        out.line((account.reason, styles[account.outcome]))
    for check in account.checks:
        tell_check(out, check)
    if account.unchecked:
        out.line((account.unchecked, "dim"))
    result = account.result
    name = short(thread)
    if result and result["files"]:
        tell_size(out, result)
        out.line(("Look: ", "dim"), f"maquette diff {name}", *_next(result, account, name))
    elif account.outcome != "done":
        out.line(("Go on: ", "dim"), f"maquette resume {name}")


def _next(result: Json, account: Account, name: str) -> tuple[str | tuple[str, str], ...]:
    """What a person would do with a result; a merge isn't offered where it would be refused."""
    if account.merged:
        return ()
    if account.outcome != "done":
        return ("   Go on: ", "dim"), f"maquette resume {name}"
    if result["in_place"]:
        return ()
    if account.failing:
        return ("   Mend it: ", "dim"), f"maquette send {name} …"
    return ("   Take it: ", "dim"), f"maquette baby take {name}" if account.baby else f"maquette merge {name}"


def tell_check(out: Screen, check: Json) -> None:
    passed = check["status"] == 0
    came = f"  {check['seconds']:.1f} s" if passed else f"  exit {check['status']}"
    out.line(("✓ ", "green") if passed else ("✗ ", "red"), line_of(check["command"]), (came, "dim"))
    if not passed:
        for line in check["output"].rstrip().splitlines()[-12:]:
            out.line((f"    {line}", "dim"))


def tell_size(out: Screen, result: Json) -> None:
    files = result["files"]
    if not files:
        out.line(("Nothing differs.", "dim"))
        return
    named = ", ".join(map(line_of, files[:4])) + (f" and {len(files) - 4} more" if len(files) > 4 else "")
    count = "1 file" if len(files) == 1 else f"{len(files)} files"
    out.line(f"{count}, ", (f"+{result['added']}", "green"), " ", (f"−{result['removed']}", "red"), f"  {named}")


def _cost(account: Account) -> str:
    if account.rules and not account.tokens:
        return "by rule, for nothing"
    known = f"${account.price:.4f}" if account.price or not account.unpriced else ""
    unknown = "price unknown" if account.unpriced and not known else " and some unknown" if account.unpriced else ""
    about = "about " if account.estimated else ""
    return f"{about}{count(account.tokens)} tokens, {known}{unknown}"


def _asked(link: Link, out: Screen, thread: str) -> bool:
    """Put what the turn waits for to the person. False when nobody is there, or leaves it open."""
    from maquette.cli import waits

    there = sys.stdin.isatty() and out.live
    for wait in link.get("/waits", thread=thread):
        waits.show(out, wait["asked"])
        if not there:
            waits.say_how(out, thread, wait["asked"])
        elif not waits.ask(link, out, thread, wait["asked"]):
            return False
    return there
