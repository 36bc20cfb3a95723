"""An attempt's stage, said plainly: its risks, who closed them on what evidence, and how it came to be where it is."""

from __future__ import annotations

from collections.abc import Sequence

import htpy as h

from maquette.domain.events import Entry, StageMoved
from maquette.domain.explorations import Attempt
from maquette.domain.inert import inert
from maquette.domain.stages import CLOSES, Risk, Stage
from maquette.web.views.attempts import page_of
from maquette.web.views.forms import told
from maquette.web.views.shots import stage
from maquette.web.views.words import moment

RISKS = {
    Risk.PURPOSE: "It is what we are for",
    Risk.DESIGN: "Its design was looked at",
    Risk.CHECKS: "Its checks hold",
    Risk.SAFETY: "It is safe",
    Risk.WANTED: "Somebody wants it",
}
NEXT = {Stage.SKETCH: Stage.CANDIDATE, Stage.CANDIDATE: Stage.SHIPPING}


def staging(attempt: Attempt, moves: Sequence[Entry], evidence: Sequence[str]) -> h.Element:
    """`moves`: how it came to be where it is. `evidence`: what is known that may close a risk."""
    closed = {one.risk: one for one in attempt.closed}
    base = f"/v1/explorations/{attempt.exploration}/attempts/{attempt.number}"
    return h.section(".block", id="stage", aria_label="Stage")[
        h.h2(".label")["Stage"],
        h.div(".body")[
            h.p["It is a ", stage(attempt), ". Whatever it looks like, these are its risks:"],
            h.ul(".risks")[
                (
                    h.li(class_="closed" if risk in closed else "open")[
                        h.b[RISKS[risk]],
                        h.small[inert(f"closed by {closed[risk].by}: {closed[risk].evidence}")]
                        if risk in closed
                        else _closing(base, risk, page_of(attempt)),
                    ]
                    for risk in Risk
                )
            ],
            h.datalist(id="evidence")[(h.option(value=inert(one)) for one in evidence)],
            _onward(attempt, base),
            moves
            and h.ul(".moves", aria_label="How it came here")[
                (
                    h.li[inert(f"{move.stage.value} by {move.by}: {move.reason} "), h.small[moment(entry.at)]]
                    for entry in moves
                    if isinstance(move := entry.event, StageMoved)
                )
            ],
        ],
    ]


def _onward(attempt: Attempt, base: str) -> h.Node:
    """The way to the next stage; one button less, where risks keep it back."""
    onward = NEXT.get(attempt.stage)
    if onward is None:
        return None
    if still := [RISKS[risk].lower() for risk in CLOSES[onward] if risk in attempt.open]:
        return h.p(".note")[f"Before it is {onward.value}: {', '.join(still)}, each on evidence."]
    return h.form(".say", data_api=f"{base}/stage", data_then=page_of(attempt))[
        h.input(type="hidden", name="stage", value=onward.value),
        h.input(name="reason", required=True, placeholder="Why", aria_label="Why it moves on"),
        h.button[f"Make it a {onward.value}"],
        told(),
    ]


def _closing(base: str, risk: Risk, then: str) -> h.Element:
    return h.form(".say", data_api=f"{base}/risks", data_then=then)[
        h.input(type="hidden", name="risk", value=risk.value),
        h.input(
            name="evidence",
            required=True,
            list="evidence",
            placeholder="On what evidence?",
            aria_label=f"Evidence: {RISKS[risk]}",
        ),
        h.button["Close"],
        told(),
    ]
