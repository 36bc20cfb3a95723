"""A command and what it printed. Escape sequences are not obeyed: what isn't text is taken out."""

from __future__ import annotations

import re

import htpy as h

from maquette.domain.cards import TerminalCard

_SEQUENCES = re.compile(
    r"\x1b(?:\][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|[PX^_].*?(?:\x1b\\|\x9c|$)|\[[0-?]*[ -/]*[@-~]?|[ -/]*[0-~]?)",
    re.DOTALL,
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """What a terminal would show in the end, near enough: a carriage return begins its line anew."""
    text = _SEQUENCES.sub("", text).replace("\r\n", "\n")
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return _CONTROLS.sub("", "\n".join(lines))


def draw(card: TerminalCard) -> h.Element:
    return h.figure(".terminal")[
        h.figcaption[h.code[plain(card.command)], h.small[_came(card)]],
        card.output.strip() and h.pre(tabindex="0", role="group", aria_label="Output")[plain(card.output).strip("\n")],
        card.file and h.p(".note")[f"The whole output is in {card.file}."],
    ]


def _came(card: TerminalCard) -> str:
    seconds = f" · {card.seconds:.1f} s" if card.seconds >= 0.1 else ""
    if card.exit is None:
        return f"did not end by itself{seconds}"
    return f"{'passed' if card.exit == 0 else f'exit {card.exit}'}{seconds}"
