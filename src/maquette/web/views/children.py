"""Who does a part of a thread's work, of whose work it does a part, of what it is an attempt: above what happened."""

from __future__ import annotations

from collections.abc import Sequence

import htpy as h
from markupsafe import Markup

from maquette.actions import attempts, threads
from maquette.actions.home import Home
from maquette.domain.explorations import Attempt
from maquette.domain.inert import inert
from maquette.domain.threads import Thread
from maquette.web.views.rail import standing
from maquette.web.views.sheet import Drawn
from maquette.web.views.shots import stage
from maquette.web.views.words import price

FAMILY = "family"


async def family(home: Home, thread: str) -> Drawn:
    """Nothing is to be seen of it where there is neither."""
    at = await threads.find(home, thread)
    parent = await threads.find(home, at.parent) if at.parent else None
    below = await threads.family(home, at.id)
    tried = await attempts.of_thread(home, at.id)
    shown = bool(parent or below or tried)
    drawn = h.nav(id=FAMILY, class_="family", aria_label="Who works on this", hidden=not shown)[
        [_attempt(one, question) for one, question in tried],
        parent and h.p["A part of ", h.a(href=f"/threads/{parent.id}", dir="auto")[parent.title]],
        bool(below) and h.p["Its parts:"],
        _tree(at.id, below),
    ]
    return Drawn(FAMILY, Markup(drawn))


def _attempt(one: Attempt, question: str) -> h.Element:
    name = h.a(href=f"/explore/{one.exploration}/attempts/{one.number}")[f"Attempt {one.number}"]
    return h.p[name, " at ", h.span(dir="auto")[inert(question)], ", ", stage(one)]


def _tree(parent: str, below: Sequence[Thread]) -> h.Node:
    own = [one for one in below if one.parent == parent]
    return (
        bool(own)
        and h.ul[
            (
                h.li(class_=one.state.value)[
                    h.a(href=f"/threads/{one.id}", dir="auto")[one.title], " ", _how(one), _tree(one.id, below)
                ]
                for one in own
            )
        ]
    )


def _how(one: Thread) -> h.Element:
    spent = f" · {one.tokens:,} tokens · {price(one.price)}" if one.tokens else ""
    return h.small[standing(one), spent]
