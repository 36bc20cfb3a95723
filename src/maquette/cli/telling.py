"""Tells what happens in a thread, as it happens."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

from maquette.cli import reports
from maquette.cli.link import Json
from maquette.cli.live import Live
from maquette.cli.prose import Prose
from maquette.cli.screen import Screen, count, line_of, short

MARKS = {"ok": ("✓", "green"), "error": ("✗", "red"), "declined": ("✗", "yellow"), "stopped": ("■", "yellow")}
UNKNOWN = ("?", "yellow")


@dataclass
class Account:
    """What a turn came to, as far as it was told."""

    outcome: str = ""
    reason: str = ""
    steps: int = 0
    tokens: int = 0
    price: Decimal = Decimal(0)
    """US dollars, of the answers whose price is known."""
    unpriced: int = 0
    estimated: bool = False
    rules: bool = False
    checks: list[Json] = field(default_factory=list[Json])
    unchecked: str = ""
    """Why there were no checks."""
    result: Json | None = None
    merged: bool = False
    baby: bool = False
    """Its thread makes a baby version: it is taken as that, and not merged."""
    turn: str = ""
    began: str = ""
    ended: str = ""

    @property
    def seconds(self) -> float:
        """From its beginning to its end, waiting included."""
        from datetime import datetime

        if not (self.began and self.ended):
            return 0
        return (datetime.fromisoformat(self.ended) - datetime.fromisoformat(self.began)).total_seconds()

    @property
    def failing(self) -> list[Json]:
        return [check for check in self.checks if check["status"] != 0]


class Teller:
    """Draws one thread's events. `turn` is the one to account for; None: whichever comes."""

    def __init__(self, screen: Screen, turn: str | None = None) -> None:
        self._screen = screen
        self._live = Live(screen)
        self._prose = Prose(screen, self._live)
        self._turn = turn
        self._calls: dict[str, Json] = {}
        self._streamed = ""
        self.account = Account()
        self._tellings: dict[str, Callable[[Json], None]] = {
            "message.sent": self._message,
            "message.changed": lambda event: self._note(f"changed, while it waited in line: {event['text']}"),
            "message.withdrawn": lambda _: self._note("taken back, while it waited in line"),
            "answer.given": self._answer,
            "answer.interrupted": self._broken_off,
            "answer.failed": self._failed,
            "answer.fell_back": lambda event: self._note(
                f"{event['model']} didn't answer; {event['to']} went on with this turn", "yellow"
            ),
            "compacted": self._compacted,
            "compaction.undone": lambda _: self._note("What was left out is said to the model again, if it fits."),
            "limit.reached": self._limit,
            "call.started": self._started,
            "call.finished": self._finished,
            "child.asked": lambda event: self._note(f"→ {short(event['child'])}: {line_of(event['task'])}", "blue"),
            "child.reported": self._reported,
            "plan.set": self._plan,
            "tree.made": self._tree,
            "turn.finished": self._ended,
            "merged": self._merged,
            "rescue.kept": self._rescued,
            "tree.remade": lambda event: self._note(f"reopened: its tree is as it was, from {event['ref']}", "green"),
            "question.answered": self._answered,
            "approval.given": lambda _: self._note("approved"),
            "approval.declined": lambda event: self._note(f"declined {event['reason']}"),
        }

    def tell(self, kind: str, data: Json) -> None:
        """An event of the feed."""
        if kind == "entry":
            event = data["event"]
            self._keep_account(event, data["at"])
            telling = self._tellings.get(event["type"])
            if telling is not None:
                telling(event)
        elif data["kind"] == "text":
            self._stream(data["text"], whole=data["whole"])
        elif data["kind"] == "standing":
            self._standing(data["text"])
        elif data["kind"] == "output":
            self._live.output(data["call"] or "", data["text"])
        self._screen.flush()

    def pause(self) -> None:
        """Nothing moves on the screen after this, until the next event."""
        self._live.stop()
        self._end_stream()
        self._screen.flush()

    def _note(self, text: str, style: str = "dim") -> None:
        self.pause()
        self._screen.line((text.rstrip(), style))

    def _stream(self, text: str, *, whole: bool = False) -> None:
        if whole:
            if not text.startswith(self._streamed):
                self._end_stream()
            text = text[len(self._streamed) :]
        if text:
            self._prose.write(text)
            self._streamed += text

    def _end_stream(self) -> None:
        self._prose.end()
        self._streamed = ""

    def _standing(self, why: str) -> None:
        streamed = self._streamed  # and not to be said again
        told = f"{why} Nothing goes on until then." if why else "it can be written again, so this goes on"
        self._note(f"— {told}", "yellow")
        self._streamed = streamed

    def _message(self, event: Json) -> None:
        self._live.stop()
        self._end_stream()
        images = f" [{len(event['images'])} images]" if event["images"] else ""
        self._screen.line(("› ", "cyan bold"), (event["text"] + images, "cyan"))

    def _answer(self, event: Json) -> None:
        parts = event["answer"]["parts"]
        self._stream("".join(part["text"] for part in parts if part["kind"] == "text"), whole=True)
        self._end_stream()
        self._calls |= {part["id"]: part for part in parts if part["kind"] == "call"}

    def _keep_account(self, event: Json, at: str) -> None:
        if event["type"] == "thread.started":
            self.account.baby = event.get("baby", False)
        turn = event.get("turn")
        if turn is None or self._turn not in (None, turn):
            return
        if turn != self.account.turn and event["type"] == "turn.started":
            self.account = Account(turn=turn, began=at, baby=self.account.baby)
        match event["type"]:
            case "answer.given":
                self._count(event)
            case "result.kept":
                self.account.result = event
            case "checks.ran":
                self.account.checks, self.account.unchecked = event["checks"], event["why"]
            case "turn.finished":
                self.account.outcome, self.account.reason = event["outcome"], event["reason"]
                self.account.ended = at
            case _:
                pass

    def _count(self, event: Json) -> None:
        account, usage = self.account, event["usage"]
        account.steps += 1
        account.rules = account.rules or event["rules"]
        account.tokens += usage["input"] + usage["output"]
        account.estimated = account.estimated or usage.get("estimated", False)
        if usage["price"] is not None:
            account.price += Decimal(usage["price"])
        elif not event["rules"]:
            account.unpriced += 1

    def _broken_off(self, event: Json) -> None:
        self._stream(event["text"], whole=True)
        why = "the base went down; the model is asked again" if event["why"] == "lost" else event["why"]
        self._note(f"— broken off ({why})", "yellow")

    def _failed(self, event: Json) -> None:
        again = f" Trying again in {event['wait']:.0f} s." if event["wait"] is not None else ""
        self._note(f"{event['reason']}{again}", "yellow")

    def _started(self, event: Json) -> None:
        self._end_stream()
        self._live.begin(event["call"], summary(self._calls.get(event["call"], {}), event["name"]))

    def _finished(self, event: Json) -> None:
        self._live.end(event["call"])
        self._end_stream()
        mark, style = MARKS.get(event["status"], UNKNOWN)
        what = summary(self._calls.get(event["call"], {}), event["name"])
        came = _came(event)
        seconds = f" {event['seconds']:.1f} s" if event["seconds"] >= 0.5 else ""
        tail = f"  {came}{seconds}".rstrip()
        width = max(20, self._screen.width - 2 - len(tail))
        self._live.line((mark, style), " ", line_of(what, width), (tail, "dim"))
        if (card := event["card"]) and card["kind"] == "report":
            for number, line in enumerate(card["report"]["lines"], 1):
                reports.told(self._screen, number, line)

    def _reported(self, event: Json) -> None:
        self.account.tokens += event["tokens"]
        self.account.price += Decimal(event["price"])
        self.account.unpriced += event["unpriced"]
        made = f", +{event['added']} −{event['removed']}" if event["files"] else ""
        why = f" ({event['reason']})" if event["reason"] else ""
        self._note(f"← {short(event['child'])}: {event['outcome']}{why}, {count(event['tokens'])} tokens{made}", "blue")

    def _plan(self, event: Json) -> None:
        marks = {"open": "○", "doing": "◐", "done": "●", "dropped": "⨯"}
        for step in event["steps"]:
            self._note(f"  {marks[step['state']]} {line_of(step['text'])}", "blue")

    def _compacted(self, event: Json) -> None:
        what = f"{event['left']} answers and results, {event['characters']:,} characters"
        self._note(f"left out of what the model sees: {what}; `maquette compactions` shows them")

    def _limit(self, event: Json) -> None:
        self._note(f"{event['told']}{' It is asked where it stands.' if event['asks'] else ''}", "yellow")

    def _tree(self, event: Json) -> None:
        left = event["left_out"]
        files = "1 uncommitted file of yours stays" if left == 1 else f"{left} uncommitted files of yours stay"
        out = f"; {files} out of it" if left else ""
        self._note(f"a work tree of its own at {event['base'][:10]}{out}")

    def _ended(self, _event: Json) -> None:
        self.pause()

    def _merged(self, event: Json) -> None:
        self.account.merged = True
        self._note(f"merged into {event['into']} ({event['before'][:10]} → {event['after'][:10]})", "green")

    def _rescued(self, event: Json) -> None:
        self._note(f"kept at {event['ref']}: {event['why']}")

    def _answered(self, event: Json) -> None:
        self._screen.line(("› ", "cyan bold"), (event["text"], "cyan"))


def summary(call: Json, name: str) -> str:
    """A call on a line: the tool, the texts that it was given, and the rest by name."""
    try:
        given: Any = json.loads(call.get("arguments") or "{}")
    except (ValueError, RecursionError):
        given = {}
    values = cast("Json", given) if isinstance(given, dict) else {}
    texts = [value for value in values.values() if isinstance(value, str)]
    rest = [
        f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in values.items() if not isinstance(value, str)
    ]
    return line_of(" ".join([name, *texts, *rest]), 300)


def _came(event: Json) -> str:
    """What a call came to, by its card."""
    card: Json = event["card"] or {}
    if event["status"] in ("error", "declined", "unknown"):
        return line_of(event["text"], 80)
    match card.get("kind"):
        case "diff":
            return f"+{card['added']} −{card['removed']}"
        case "terminal" if card["exit"] is not None:
            return f"exit {card['exit']}"
        case "table":
            return f"{len(card['rows'])} rows"
        case "chart":
            return f"{len(card['bars'])} bars"
        case "report":
            return f"{len(card['report']['lines'])} lines"
        case _:
            return ""
