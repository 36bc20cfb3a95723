"""Calls of tools: each a line that opens, and a run of them folded to one line."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, cast

import htpy as h
from markupsafe import Markup

from maquette.domain.events import CallFinished, CallStarted
from maquette.domain.messages import Call
from maquette.web.cards import draw
from maquette.web.cards.terminal import plain
from maquette.web.views.words import count, span

SLOT = "<!--slot-->"
APART = ("report", "chart")
"""Cards that stand by themselves, in both faces."""
_LINE = 160
"""Characters of a call's line."""
_TEXT = 4_000
"""Characters of a result that has no card."""
_MARKS = {"ok": "✓", "error": "✗", "declined": "✗", "stopped": "■", "unknown": "?"}
_WORDS = {
    "ok": "went well",
    "error": "failed",
    "declined": "declined",
    "stopped": "stopped",
    "unknown": "cut off; nobody knows whether it was done",
}


class Run:
    """Calls with no words between them."""

    def __init__(self, id: str) -> None:
        self.id = id
        self._going: set[str] = set()
        self._came: Counter[str] = Counter()
        self._ended = self._bad = 0
        self._seconds = 0.0

    def start(self, call: str) -> None:
        self._going.add(call)

    @property
    def is_empty(self) -> bool:
        return not self._going and not self._ended

    def leave(self, call: str) -> None:
        self._going.discard(call)

    def end(self, event: CallFinished) -> None:
        self._going.discard(event.call)
        self._seconds += event.seconds
        self._ended += 1
        self._bad += event.status != "ok"
        match event.card.kind if event.card else "":
            case "terminal":
                self._came["command"] += 1
            case "diff":
                self._came["change"] += 1
            case "" | "plan":
                pass
            case _:
                self._came["look"] += 1

    def drawn(self) -> h.Element:
        return h.section(id=self.id, class_="block work")[
            h.h2(".label")["Work", turns()], h.details(".body.run", data_slot=True)[Markup(SLOT)]
        ]

    def says(self) -> h.Element:
        said = ", ".join(
            f"{verb} {count(self._came[kind], kind)}"
            for verb, kind in (("ran", "command"), ("made", "change"), ("took", "look"))
            if self._came[kind]
        )
        if not said and self._ended:
            said = f"made {count(self._ended, 'call')}"
        if self._going:
            said = f"{said}; at work" if said else "at work"
        elif self._bad:
            said += f"; {self._bad} of {self._ended} did not go well"
        elif self._ended > 1:
            said += "; all went well"
        return h.summary(id=f"{self.id}-says")[
            said[:1].upper() + said[1:], self._seconds >= 1 and h.small[f" {span(self._seconds)}"]
        ]


def turns() -> h.Element:
    """Shows a card's other face (`static/elements/looks.js`)."""
    return h.button(".quiet.turns", type="button", data_turns=True, aria_pressed="false")["Turn over"]


def copies() -> h.Element:
    """Copies what the card says (`static/elements/copying.js`)."""
    return h.button(".quiet.turns", type="button", data_copies=True)["Copy"]


def begun(event: CallStarted, call: Call | None) -> h.Element:
    again = " again, after the base had gone down" if event.again else ""
    return h.details(id=f"c-{event.call}", class_="call going", open=True)[
        h.summary[h.span(".mark", aria_hidden="true")["…"], h.code[line(call, event.name)], h.small[f"at work{again}"]],
        h.pre(".output", id=f"o-{event.call}", hidden=True),
    ]


def ended(event: CallFinished, call: Call | None) -> h.Element:
    seconds = f" · {span(event.seconds)}" if event.seconds >= 0.5 else ""
    text = plain(event.text)
    apart = event.card is not None and event.card.kind in APART
    body: h.Node = draw(event.card) if event.card and not apart else text.strip() and h.pre(tabindex="0")[text[:_TEXT]]
    if event.card and event.status != "ok":
        body = [h.p(".note")[text[:_TEXT]], body]
    return h.details(id=f"c-{event.call}", class_=f"call {event.status}")[
        h.summary[
            h.span(".mark", aria_hidden="true")[_MARKS[event.status]],
            h.code[line(call, event.name)],
            h.small[f"{_WORDS[event.status]}{seconds}"],
        ],
        body,
    ]


def line(call: Call | None, name: str) -> str:
    """The tool and what it was given, on a line."""
    try:
        given: Any = json.loads(call.arguments or "{}") if call else {}
    except (ValueError, RecursionError):
        given = {}
    values = cast("dict[str, Any]", given).values() if isinstance(given, dict) else ()
    said = [name, *(value if isinstance(value, str) else json.dumps(value) for value in values)]
    words = " ".join(plain(" ".join(said)).split())
    return words if len(words) <= _LINE else f"{words[: _LINE - 1]}…"
