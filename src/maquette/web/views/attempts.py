"""Attempts as cards: a picture first, with the stage drawn over it; and all that is known of one."""

from __future__ import annotations

import htpy as h

from maquette.actions.votes import Rank
from maquette.domain.checks import Check
from maquette.domain.explorations import CLOSES, Attempt, Evidence, Exploration, Risk, Stage
from maquette.domain.threads import Outcome, ThreadState
from maquette.domain.votes import FACETS
from maquette.web.cards.terminal import plain
from maquette.web.views.forms import told
from maquette.web.views.words import count, price, span

RISKS = {
    Risk.PURPOSE: "It is what we are for",
    Risk.DESIGN: "Its design was looked at",
    Risk.CHECKS: "Its checks hold",
    Risk.SAFETY: "It is safe",
    Risk.WANTED: "Somebody wants it",
}
FACET_WORDS = {
    "look": "how it looks",
    "fit": "how it fits the system",
    "direction": "where we are going",
    "voice": "how it says it",
    "behaviour": "how it behaves",
}
NEXT = {Stage.SKETCH: Stage.CANDIDATE, Stage.CANDIDATE: Stage.SHIPPING}


def address(attempt: Attempt, which: int = 0) -> str:
    """Of a picture. What it shows is named in it, so that a newer one is fetched."""
    shown = attempt.evidence.pictures[which].blob if attempt.evidence else ""
    at = f"/v1/explorations/{attempt.exploration}/attempts/{attempt.number}/pictures/{which}"
    return f"{at}?of={shown[:12]}"


def page_of(attempt: Attempt) -> str:
    return f"/explore/{attempt.exploration}/attempts/{attempt.number}"


def stands(attempt: Attempt) -> str:
    """In a word or two."""
    if attempt.shelved or attempt.stopped:
        return "on the shelf" if attempt.shelved else "stopped"
    if attempt.state is None:
        return "to begin"
    if attempt.state is not ThreadState.IDLE:
        words = {ThreadState.WAITING: "needs you", ThreadState.RUNNING: "at work", ThreadState.QUEUED: "in line"}
        return words[attempt.state]
    said = {Outcome.FAILED: "failed", Outcome.STOPPED: "stopped", Outcome.BUDGET: "out of budget"}
    if attempt.outcome is not None and attempt.outcome in said:
        return said[attempt.outcome]
    return "" if attempt.known else "being looked at" if attempt.result else "made nothing"


def verdict(attempt: Attempt) -> str:
    """Of the checks: passed, failed, or none."""
    if attempt.evidence is None or not attempt.evidence.checks:
        return "none"
    return "failed" if attempt.evidence.failed else "passed"


def made_by(attempt: Attempt) -> str:
    if attempt.source.kind == "agent":
        return "by rule" if attempt.plan.model.startswith("apprentice:") else attempt.plan.model
    return f"{attempt.source.kind} {attempt.source.name.rpartition('/')[2]}"


def stage(attempt: Attempt) -> h.Element:
    return h.span(class_=f"stage {attempt.stage.value}")[attempt.stage.value]


def picture(attempt: Attempt, which: int = 0, *, late: bool = True) -> h.Node:
    """With its stage drawn over it; where there is none, why."""
    shown = attempt.evidence.pictures if attempt.evidence else ()
    if which < len(shown) and shown[which].blob:
        one = shown[which]
        return h.span(class_=f"shot {attempt.stage.value}")[
            h.img(
                src=f"{address(attempt, which)}&small=true" if late else address(attempt, which),
                alt=f"Attempt {attempt.number}, {one.view}",
                width=str(one.width),
                height=str(one.height),
                loading="lazy" if late else None,
                decoding="async",
            ),
            stage(attempt),
        ]
    why = shown[which].why if which < len(shown) else stands(attempt) or "nothing to be seen"
    return h.span(class_=f"shot none {attempt.stage.value}")[h.span(".why")[why], stage(attempt)]


