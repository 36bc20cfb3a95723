"""Steps in order."""

from __future__ import annotations

from collections.abc import Sequence

import htpy as h

from maquette.domain.cards import PlanCard, PlanStep

MARKS = {"open": "○", "doing": "◐", "done": "●", "dropped": "⨯"}
WORDS = {"open": "to do", "doing": "under way", "done": "done", "dropped": "dropped"}


def draw(card: PlanCard) -> h.Element:
    return plan(card.steps)


def plan(steps: Sequence[PlanStep]) -> h.Element:
    return h.ol(".plan")[
        (
            h.li(class_=step.state)[
                h.span(aria_hidden="true")[MARKS[step.state]], h.span(".said")[f"{WORDS[step.state]}: "], step.text
            ]
            for step in steps
        )
    ]
