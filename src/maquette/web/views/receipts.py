"""Receipts: what became of each time that an automation was due, as a table and as charts."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import htpy as h

from maquette.domain.automations import Cause, Receipt, Result
from maquette.web.views.charts import Bar, bars
from maquette.web.views.plans import wall
from maquette.web.views.words import count, moment, price, span

CAME = {
    Result.DONE: "done, and proved",
    Result.UNCHECKED: "came to its end; nothing was checked",
    Result.UNMET: "not done: what was to hold afterwards doesn’t",
    Result.NOTHING: "nothing new",
    Result.FAILED: "failed",
    Result.STOPPED: "stopped",
    Result.BUDGET: "its budget is used up",
}
GOOD = (Result.DONE, Result.NOTHING)
CAUSES = {Cause.NOW: "by hand", Cause.DRY: "trial", Cause.TRIGGER: "triggered"}
_BARS = 40


def came(one: Receipt) -> str:
    """In a few words."""
    if one.state == "ended" and one.result is not None:
        return CAME[one.result]
    return {"skipped": "skipped", "waits": "waits for you", "begun": "at work"}.get(one.state, "")


def table(found: Sequence[Receipt]) -> h.Element:
    if not found:
        return h.p(".empty")["It hasn’t run yet. Each time that it is due leaves a line here, also where nothing ran."]
    columns = ("Due", "Came to", "Did", "Cost, and time")
    return h.div(".scrolls", tabindex="0", role="region", aria_label="Receipts")[
        h.table(".receipts")[
            h.thead[h.tr[(h.th(scope="col")[name] for name in columns)]], h.tbody[[_row(one) for one in found]]
        ]
    ]


def _row(one: Receipt) -> h.Element:
    ended = one.state == "ended"
    return h.tr(class_=kind(one))[
        h.th(scope="row")[_due(one)],
        h.td[h.b[came(one)], _why(one)],
        h.td[ended and _did(one)],
        h.td(".number")[ended and [cost(one), h.br, span(one.seconds)]],
    ]


def kind(one: Receipt) -> str:
    if one.state != "ended":
        return one.state
    return "good" if one.result in GOOD else "" if one.result is Result.UNCHECKED else "bad"


def _due(one: Receipt) -> h.Node:
    when = wall(one.slot.partition(" ")[0]) if one.due is not None else CAUSES.get(one.cause, "triggered")
    many = f" and {one.count - 1} more" if one.count > 1 else ""
    said = [when, many]
    if one.due is None:
        said += [", ", moment(one.at)]
    return h.a(href=f"/threads/{one.thread}")[said] if one.thread else said


def _why(one: Receipt) -> h.Node:
    checked = f"Checked: {one.proved}" if one.proved else ""
    return [h.p(".note")[why] for why in (one.told, one.reason, checked) if why]


def _did(one: Receipt) -> str:
    files = f"{count(len(one.files), 'file')} (+{one.added} −{one.removed})" if one.files else ""
    calls, words = (count(many, name) if many else "" for many, name in ((one.calls, "call"), (one.words, "word")))
    return ", ".join(filter(None, (calls, files, words))) or "nothing"


def cost(one: Receipt) -> str:
    if not one.requests:
        return "nothing"
    unknown = one.unpriced > 0
    return (
        "price not known"
        if unknown and not one.price
        else f"{price(one.price)}{' and some unknown' if unknown else ''}"
    )


def charts(found: Sequence[Receipt]) -> h.Node:
    """How long each run took, what came of it and what it cost, the oldest at the left."""
    runs = [one for one in reversed(found) if one.state == "ended"][-_BARS:]
    if len(runs) < 2:
        return None
    priced = any(one.price for one in runs)
    took = max(one.seconds for one in runs)
    most = max(one.price for one in runs) if priced else max(one.tokens for one in runs)
    said = price(Decimal(most)) if priced else f"{most:,}"
    wrong = sum(kind(one) == "bad" for one in runs)
    return h.div(".charts")[
        bars(
            [Bar(one.seconds, (_day(one), came(one), span(one.seconds)), kind(one)) for one in runs],
            "How long each run took",
            f"the longest: {span(took)}; {wrong or 'none'} of {len(runs)} went wrong",
            ("Began", "Came to", "Took"),
        ),
        most > 0
        and bars(
            [
                Bar(float(one.price) if priced else one.tokens, (_day(one), cost(one), f"{one.tokens:,}"), kind(one))
                for one in runs
            ],
            "What each run cost" if priced else "Tokens of each run",
            f"the most: {said}",
            ("Began", "Cost", "Tokens"),
        ),
    ]


def _day(one: Receipt) -> str:
    return f"{one.at:%d %b %Y, %H:%M} UTC"
