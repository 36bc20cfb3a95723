"""What explorations come to: a card of the goal, the feature, what was kept and cut, and why."""

from __future__ import annotations

import htpy as h

from maquette.domain.explorations import Exploration
from maquette.domain.inert import inert
from maquette.web.views.forms import told


def card(at: Exploration, *, then: str = "") -> h.Node:
    """Nothing, while nothing was picked. `then`: where putting it better leads; without it, it is only read."""
    of = at.definition
    if of is None:
        return None
    rows = (("goal", of.goal), ("feature", of.feature), ("kept", ", ".join(of.kept)), ("cut", ", ".join(of.cut)))
    return h.section(".definition", aria_label="Definition")[
        h.h2["What it comes to"]
        if then
        else h.h2["What came of ", h.a(href=f"/explore/{at.id}")[inert(at.brief.question)]],
        h.dl(".facts")[
            (h.div[h.dt[name], h.dd(dir="auto")[inert(said)]] for name, said in (*rows, ("why", of.why)) if said)
        ],
        at.picked is not None
        and h.p(".note")["Attempt ", h.a(href=f"/explore/{at.id}/attempts/{at.picked}")[str(at.picked)], " is picked."],
        then and h.details[h.summary["Put it better"], _putting(at, then)],
    ]


def _putting(at: Exploration, then: str) -> h.Node:
    of = at.definition
    if of is None:
        return None

    def lines(name: str, held: tuple[str, ...]) -> h.Element:
        text = "\n".join(held)
        return h.label[f"{name}, a line each", h.textarea(name=name, rows="3", data_type="lines")[text]]

    return h.form(".composer", data_api=f"/v1/explorations/{at.id}/definition", data_method="PUT", data_then=then)[
        h.label["goal", h.input(name="goal", value=of.goal, required=True, data_type="text")],
        h.label["feature", h.input(name="feature", value=of.feature, data_type="text")],
        lines("kept", of.kept),
        lines("cut", of.cut),
        h.label["why", h.input(name="why", value=of.why, data_type="text")],
        h.button["Keep it so"],
        told(),
    ]
