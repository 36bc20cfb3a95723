"""Why a line is in, in plain words, from the very weights that put it there."""

from __future__ import annotations

from collections.abc import Sequence

from maquette.curation.reports.interests import Interests, Part, Taught
from maquette.curation.reports.sights import Sight
from maquette.domain.interests import TRAITS, Sign

REASONS = 3
_SLIGHT = 0.1
"""What moves a score by less is no reason."""


def why(sight: Sight, interests: Interests) -> str:
    """The three that weigh most, each with what the person said where they put it there."""
    if sight.always and (rule := interests.rule(sight)) is not None:
        return f"always in: {phrase(rule.when, sight)}{_because(interests.source(rule.when))}"
    reasons = [_told(part, sight, interests) for part in for_it(sight, interests)[:REASONS]]
    return "; ".join(reasons) or "nothing speaks for it"


def why_not(sight: Sight, interests: Interests) -> str:
    """What speaks against it, else what little speaks for it."""
    rule = interests.rule(sight)
    if rule is not None and rule.rule == "never":
        return f"it is never to be in: {phrase(rule.when, sight)}{_because(interests.source(rule.when))}"
    against = sorted((part for part in interests.parts(sight) if part.worth < -_SLIGHT), key=lambda part: part.worth)
    told = [f"{_told(part, sight, interests)} ({part.worth:+.1f})" for part in against[:REASONS]]
    told += [f"{_told(part, sight, interests)} ({part.worth:+.1f})" for part in for_it(sight, interests)[:REASONS]]
    return "; ".join(told) or "nothing that you taught speaks for it"


def for_it(sight: Sight, interests: Interests) -> list[Part]:
    return sorted((part for part in interests.parts(sight) if part.worth > _SLIGHT), key=lambda part: -part.worth)


def phrase(when: Sequence[Sign], sight: Sight | None = None, *, unless: Sequence[Sign] = ()) -> str:
    """Signs in words: "from Ada, about refunds". A sight says how names are written, and how many reacted."""
    but = f", but not {' or '.join(_sign(sign, sight) for sign in unless)}" if unless else ""
    return ", ".join(_sign(sign, sight) for sign in when) + but


def _sign(sign: Sign, sight: Sight | None) -> str:
    kind, _, name = sign.partition(":")
    post = sight.post if sight else None
    match kind:
        case "person":
            return f"from {post.author if post and post.author.lower() == name else _named(name)}"
        case "channel":
            return f"in #{name}"
        case "source":
            return f"read from {name}"
        case "word":
            return f"about “{name}”"
        case _:
            if post and name == "reactions":
                return f"{sum(post.reactions.values())} reactions"
            return TRAITS.get(name, name)


def _named(name: str) -> str:
    """As names are mostly written: a sign has it in small letters."""
    return name.title() if " " in name else name


def _told(part: Part, sight: Sight, interests: Interests) -> str:
    return phrase(part.when, sight) + _because(interests.source(part.when))


def _because(lesson: Taught | None) -> str:
    return f" (you said “{lesson.said}”)" if lesson and lesson.said else ""
