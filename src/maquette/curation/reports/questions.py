"""The questions whose answers would change a report most."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from maquette.curation.reports.alike import Group
from maquette.curation.reports.funnel import Ranked
from maquette.curation.reports.learning import telling
from maquette.curation.reports.replies import STEP
from maquette.curation.reports.sights import Homes, Sight
from maquette.curation.reports.why import phrase
from maquette.domain.interests import TRAITS, Asked, Ruled, Sign, Weighed

POOL = 400
"""Groups that could get into the report, or out of it."""
_LEAST = 2
"""Groups that a question must be about, else it teaches too little."""
_WORDS = 3
"""Of a group, that may be asked about."""
_QUOTED = 90


@dataclass(frozen=True)
class _Candidate:
    sign: Sign
    change: float
    about: frozenset[int]
    """Of the groups: their places."""


def questions(ranked: Ranked, count: int, past: Iterable[Sight] = ()) -> list[Asked]:
    """At most `count`. Each is about a sign that nothing was taught of; yes and no are taken as equally likely. No word
    is asked about that isn't seen to name a topic, by the posts of that day and of the `past`.

    One that is about the same posts as an earlier one counts for less.
    """
    pool = ranked.groups[:POOL]
    candidates = _candidates(ranked, pool, Homes.spoken([*past, *ranked.seen]))
    asked: list[_Candidate] = []
    while candidates and len(asked) < count:
        best = max(candidates, key=lambda one: (one.change * _fresh(one, asked), one.sign))
        if best.change * _fresh(best, asked) <= 0:
            break
        asked.append(best)
        candidates.remove(best)
    return [_question(one, pool) for one in asked]


def _candidates(ranked: Ranked, pool: Sequence[Group], homes: Homes) -> list[_Candidate]:
    taught = _taught(ranked)
    about: dict[Sign, dict[int, float]] = {}
    for place, group in enumerate(pool):
        words = {sign: 1.0 for sign in telling(group.lead, ranked.known, _WORDS) if homes.topical(sign[5:])}
        for sign, strength in (group.lead.signs | words).items():
            if sign not in taught and not sign.startswith("source:"):
                about.setdefault(sign, {})[place] = strength
    return [
        _Candidate(sign, (_change(ranked, pool, of, STEP) + _change(ranked, pool, of, -STEP)) / 2, frozenset(of))
        for sign, of in about.items()
        if _LEAST <= len(of) < len(pool)
    ]


def _taught(ranked: Ranked) -> set[Sign]:
    changes = [change for lesson in ranked.interests.lessons for change in lesson.changes]
    return {sign for change in changes if isinstance(change, Weighed | Ruled) for sign in change.when}


def _change(ranked: Ranked, pool: Sequence[Group], about: dict[int, float], by: float) -> int:
    """Lines of the report that would be others."""
    lines = ranked.interests.lines
    scores = [
        (group.lead.always, group.lead.score + by * about.get(place, 0.0), -place)
        for place, group in enumerate(pool)
        if not group.lead.never
    ]
    best = sorted(scores, reverse=True)[:lines]
    return len({-place for _, _, place in best} - set(range(lines)))


def _fresh(one: _Candidate, asked: Sequence[_Candidate]) -> float:
    """1 where it is about other posts than those asked about before."""
    shared = max((len(one.about & other.about) / len(one.about) for other in asked), default=0.0)
    return 1.0 - shared


def _question(one: _Candidate, pool: Sequence[Group]) -> Asked:
    example = pool[min(one.about)].lead
    text = " ".join((example.post.title or example.post.text).split())
    quoted = text if len(text) <= _QUOTED else f"{text[: _QUOTED - 1]}…"
    kind, _, name = one.sign.partition(":")
    what = f"of this sort: {TRAITS[name]}" if kind == "trait" else phrase([one.sign], example)
    yes, no = (Weighed(when=(one.sign,), by=by) for by in (STEP, -STEP))
    return Asked(text=f"More {what}? For example: “{quoted}”", yes=(yes,), no=(no,))
