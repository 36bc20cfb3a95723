"""What a judgement of one post teaches about others: small steps, each of which can be shown and undone."""

from __future__ import annotations

import math
from collections.abc import Mapping

from maquette.curation.reports.funnel import Ranked, is_in
from maquette.curation.reports.interests import DOUBT, PRIOR, Interests
from maquette.curation.reports.sights import Known, Sight, channel_sign, person_sign, stem
from maquette.domain.interests import Change, Ruled, Sign, Weighed

_GOOD: Mapping[str, float] = {"person": 0.7, "channel": 0.7, "word": 0.6, "trait": 1.0}
_BAD: Mapping[str, float] = {"person": 0.3, "channel": 0.4, "word": 0.3, "trait": 1.0}
"""How far one judgement moves a sign of each kind, at most. Most of what is written is wanted by nobody: that a line
was wrong says little of its author and its words, and much of what put it there.
"""
_ALL_BEAR = ("trait:new", "trait:talk")
"""Signs of nearly every post: a judgement of one teaches nothing of them."""
_WORDS = 3
_LEAST = 0.05
"""A smaller step is none."""
_MARGIN = 0.3
_TRIES = 5
_SURE = 1.5


def judged(sight: Sight, wanted: bool, interests: Interests, known: Known) -> tuple[Change, ...]:
    """A step of an online logistic regression: the less expected the judgement, the longer the step."""
    surprise = (1.0 if wanted else 0.0) - interests.likely(sight)
    rates, steps = _GOOD if wanted else _BAD, list[Change]()
    for sign, strength in _signs(sight, known).items():
        rate = rates.get(sign.partition(":")[0], 0.0) * min(1.0, _explains(sign, wanted, interests))
        by = round(rate * surprise * strength, 3)
        if abs(by) >= _LEAST and sign not in _ALL_BEAR:
            steps.append(Weighed(when=(sign,), by=by))
    return tuple(steps)


def _signs(sight: Sight, known: Known) -> dict[Sign, float]:
    words = telling(sight, known, _WORDS)
    return sight.signs | {sign: 1.0 for sign in words}


def telling(sight: Sight, known: Known, most: int) -> list[Sign]:
    """The words that say most of what it is about, as signs."""
    return list(dict.fromkeys(f"word:{stem(word)}" for word in known.about(sight.words, most)))


def missed(post: str, ranked: Ranked) -> tuple[Change, ...]:
    """What has to change so that it, and what is like it, is in: as much as suffices on that day, and as makes it as
    likely as not to be wanted.

    None where it is in already, or nothing helps.
    """
    sight, interests = ranked.sight(post), ranked.interests
    if sight is None or ranked.has(post):
        return ()
    first = _freed(sight, interests, ranked.known)
    shares = _shares(sight, ranked.known, interests)
    lines = [group.lead for group in ranked.groups if is_in(group) and not group.lead.always]
    always = sum(group.lead.always for group in ranked.report)
    last = lines[: max(1, interests.lines - always)][-1:]
    lacks = max(DOUBT, last[0].score + _MARGIN if last else 0.0) - sight.score
    for step in range(_TRIES):
        changes = [*first, *(Weighed(when=(s,), by=round(lacks * of, 3)) for s, of in shares.items() if lacks > 0)]
        if ranked.again(interests.with_(*changes)).has(post):
            return tuple(changes)
        lacks = max(lacks, 0.5) * (1.5 + 0.5 * step)
    together = tuple(shares)[:2]
    narrow: list[Change] = [*first, Ruled(when=together, rule="always")]
    return tuple(narrow) if ranked.again(interests.with_(*narrow)).has(post) else ()


def _shares(sight: Sight, known: Known, interests: Interests) -> dict[Sign, float]:
    """How what it lacks is made up for: by what it is about, then by who wrote it, then by where."""
    words = telling(sight, known, 2)
    shares = {word: 0.5 / len(words) for word in words}
    shares |= {person_sign(sight.post.author): 0.3, channel_sign(sight.post.channel): 0.2}
    shares = {sign: share * _explains(sign, True, interests) for sign, share in shares.items()}
    return {sign: share / sum(shares.values()) for sign, share in shares.items()}


def _explains(sign: Sign, wanted: bool, interests: Interests) -> float:
    """1 where nothing was taught of a sign; what was taught explains first what fits it, and last what doesn’t."""
    taught = interests.weights.get(sign, 0.0) - PRIOR.get(sign, 0.0)
    return math.exp(max(-_SURE, min(_SURE, taught if wanted else -taught)))


def _freed(sight: Sight, interests: Interests, known: Known) -> list[Change]:
    """Where a rule says never: the same rule, but not for what this is about."""
    rule = interests.rule(sight)
    if rule is None or rule.rule == "always":
        return []
    taken = set(rule.when)
    able = [*telling(sight, known, 2), person_sign(sight.post.author), channel_sign(sight.post.channel)]
    but = next((sign for sign in able if sign not in taken), None)
    return [rule.model_copy(update={"unless": (*rule.unless, but)})] if but else []
