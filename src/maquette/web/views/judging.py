"""Who voted in an exploration, how far each model can be believed, and the way to have one compare."""

from __future__ import annotations

import htpy as h

from maquette.actions import judging
from maquette.actions.home import Home
from maquette.domain.explorations import Exploration
from maquette.web.views.forms import told
from maquette.web.views.words import count


async def judges(home: Home, at: Exploration) -> h.Element:
    found = await judging.bench(home, at.id)
    return h.section(".judges", aria_label="Who voted")[
        bool(found.judges)
        and h.ul(".lines")[
            (
                h.li[
                    h.b(dir="auto")[one.name],
                    h.small[
                        f"{'a model, ' if one.kind == 'model' else ''}{count(one.votes, 'vote')}",
                        one.kind == "model" and f"; {one.says}; counts {one.weight:.2f} of a vote",
                    ],
                ]
                for one in found.judges
            )
        ],
        found.last and h.p(".note", role="status")[_told(found.last)],
        found.can is not None
        and not at.judging
        and h.form(".say", data_api=f"/v1/explorations/{at.id}/judgings")[
            h.label[
                f"Have {found.can} compare ",
                h.input(type="number", name="pairs", value="10", min="1", max="200", data_type="number"),
                " pairs",
            ],
            h.button["Compare"],
            told(),
        ],
    ]


def _told(last: judging.Last) -> str:
    far = "is comparing" if last.under_way else "has compared"
    why = f" It ended: {last.why}" if last.why else f" It waits, and asks again: {last.waits}" if last.waits else ""
    return f"{last.model} {far} {last.votes} of {count(last.pairs, 'pair')}, each in both orders.{why}"
