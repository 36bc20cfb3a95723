"""The first look at every post: cheap, in one pass, in bounded memory. What it lets through is looked at closely."""

from __future__ import annotations

import heapq
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from maquette.curation.reports.interests import Interests
from maquette.curation.reports.promises import SAYS, WHENS, Promises
from maquette.curation.reports.sights import (
    MANY_ANSWERS,
    MANY_REACTIONS,
    SHORT,
    SIGNALS,
    Known,
    channel_sign,
    forms,
    is_bot,
    person_sign,
    share,
)
from maquette.domain.interests import Sign
from maquette.domain.posts import Glance, Mark
from maquette.domain.terms import fold, term

LET_THROUGH = 2_000
"""Posts that are looked at closely, beside those that are always in."""
SAME = 3
"""Posts of the very same words that are let through; the others are counted."""
ALWAYS = 2_000
_FIRSTS = 40_000
"""First posts of threads that are remembered for when somebody answers."""
_REMEMBERED = 400_000
"""Threads, and sets of words, that are counted. Those that came once go first."""


@dataclass
class Counts:
    """How often something came; of many things, those that came once are forgotten."""

    of: dict[int, int] = field(default_factory=dict[int, int])

    def add(self, number: int) -> int:
        count = self.of[number] = self.of.get(number, 0) + 1
        if len(self.of) > _REMEMBERED:
            self.of = {number: count for number, count in self.of.items() if count > 1}
        return count


@dataclass(slots=True)
class _Of:
    """What an author, a channel or a term is worth; `closer`: a rule or a narrow weight may hold for its posts."""

    worth: float = 0.0
    closer: bool = False
    bit: int = 0
    trait: float = 0.0
    """Of the trait of this bit, which counts once a post."""


@dataclass
class Through:
    """What came through: glances, and what only shows once all is read."""

    glances: list[Glance]
    promised: list[Glance]
    """Of what may be a promise of which nothing came, also of before."""
    answers: Counts
    last: Mapping[int, int]
    """Who had the last word in a thread."""
    same: Counts
    read: int