def card(attempt: Attempt, rank: Rank | None, place: int, *, picked: bool) -> h.Element:
    evidence = attempt.evidence
    return h.li(
        id=f"a{attempt.number}",
        class_=f"attempt {verdict(attempt)}{' picked' if picked else ''}",
        data_number=attempt.number,
    )[
        h.a(href=page_of(attempt), aria_label=_label(attempt, place))[
            picture(attempt),
            h.span(".told")[
                h.b[str(attempt.number)],
                picked and h.span(".pick")["picked"],
                h.span(".what")[attempt.plan.approach or made_by(attempt)],
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


def _label(attempt: Attempt, place: int) -> str:
    parts = [f"Attempt {attempt.number}, a {attempt.stage.value}", attempt.plan.approach, stands(attempt)]
    return ", ".join(part for part in (*parts, f"checks {verdict(attempt)}") if part)


def facts(attempt: Attempt) -> h.Element:
    """All numbers that are known of it."""
    evidence = attempt.evidence or Evidence(commit="", tree="")
    rules = attempt.plan.model.startswith("apprentice:")
    rows = (
        ("made", made_by(attempt)),
        ("approach", attempt.plan.approach),
        ("change", f"+{evidence.added} −{evidence.removed} in {count(len(evidence.files), 'file')}"),
        ("code", f"{count(evidence.lines, 'line')} more" if evidence.lines >= 0 else f"{-evidence.lines} lines fewer"),
        ("complexity", "" if evidence.complexity is None else f"{evidence.complexity:+d}"),
        ("needs anew", ", ".join(evidence.dependencies)),
        ("touches", ", ".join(evidence.files[:8]) + (" …" if len(evidence.files) > 8 else "")),
        ("cost", f"{price(attempt.price, rules)}, {attempt.tokens:,} tokens, {span(attempt.seconds)} of work"),
        ("trouble", " ".join(evidence.troubles)),
    )
    return h.dl(".facts")[(h.div[h.dt[name], h.dd(dir="auto")[value]] for name, value in rows if value)]


def checks(ran: tuple[Check, ...]) -> h.Node:
    if not ran:
        return h.p(".note")["No checks ran on it."]
    return [
        h.details(open=not check.passed)[
            h.summary(class_="good" if check.passed else "bad")[
                "passes: " if check.passed else "fails: ", h.code[check.command], f" ({check.seconds:.1f} s)"
            ],
            h.pre(tabindex="0", aria_label=f"Output of {check.command}")[plain(check.output[-4_000:])],
        ]
        for check in ran
    ]


def own_words(attempt: Attempt) -> h.Node:
    if attempt.evidence is None or not attempt.evidence.summary:
        return None
    return h.figure(".own")[
        h.figcaption["What it says of itself, which proves nothing"],
        h.blockquote(dir="auto")[(h.p[line] for line in attempt.evidence.summary.splitlines())],
    ]


def staging(attempt: Attempt) -> h.Element:
    """Its risks, who closed them on what evidence, and the way on."""
    closed = {one.risk: one for one in attempt.closed}
    base = f"/v1/explorations/{attempt.exploration}/attempts/{attempt.number}"
    onward = NEXT.get(attempt.stage)
    return h.section(".block", aria_label="Stage")[
        h.h2(".label")["Stage"],
        h.div(".body")[
            h.p["It is a ", stage(attempt), ". Whatever it looks like, these are its risks:"],
            h.ul(".risks")[
                (
                    h.li(class_="closed" if risk in closed else "open")[
                        h.b[RISKS[risk]],
                        h.small[f"closed by {closed[risk].by}: {closed[risk].evidence}"]
                        if risk in closed
                        else _closing(base, risk, page_of(attempt)),
                    ]
                    for risk in Risk
                )
            ],
            onward
            and h.form(".say", data_api=f"{base}/stage", data_then=page_of(attempt))[
                h.input(type="hidden", name="stage", value=onward.value),
                h.input(name="reason", required=True, placeholder="Why", aria_label="Why it moves on"),
                h.button[f"Make it a {onward.value}"],
                h.p(".note")[
                    "Needs closed: ", ", ".join(RISKS[risk].lower() for risk in CLOSES[onward] if risk not in closed)
                ]
                if any(risk not in closed for risk in CLOSES[onward])
                else None,
                told(),
            ],
        ],
    ]


def _closing(base: str, risk: Risk, then: str) -> h.Element:
    return h.form(".say", data_api=f"{base}/risks", data_then=then)[
        h.input(type="hidden", name="risk", value=risk.value),
        h.input(name="evidence", required=True, placeholder="On what evidence?", aria_label=f"Evidence: {RISKS[risk]}"),
        h.button["Close"],
        told(),
    ]


def picking(exploration: Exploration, attempt: Attempt) -> h.Element:
    base = f"/v1/explorations/{attempt.exploration}/attempts/{attempt.number}"
    return h.section(".block", aria_label="Choose")[
        h.h2(".label")["Choose"],
        h.div(".body")[
            h.form(".say", data_api=f"{base}/pick", data_then=page_of(attempt))[
                h.input(name="reason", required=True, placeholder="Why this one?", aria_label="Why this one"),
                facets(),
                h.button(".main")["Pick it"],
                told(),
            ],
            h.p(".note")["A decision with its reason: the project's taste, which later attempts are told."],
            exploration.picked == attempt.number
            and h.form(data_api=f"{base}/merge", data_then=page_of(attempt))[h.button["Merge it"], told()],
            h.form(".say", data_api=f"{base}/shelve", data_then=page_of(attempt))[
                h.input(
                    name="why",
                    required=not attempt.shelved,
                    placeholder="Empty: take it up again" if attempt.shelved else "Why not now?",
                    aria_label="Why it goes on the shelf",
                ),
                h.button["Take it up again" if attempt.shelved else "Put it on the shelf"],
                told(),
            ],
        ],
    ]


def facets() -> h.Element:
    return h.select(name="facet", aria_label="What it is about")[
        h.option(value="")["all in all"], (h.option(value=facet)[FACET_WORDS[facet]] for facet in FACETS)
    ]
