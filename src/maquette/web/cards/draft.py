"""The draft of an automation, and below it how it stands now: what it may do, to be tried and turned on in place."""

from __future__ import annotations

import htpy as h

from maquette.domain.cards import DraftCard


def draw(card: DraftCard) -> h.Element:
    to = f"/automations/{card.automation}"
    return h.section(".draft", aria_label=card.name)[
        h.h3(dir="auto")[card.name],
        h.p(".text", dir="auto")[card.brief],
        h.p(".note")[card.means],
        h.Element("load-late")(src=f"{to}/card", data_near=True)[h.p(".note")["A draft: it does nothing yet."]],
    ]