class Sieve:
    """Told of posts in the order of time."""

    def __init__(self, interests: Interests, known: Known, most: int = LET_THROUGH) -> None:
        self._interests, self._known, self._most = interests, known, most
        names = interests.names
        self._mine = frozenset(n for n, author in known.authors.items() if author.name.lower().lstrip("@") in names)
        self._rules = [
            (rule, self._tests(rule.when), self._tests(rule.unless))
            for rule in interests.rules
            if rule.rule == "always" or not _LATE.intersection((*rule.when, *rule.unless))
        ]
        self._narrow = [(one.by, self._tests(one.when), self._tests(one.unless)) for one in interests.narrow]
        self._closer, self._everything = _looked_at(interests)
        self._authors = {number: self._author(author.name) for number, author in known.authors.items()}
        self._channels = {n: self._channel(channel.source, channel.name) for n, channel in known.channels.items()}
        self._terms = self._vocabulary()
        self._answers, self._same, self._promises = Counts(), Counts(), Promises()
        self._last: dict[int, int] = {}
        self._best: list[tuple[float, int, Glance]] = []
        self._always: deque[Glance] = deque(maxlen=ALWAYS)
        self._promised: dict[int, Glance] = {}
        self._read = 0

    def earlier(self, glances: Iterable[Glance]) -> None:
        """Posts of before: what was promised in them may be due now. They can't be let through for themselves."""
        for glance in glances:
            found = array("I", glance.terms)
            self._follow(glance, found, not SAYS.isdisjoint(found))

    def take(self, glances: Iterable[Glance]) -> None:  # noqa: C901 - one loop, nothing called in it that need not be
        """A tight loop, since a million posts go through it."""
        weights = self._interests.weights
        asks, reacted, talked = weights["trait:question"], weights["trait:reactions"], weights["trait:talk"]
        chatter, bot = weights["trait:chatter"], weights["trait:bot"]
        authors, channels, vocabulary, mine = self._authors, self._channels, self._terms, self._mine
        known, best, nobody = frozenset(vocabulary), self._best, _Of()
        firsts: dict[int, tuple[float, int, Glance]] = {}
        answers, same, last, promises = self._answers, self._same, self._last, self._promises
        everything, most, floor, read = self._everything, self._most, float("-inf"), self._read
        asking, machine, answering = Mark.ASKS.value, Mark.MACHINE.value, Mark.ANSWER.value
        for glance in glances:
            read += 1
            _, _, channel, author, _, thread, _, reactions, marks, alike, to, packed = glance
            found = array("I", packed)
            of, where = authors.get(author, nobody), channels.get(channel, nobody)
            score, closer, bits = of.worth + where.worth, of.closer or where.closer or everything, 0
            for number in known.intersection(found):
                word = vocabulary[number]
                score += word.worth
                closer = closer or word.closer
                if word.bit & ~bits:
                    score += word.trait
                    bits |= word.bit
            if to and mine and not bits & YOU and not mine.isdisjoint(array("I", to)):
                score += weights["trait:you"]
                bits |= YOU
            if reactions:
                score += reacted * share(reactions, MANY_REACTIONS)
            if marks & asking:
                score += asks
            elif len(found) <= SHORT:
                score += chatter
            if marks & machine and not of.bit:
                score += bot
            if marks & answering:
                count = answers.add(thread)
                score += talked * (worth := share(count, MANY_ANSWERS))
                if (begun := firsts.get(thread)) is not None and not count & (count - 1):
                    self._keep(begun[0] + talked * worth, begun[1], begun[2])
                    floor = best[0][0] if len(best) == most else floor
            last[thread] = author
            if bits & PROMISES or promises.by(author):
                self._follow(glance, found, bool(bits & PROMISES))
            if author in mine or (alike and same.add(alike) > SAME):
                continue
            if closer:
                rule = self._rule(glance, found, bits)
                if rule == "always":
                    self._always.append(glance)
                if rule:
                    continue
                score += self._narrowly(glance, found, bits)
            if not marks & answering:
                firsts[thread] = score, read, glance
                if len(firsts) > _FIRSTS:
                    for old in list(islice(firsts, _FIRSTS // 4)):
                        del firsts[old]
            if score >= floor:
                self._keep(score, read, glance)
                floor = best[0][0] if len(best) == most else floor
            if len(last) > _REMEMBERED:
                self._last = last = {thread: last[thread] for thread in answers.of if thread in last}
        self._read = read

    def through(self) -> Through:
        glances = {glance.number: glance for glance in (*(one[2] for one in self._best), *self._always)}
        promised = [self._promised[number] for number in self._promises.numbers]
        return Through(list(glances.values()), promised, self._answers, self._last, self._same, self._read)

    def _keep(self, score: float, read: int, glance: Glance) -> None:
        """One more of the best; the first post of a thread comes again as it is answered, and counts as it was last."""
        if len(self._best) < self._most:
            heapq.heappush(self._best, (score, read, glance))
        else:
            heapq.heappushpop(self._best, (score, read, glance))

    def _follow(self, glance: Glance, found: array[int], says: bool) -> None:
        made = says and not WHENS.isdisjoint(found)
        self._promises.take(glance, found, made)
        if made:
            self._promised[glance.number] = glance
            if len(self._promised) > 4 * _PROMISED:
                kept = set(self._promises.numbers)
                self._promised = {number: one for number, one in self._promised.items() if number in kept}

    def _rule(self, glance: Glance, found: array[int], bits: int) -> str:
        """Always, never, or "". Always goes before never, as with `Interests.rule`."""
        said = ""
        for rule, when, unless in self._rules:
            if _holds(when, unless, glance, found, bits):
                said = rule.rule if said != "always" else said
        return said

    def _narrowly(self, glance: Glance, found: array[int], bits: int) -> float:
        return sum(by for by, when, unless in self._narrow if _holds(when, unless, glance, found, bits))

    def _author(self, name: str) -> _Of:
        sign, weights = person_sign(name), self._interests.weights
        bot = is_bot(name)
        worth = weights.get(sign, 0.0) + (weights["trait:bot"] if bot else 0.0)
        return _Of(worth, sign in self._closer or (bot and "trait:bot" in self._closer), int(bot))

    def _channel(self, source: str, name: str) -> _Of:
        signs = (channel_sign(name), f"source:{source.lower()}")
        worth = sum(self._interests.weights.get(sign, 0.0) for sign in signs)
        return _Of(worth, any(sign in self._closer for sign in signs))

    def _vocabulary(self) -> dict[int, _Of]:
        """Each term that counts for something. A promise's words count nothing, and show what to look at."""
        found: dict[int, _Of] = {number: _Of(bit=PROMISES) for number in SAYS}
        for word, trait in SIGNALS.items():
            weight = self._interests.weights.get(trait, 0.0)
            found[term(word)] = _Of(bit=_BITS[trait], trait=weight, closer=trait in self._closer)
        for name in self._interests.names:
            if " " not in name:
                weight = self._interests.weights["trait:you"]
                found[term(fold(name))] = _Of(bit=YOU, trait=weight, closer="trait:you" in self._closer)
        for sign in {*self._interests.weights, *self._closer}:
            if sign.startswith("word:"):
                for form in forms(sign[5:]):
                    of = found.setdefault(term(form), _Of())
                    of.worth += self._interests.weights.get(sign, 0.0)
                    of.closer = of.closer or sign in self._closer
        return found

    def _tests(self, signs: Sequence[Sign]) -> list[_Test]:
        return [self._test(sign) for sign in signs]

    def _test(self, sign: Sign) -> _Test:
        """Whether a glance bears a sign. What only shows once all is read isn't borne yet; it is judged then."""
        kind, _, name = sign.partition(":")
        authors, channels = self._known.authors, self._known.channels
        match kind:
            case "person":
                people = frozenset(n for n, author in authors.items() if person_sign(author.name) == sign)
                return lambda glance, _, __: glance.author in people
            case "channel":
                there = frozenset(n for n, channel in channels.items() if channel_sign(channel.name) == sign)
                return lambda glance, _, __: glance.channel in there
            case "source":
                there = frozenset(n for n, channel in channels.items() if channel.source.lower() == name)
                return lambda glance, _, __: glance.channel in there
            case "word":
                words = frozenset(term(form) for form in forms(name))
                return lambda _, found, __: not words.isdisjoint(found)
            case _:
                return self._trait(sign)

    def _trait(self, sign: Sign) -> _Test:
        if sign in _BITS:
            return lambda _, __, bits: bool(bits & _BITS[sign])
        if sign == "trait:bot":
            bots = frozenset(n for n, author in self._known.authors.items() if is_bot(author.name))
            return lambda glance, _, __: glance.author in bots or bool(glance.marks & Mark.MACHINE)
        if sign == "trait:chatter":
            return lambda glance, found, _: len(found) <= SHORT and not glance.marks & Mark.ASKS
        if sign == "trait:reactions":
            return lambda glance, _, __: glance.reactions > 0
        if sign == "trait:question":
            return lambda glance, _, __: bool(glance.marks & Mark.ASKS)
        return lambda _, __, ___: False


_Test = Callable[[Glance, "array[int]", int], bool]
_BITS: Mapping[Sign, int] = {"trait:incident": 1, "trait:decision": 2, "trait:you": 4}
_LATE: frozenset[Sign] = frozenset({"trait:talk", "trait:new", "trait:promise", "trait:question"})
"""What only shows once all is read: by that nothing is left out before."""
YOU, PROMISES = 4, 8
_PROMISED = 20_000
_CHEAP = ("person:", "channel:", "source:", "word:")


def _holds(when: Sequence[_Test], unless: Sequence[_Test], glance: Glance, found: array[int], bits: int) -> bool:
    return all(test(glance, found, bits) for test in when) and not any(test(glance, found, bits) for test in unless)


def _looked_at(interests: Interests) -> tuple[frozenset[Sign], bool]:
    """One sign of each rule and each narrow weight: a post that doesn't bear it need not be looked at for that.
    True beside them, where one has none that is found by who, where or a word.
    """
    firsts: set[Sign] = set()
    everything = False
    for one in (*interests.narrow, *interests.rules):
        cheap = [s for s in one.when if s.startswith(_CHEAP) or s in _BITS]
        firsts.update(cheap[:1])
        everything = everything or not cheap
    return frozenset(firsts), everything
