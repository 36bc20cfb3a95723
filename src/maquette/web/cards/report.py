"""What matters, each line with its sources and why it is in. All words in it are others' words: drawn as text."""

from __future__ import annotations

from urllib.parse import urlsplit

import htpy as h

from maquette.domain.cards import ReportCard
from maquette.domain.reports import Cited, Line, Report


def draw(card: ReportCard) -> h.Element:
    report = card.report
    return h.section(".report", aria_label=report.title)[
        h.h4[report.title],
        h.ol[(_line(line) for line in report.lines)] if report.lines else h.p["Nothing that matters."],
        h.p(".note")[made_of(report), f" From {report.since:%d %b %H:%M} to {report.until:%d %b %H:%M} UTC."],
    ]


def made_of(report: Report) -> list[h.Node]:
    """Out of how much, and by whom."""
    return [
        f"{len(report.lines)} line{'s' * (len(report.lines) != 1)} out of {report.looked:,} posts",
        report.read > 0 and f", of which a model read {report.read:,}",
        ".",
        report.unread != () and f" Not read to the end: {'; '.join(report.unread)}",
        report.rules and " Chosen by rule; the lines are the posts’ own words, as no model wrote them.",
    ]


def _line(line: Line) -> h.Element:
    return h.li[
        h.p[line.text],
        h.p(".note")[
            h.span(".sources")[([number > 0 and " · ", source(cited)] for number, cited in enumerate(line.cites))],
            line.more > 0 and h.span[f" and {line.more} more like this"],
            line.why and h.span(".why")[f" · {line.why}"],
        ],
    ]


def source(cited: Cited) -> h.Element:
    at = h.time(datetime=cited.at.isoformat(timespec="seconds"))[f"{cited.at:%d %b %H:%M} UTC"]
    told = [f"{cited.author}, {cited.channel}, ", h.Element("time-said")(data_day=True)[at]]
    if urlsplit(cited.link).scheme in ("http", "https"):
        return h.a(href=cited.link, rel="noopener noreferrer", target="_blank")[told]
    return h.span[told]
