"""Briefs by rule: which medium fits a question, how attempts are made to differ, what they are told, what is alike."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import product

from maquette.domain.explorations import Attempt, Brief, Decision, Medium, Variation

_WORD = re.compile(r"[^\W\d_]{3,}")


def _set(words: str) -> frozenset[str]:
    return frozenset(_WORD.findall(words))


_MARKS: Mapping[Medium, frozenset[str]] = {
    Medium.PAGE: _set(
        """should strategy positioning vision plan policy pricing announce announcement story name naming why whether
        proposal principles goals audience document memo decide direction"""
    ),
    Medium.CLICK: _set(
        """click screen page button layout form theme dashboard flow onboarding look design interface menu prototype
        wizard mobile animation drag hover settings landing sidebar gallery editor feels empty state"""
    ),
    Medium.CHANGE: _set(
        """fix bug faster speed performance refactor rename upgrade migrate test tests function method algorithm api
        endpoint crash error dependency module cache query parser cleanup type types"""
    ),
}
_WHY = {
    Medium.PAGE: "its goal is still open, so a page to argue about is the cheapest answer",
    Medium.CLICK: "it is about how something is used, which is seen by clicking",
    Medium.CHANGE: "it names work whose end can be checked, so it is answered by a change",
}
_FILLER = _set(
    """the and for with that this from into are you our your can not but has have was were will would could more most
    make made add use using new all any each how what when where which"""
)
APPROACHES: Mapping[Medium, tuple[str, ...]] = {
    Medium.PAGE: ("one page, the recommendation first", "questions and answers", "two options, side by side"),
    Medium.CLICK: ("the fewest elements that do it", "everything at a glance", "one step at a time"),
    Medium.CHANGE: ("the smallest change", "the clearest code, if it takes more of it", "the fastest at run time"),
}
"""What attempts differ in where the person names nothing."""
ALIKE = 0.34
"""The share of a question's words from which on something is offered as an attempt at the same."""


def medium_of(question: str) -> tuple[Medium, str]:
    """Which medium fits, and why, for people. Where nothing speaks for any: a page to argue about."""
    said = [word.casefold() for word in _WORD.findall(question)]
    found = {medium: [word for word in dict.fromkeys(said) if word in marks] for medium, marks in _MARKS.items()}
    best = max(found, key=lambda medium: len(found[medium]))
    if not found[best]:
        return Medium.PAGE, f"nothing in it says what is wanted exactly, so {_WHY[Medium.PAGE]}"
    named = ", ".join(f"“{word}”" for word in found[best][:3])
    return best, f"{_WHY[best]} (it says {named})"


def plans(
    models: Sequence[str], approaches: Sequence[str], count: int, former: Sequence[Variation] = ()
) -> list[Variation]:
    """`count` more plans: each approach by each model, in turn, before any of them comes again as another seed."""
    kinds = [(approach, model) for approach, model in product(approaches or ("",), models)]
    made = [(plan.approach, plan.model) for plan in former]
    found: list[Variation] = []
    for _ in range(count):
        approach, model = min(kinds, key=made.count)
        found.append(Variation(approach=approach, model=model, seed=made.count((approach, model)) + 1))
        made.append((approach, model))
    return found


def task(brief: Brief, attempt: Attempt, taste: Sequence[Decision]) -> str:
    """What an attempt's agent is told. Decisions have numbers, so that it can say which it kept to."""
    kind = {
        Medium.PAGE: "Answer it with a page that people can argue about (HTML or Markdown).",
        Medium.CLICK: "Answer it with something that can be clicked: a static page, unless the project is one already.",
        Medium.CHANGE: "Answer it with a change of this project's code, its checks passing.",
    }[brief.medium]
    parts = [brief.question, "", f"This is attempt {attempt.number} of several, each made apart. {kind}"]
    if attempt.plan.approach:
        parts.append(f"Approach: {attempt.plan.approach}")
    if attempt.plan.seed > 1:
        parts.append(f"Variant: {attempt.plan.seed}. Others take this approach too: take another turn than the first.")
    if brief.views:
        seen = "; ".join(f"{view.name}: {view.path}" for view in brief.views)
        parts.append(f"What will be looked at: {seen}.")
    if brief.checks:
        parts.append(f"What will be checked: {'; '.join(brief.checks)}.")
    if brief.probes:
        parts.append(f"What will be run to see how it behaves: {'; '.join(brief.probes)}.")
    if taste:
        parts += ["", "What was decided in this project before. Where you follow one, say so by its number:"]
        parts += [f"- [{one.id[-6:]}]{f' ({one.facet})' if one.facet else ''} {one.reason}" for one in taste]
    return "\n".join(parts)


def summary_of(text: str) -> str:
    """At most three lines of what an attempt says about itself."""
    lines = [line.strip().lstrip("#").strip() for line in text.splitlines()]
    return "\n".join([line[:240] for line in lines if line][:3])


def alike(question: str, others: Mapping[str, str]) -> list[tuple[str, float, tuple[str, ...]]]:
    """Which of `others` (name → words) attempt the same: name, share of the question's words, and those words."""
    wanted = _stems(question)
    found: list[tuple[str, float, tuple[str, ...]]] = []
    for name, words in others.items():
        shared = wanted & _stems(words.replace("-", " ").replace("/", " ").replace("_", " "))
        if wanted and len(shared) >= 2 and len(shared) / len(wanted) >= ALIKE:
            found.append((name, len(shared) / len(wanted), tuple(sorted(shared))))
    return sorted(found, key=lambda one: -one[1])


def _stems(text: str) -> set[str]:
    words = (word.casefold() for word in _WORD.findall(text))
    return {word[:-1] if len(word) > 3 and word.endswith("s") else word for word in words if word not in _FILLER}
