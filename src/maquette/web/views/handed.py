"""What was handed on to a child, and what is known of how it ended."""

from __future__ import annotations

import htpy as h

from maquette.domain.events import ChildAsked, ChildReported
from maquette.domain.threads import Outcome
from maquette.web.views.words import count, price


def asked(event: ChildAsked) -> h.Node:
    looks = event.thread.child_of is not None and event.thread.child_of.base is None
    how = "It looks at this tree." if looks else "It has a copy of this tree as it was then."
    return [_named(event), h.p(".note")[how], event.task != event.thread.title and h.p(".text", dir="auto")[event.task]]


def reported(asked: ChildAsked | None, event: ChildReported) -> h.Node:
    how = "It came to its end" if event.outcome is Outcome.DONE else f"It ended: {event.reason or event.outcome.value}"
    made = f", with +{event.added} −{event.removed} in {count(len(event.files), 'file')}" if event.files else ""
    spent = f"{event.tokens:,} tokens · {price(None if event.unpriced else event.price)}"
    named = _named(asked) if asked else h.p[h.a(href=f"/threads/{event.child}")["Its thread"]]
    return [named, h.p[f"{how}{made}. ", h.small[spent]]]


def _named(asked: ChildAsked) -> h.Element:
    return h.p[h.a(href=f"/threads/{asked.child}", dir="auto")[asked.thread.title]]
