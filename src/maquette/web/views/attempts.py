"""Attempts as cards: a picture first, with the stage drawn over it; and all that is known of one."""

from __future__ import annotations

import htpy as h

from maquette.actions.votes import Rank
from maquette.domain.checks import Check, Probe
from maquette.domain.explorations import Attempt, Evidence, Exploration
from maquette.domain.inert import inert
from maquette.domain.threads import title_of
from maquette.domain.votes import FACETS
from maquette.web.cards.terminal import plain
from maquette.web.views.shots import picture, stands
from maquette.web.views.words import count, price, span

FACET_WORDS = {
    "look": "how it looks",
    "fit": "how it fits the system",
    "direction": "where we are going",
    "voice": "how it says it",
    "behaviour": "how it behaves",
}


def back(at: Exploration) -> h.Element:
    """From a page of an exploration to its gallery."""
    return h.p[h.a(href=f"/explore/{at.id}", data_key="Backspace", dir="auto")[inert(title_of(at.brief.question))]]


def page_of(attempt: Attempt) -> str:
    return f"/explore/{attempt.exploration}/attempts/{attempt.number}"


def verdict(attempt: Attempt) -> str:
    """Of the checks: passed, failed, or none."""
    if attempt.evidence is None or not attempt.evidence.checks:
        return "none"
    return "failed" if attempt.evidence.failed else "passed"


def made_by(attempt: Attempt) -> str:
    if attempt.source.kind == "agent":
        return "by rule" if attempt.plan.model.startswith("apprentice:") else attempt.plan.model
    return inert(f"{attempt.source.kind} {attempt.source.name.rpartition('/')[2]}")


def way(attempt: Attempt) -> str:
    """What it is to differ in; else where it is from."""
    return inert(attempt.plan.approach) or made_by(attempt)


def card(attempt: Attempt, rank: Rank | None, place: int, *, picked: bool) -> h.Element:
    evidence = attempt.evidence
    return h.li(
        id=f"a{attempt.number}",
        class_=f"attempt {verdict(attempt)}{' picked' if picked else ''}",
        data_number=attempt.number,
    )[
        h.a(href=page_of(attempt), aria_label=label(attempt, place if rank and rank.votes else 0))[
            picture(attempt),
            h.span(".told")[
                h.b[str(attempt.number)],
                picked and h.span(".pick")["picked"],
                h.span(".what", dir="auto")[way(attempt)],
            ],
        ],
        h.small[
            " · ".join(
                part
                for part in (
                    stands(attempt),
                    {"passed": "checks pass", "failed": "checks fail", "none": ""}[verdict(attempt)],
                    f"+{evidence.added} −{evidence.removed}" if evidence else "",
                    f"place {place}" if rank and rank.votes else "",
                )
                if part
            )
        ],
        h.label(".take")[
            h.input(type="checkbox", data_take=str(attempt.number), aria_label=f"Compare attempt {attempt.number}"),
            "compare",
        ],
    ]


def label(attempt: Attempt, place: int = 0) -> str:
    """In words, for those who don't see the picture."""
    parts = [f"Attempt {attempt.number}, a {attempt.stage.value}", inert(attempt.plan.approach), stands(attempt)]
    parts.append({"passed": "checks pass", "failed": "checks fail", "none": ""}[verdict(attempt)])
    return ", ".join(part for part in (*parts, f"place {place}" if place else "") if part)


def facts(attempt: Attempt) -> h.Element:
    """All numbers that are known of it."""
    evidence = attempt.evidence or Evidence(commit="", tree="")
    rules = attempt.plan.model.startswith("apprentice:")
    rows = (
        ("made", made_by(attempt)),
        ("approach", inert(attempt.plan.approach)),
        ("change", f"+{evidence.added} −{evidence.removed} in {count(len(evidence.files), 'file')}"),
        ("code", f"{count(evidence.lines, 'line')} more" if evidence.lines >= 0 else f"{-evidence.lines} lines fewer"),
        ("complexity", "" if evidence.complexity is None else f"{evidence.complexity:+d}"),
        ("needs anew", inert(", ".join(evidence.dependencies))),
        ("touches", inert(", ".join(evidence.files[:8])) + (" …" if len(evidence.files) > 8 else "")),
        ("cost", f"{price(attempt.price, rules)}, {attempt.tokens:,} tokens, {span(attempt.seconds)} of work"),
        ("trouble", inert(" ".join(evidence.troubles))),
    )
    return h.dl(".facts")[(h.div[h.dt[name], h.dd(dir="auto")[value]] for name, value in rows if value)]


def checks(ran: tuple[Check, ...]) -> h.Node:
    if not ran:
        return h.p(".note")["No checks ran on it."]
    return [
        h.details(open=not check.passed)[
            h.summary(class_="good" if check.passed else "bad")[
                "passes: " if check.passed else "fails: ", h.code[inert(check.command)], f" ({check.seconds:.1f} s)"
            ],
            h.pre(tabindex="0", role="group", aria_label=f"Output of {check.command}")[
                plain(check.output[-4_000:]).strip() or "It said nothing."
            ],
        ]
        for check in ran
    ]


def probes(ran: tuple[Probe, ...]) -> h.Node:
    """What it says to each, one drawer down."""
    if not ran:
        return None
    return h.details[
        h.summary[f"How it behaves: {count(len(ran), 'command')}"],
        (
            [
                h.p[h.code[inert(one.command)], f" {_ended(one)}"],
                h.pre(tabindex="0", role="group", aria_label=inert(f"What {one.command} says"))[
                    plain(one.output).strip() or "It said nothing."
                ],
            ]
            for one in ran
        ),
    ]


def _ended(probe: Probe) -> str:
    return "was cut short" if probe.status is None else f"ended with status {probe.status}" if probe.status else ""


def own_words(attempt: Attempt) -> h.Node:
    if attempt.evidence is None or not attempt.evidence.summary:
        return None
    return h.figure(".own")[
        h.figcaption["What it says of itself, which proves nothing"],
        h.blockquote(dir="auto")[(h.p[inert(line)] for line in attempt.evidence.summary.splitlines())],
    ]


def facets() -> h.Element:
    return h.select(name="facet", aria_label="What it is about")[
        h.option(value="")["all in all"], (h.option(value=facet)[FACET_WORDS[facet]] for facet in FACETS)
    ]
