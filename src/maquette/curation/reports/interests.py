"""What one person cares about, as their changes add up. Nothing in it that a change didn't put there, or `PRIOR`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from maquette.curation.reports.sights import Sight, forms
from maquette.domain.interests import LEAST, MOST, USUAL, Case, Change, Named, Ruled, Sign, Sized, Weighed

PRIOR: Mapping[Sign, float] = {
    "trait:you": 2.0,
    "trait:promise": 1.6,
    "trait:incident": 1.5,
    "trait:decision": 1.0,
    "trait:reactions": 1.0,
    "trait:question": 0.7,
    "trait:talk": 0.7,
    "trait:new": 0.6,
    "trait:chatter": -1.0,
    "trait:bot": -1.5,
}
"""Where everybody begins."""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
DOUBT = 2.0
"""The score at which it is as likely as not that a post is wanted."""


@dataclass(frozen=True)
class Taught:
    """One version: what changed, the words that it came from, and the cases that it brought."""

    version: int
    sentence: str
    said: str
    at: datetime
    changes: tuple[Change, ...]
    cases: tuple[Case, ...] = ()


@dataclass(frozen=True)
class Part:
    """What one sign, or several together, add to a score; `by` is who put it there, None: everybody begins so."""

    when: tuple[Sign, ...]
    worth: float
    by: Taught | None = None


@dataclass(frozen=True)
class Interests:
    """As of `version`. `weights` are of single signs, `narrow` of several together; `rules` are always and never."""

    version: int = 0
    lines: int = USUAL
    names: frozenset[str] = frozenset()
    weights: Mapping[Sign, float] = field(default_factory=lambda: dict(PRIOR))
    narrow: tuple[Weighed, ...] = ()
    rules: tuple[Ruled, ...] = ()
    lessons: tuple[Taught, ...] = ()

    def score(self, sight: Sight) -> float:
        """The sum of its parts, without telling them apart."""
        weights = self.weights
        score = sum(weights[sign] * strength for sign, strength in sight.signs.items() if sign in weights)
        score += sum(weights[sign] for sign in {self.words[word] for word in self.words.keys() & sight.words})
        return score + sum(one.by * sight.strength(one.when) for one in self.narrow if applies(one, sight))

    def parts(self, sight: Sight) -> list[Part]:
        """What makes up its score. Their sum is the score, so nothing is left unsaid."""
        found: list[Part] = []
        for sign, strength in sight.signs.items():
            if (weight := self.weights.get(sign)) is not None:
                found.append(Part((sign,), weight * strength))
        bearing = self.words.keys() & sight.words
        for sign in dict.fromkeys(self.words[word] for word in bearing):
            found.append(Part((sign,), self.weights[sign]))
        for one in self.narrow:
            if applies(one, sight):
                found.append(Part(one.when, one.by * sight.strength(one.when)))
        return [part for part in found if part.worth]

    @cached_property
    def words(self) -> Mapping[str, Sign]:
        """Each form of a word that counts for something, with its sign."""
        return {form: sign for sign in self.word_signs for form in forms(sign[5:])}

    @property
    def word_signs(self) -> list[Sign]:
        return [sign for sign in self.weights if sign.startswith("word:")]

    def rule(self, sight: Sight) -> Ruled | None:
        """The one that holds for it. Always goes before never; else the latest goes first."""
        holding = [rule for rule in self.rules if applies(rule, sight)]
        return max(holding, key=lambda rule: rule.rule == "always", default=None) if holding else None

    def likely(self, sight: Sight) -> float:
        """How likely it is wanted, 0 to 1."""
        return 1 / (1 + math.exp(DOUBT - self.score(sight)))

    def source(self, when: Sequence[Sign]) -> Taught | None:
        """The last lesson that moved these signs."""
        return next((lesson for lesson in reversed(self.lessons) if _moves(lesson, tuple(when))), None)

    @property
    def sized(self) -> Taught | None:
        """The last lesson that said how long a report is."""
        return next((one for one in reversed(self.lessons) if any(isinstance(c, Sized) for c in one.changes)), None)

    def without(self, version: int) -> Interests:
        """As they would be had that never been said."""
        return interests(lesson for lesson in self.lessons if lesson.version != version)

    def with_(self, *changes: Change) -> Interests:
        """As they would be after these, for trying out."""
        at = self.lessons[-1].at if self.lessons else _LONG_AGO
        return interests([*self.lessons, Taught(self.version + 1, "", "", at, changes)])


def applies(change: Weighed | Ruled, sight: Sight) -> bool:
    return all(map(sight.bears, change.when)) and not any(map(sight.bears, change.unless))


def _moves(lesson: Taught, when: tuple[Sign, ...]) -> bool:
    return any(isinstance(change, Weighed | Ruled) and change.when == when for change in lesson.changes)


def interests(lessons: Iterable[Taught]) -> Interests:
    """The fold. Which lessons are undone is settled before: what isn't handed in leaves no trace."""
    lessons = tuple(lessons)
    weights = dict(PRIOR)
    narrow: dict[tuple[tuple[Sign, ...], tuple[Sign, ...]], float] = {}
    rules: list[Ruled] = []
    lines, names = USUAL, set[str]()
    for lesson in lessons:
        for change in lesson.changes:
            match change:
                case Weighed(when=(sign,), unless=()):
                    weights[sign] = round(weights.get(sign, 0.0) + change.by, 4)
                case Weighed():
                    key = (change.when, change.unless)
                    narrow[key] = round(narrow.get(key, 0.0) + change.by, 4)
                case Ruled():
                    rules = [change, *(rule for rule in rules if rule.when != change.when)]
                case Sized():
                    lines = min(MOST, max(LEAST, change.lines))
                case Named():
                    names.add(change.name.lower())
    return Interests(
        version=max((lesson.version for lesson in lessons), default=0),
        lines=lines,
        names=frozenset(names),
        weights=weights,
        narrow=tuple(Weighed(when=when, unless=unless, by=by) for (when, unless), by in narrow.items()),
        rules=tuple(rules),
        lessons=lessons,
    )
