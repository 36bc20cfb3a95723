"""Receipts: what became of each time that an automation was due, as a table and as charts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import htpy as h

from maquette.domain.automations import Cause, Receipt, Result
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
_HIGH, _WIDE, _GAP, _BARS = 72, 14, 4, 40


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
    return h.tr(class_=_kind(one))[
        h.th(scope="row")[_due(one)],
        h.td[h.b[came(one)], _why(one)],
        h.td[ended and _did(one)],
        h.td(".number")[ended and [cost(one), h.br, span(one.seconds)]],
    ]


def _kind(one: Receipt) -> str:
    if one.state != "ended":
        return one.state
    return "good" if one.result in GOOD else "" if one.result is Result.UNCHECKED else "bad"


def _due(one: Receipt) -> h.Node:
    when = wall(one.slot.partition(" ")[0]) if one.cause is Cause.SLOT and one.slot else CAUSES.get(one.cause, "")
    many = f" and {one.count - 1} more" if one.count > 1 else ""
    said = [when, many]
    if one.cause is not Cause.SLOT:
        said += [", ", moment(one.at)]
    return h.a(href=f"/threads/{one.thread}")[said] if one.thread else said


def _why(one: Receipt) -> h.Node:
    checked = f"Checked: {one.proved}" if one.proved else ""
    return [h.p(".note")[why] for why in (one.told, one.reason, checked) if why]


def _did(one: Receipt) -> str:
    files = f", {count(len(one.files), 'file')} (+{one.added} −{one.removed})" if one.files else ""
    return f"{count(one.calls, 'call')}{files}, {count(one.words, 'word')}"


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
    """How long each run took and what it cost, the oldest at the left; the table says the same."""
    runs = [one for one in reversed(found) if one.state == "ended"][-_BARS:]
    if len(runs) < 2:
        return None
    priced = any(one.price for one in runs)
    spent: Callable[[Receipt], float] = (lambda one: float(one.price)) if priced else (lambda one: float(one.tokens))
    most = max(runs, key=spent)
    longest = max(runs, key=lambda one: one.seconds)
    return h.div(".charts")[
        _chart(runs, lambda one: one.seconds, "How long each run took", f"the longest: {span(longest.seconds)}"),
        _chart(
            runs,
            spent,
            "What each run cost" if priced else "Tokens of each run",
            f"the most: {price(most.price) if priced else f'{most.tokens:,}'}",
        ),
    ]


def _chart(runs: Sequence[Receipt], size: Callable[[Receipt], float], says: str, highest: str) -> h.Element:
    most = max(map(size, runs)) or 1.0
    wide = len(runs) * (_WIDE + _GAP)
    rect = h.Element("rect")
    bars: list[h.Element] = []
    for number, one in enumerate(runs):
        high = max(2.0, size(one) / most * (_HIGH - 2))
        box = {
            "x": str(number * (_WIDE + _GAP)),
            "y": f"{_HIGH - high:.1f}",
            "width": str(_WIDE),
            "height": f"{high:.1f}",
        }
        said = h.Element("title")[f"{one.at:%d %b %Y}: {came(one)}, {span(one.seconds)}, {cost(one)}"]
        bars.append(h.Element("g")[said, rect(class_=f"bar {_kind(one)}", **box)])
    svg = h.Element("svg")(class_="bars", viewBox=f"0 0 {wide} {_HIGH}", width=str(wide), height=str(_HIGH), role="img")
    return h.figure[
        svg(aria_label=f"{says}; {highest}; the table says the same")[bars], h.figcaption[f"{says}; {highest}"]
    ]
