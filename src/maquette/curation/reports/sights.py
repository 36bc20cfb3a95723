"""What can be seen of a post without anybody reading it."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from maquette.domain import terms
from maquette.domain.interests import Sign
from maquette.domain.posts import Author, Channel, Glance, Post

_BOT = re.compile(r"\bbots?\b|bot$|\[bot\]|no-?reply|notifications?\b|\bci\b|dependabot|jenkins|webhook", re.IGNORECASE)
_INCIDENT = """blocker breach breached broken cancel corrupted corruption crash crashed crashes crashing down downtime
emergency escalated escalation exploit failed failing fails fraud hotfix incident incidents lawsuit leak leaked outage
outages p0 p1 postmortem regulator rollback sev0 sev1 sev2 stolen unreachable urgent vulnerability"""
_DECISION = """decided decision decisions agreed approved deadline postponed cancelled canceled signed resigned
deprecated freeze launching approval"""
SIGNALS: dict[str, Sign] = {
    **dict.fromkeys(_INCIDENT.split(), "trait:incident"),
    **dict.fromkeys(_DECISION.split(), "trait:decision"),
}
"""Words that say what a post is, whoever reads it."""
_COMMON = """about after again all also am and any are back been before being both but can could did do does done for
from get got had has have her here him his how if in into is it its just know let like ll make may me more most much my
need new not now of off on one only or our out over please re really see she should so some still such sure than thank
thanks that the their them then there these they thing think this those through time to today tomorrow too two under
until up us use very was way we well were what when where which while who why will with would yes you your"""
COMMON = frozenset(_COMMON.split())
"""Words that say nothing of what a post is about."""
SHORT = 3
"""Words up to which a post says next to nothing."""
MANY_REACTIONS, MANY_ANSWERS = 20, 30
"""As many as count in full."""


@lru_cache(1 << 16)
def stem(word: str) -> str:
    """One for singular and plural, in small letters."""
    word = terms.fold(word)
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def forms(word: str) -> tuple[str, ...]:
    """How a stem may stand in a text."""
    return (word, f"{word}s", f"{word[:-1]}ies") if word.endswith("y") else (word, f"{word}s")


def is_bot(author: str) -> bool:
    return _BOT.search(author) is not None


def share(count: int, full: int) -> float:
    """0 for none, 1 for `full` or more; the first few say most."""
    return min(1.0, math.log1p(count) / math.log1p(full))


def channel_sign(channel: str) -> Sign:
    return f"channel:{channel.lower().lstrip('#')}"


def person_sign(name: str) -> Sign:
    return f"person:{name.lower()}"


class Homes:
    """How much each word keeps to some channels, by the posts that were looked at closely: how likely two posts that
    have it, in two threads, are in one channel.
    """

    _DOUBT = 6.0
    """Pairs of posts that count for as much as what is usual."""
    _FEW = 6
    """Pairs: of four posts."""
    _CLEARLY = 4.0
    """By so much the odds of a word that names a topic are beyond those that are usual."""

    def __init__(self, seen: Sequence[Sight]) -> None:
        self._seen = seen

    @classmethod
    def spoken(cls, seen: Iterable[Sight]) -> Homes:
        """By what people said, each text once: what is said again and again in one channel names no topic."""
        return cls(list({one.glance.alike: one for one in seen if "trait:bot" not in one.signs}.values()))

    def of(self, word: str) -> float:
        same, every = self._pairs.get(stem(word), (0.0, 0.0))
        return (same + self._DOUBT * self._usual) / (every + self._DOUBT)

    def topical(self, word: str) -> bool:
        """Whether it clearly keeps to some channels, as what is spoken of does, and verbs and phrases don't. Few posts
        that have it show nothing; where all is said in one channel, nothing can show.
        """
        if len(self._places) < 2:
            return True
        _, every = self._pairs.get(stem(word), (0.0, 0.0))
        return every >= self._FEW and _odds(self.of(word)) >= self._CLEARLY * _odds(self._usual)

    @cached_property
    def _counts(self) -> Mapping[str, Counter[int]]:
        counts: dict[str, Counter[int]] = {}
        threads: set[tuple[str, int]] = set()
        for sight in self._seen:
            for word in {stem(word) for word in sight.words}:
                if (word, sight.glance.thread) not in threads:
                    threads.add((word, sight.glance.thread))
                    counts.setdefault(word, Counter())[sight.glance.channel] += 1
        return counts

    @cached_property
    def _pairs(self) -> Mapping[str, tuple[float, float]]:
        return {word: _pairs(by_channel) for word, by_channel in self._counts.items()}

    @cached_property
    def _places(self) -> Counter[int]:
        return Counter(sight.glance.channel for sight in self._seen)

    @cached_property
    def _usual(self) -> float:
        """Of any two posts."""
        same, every = _pairs(self._places)
        return same / every if every else 1.0


def _odds(likely: float) -> float:
    return likely / max(1.0 - likely, 1e-9)


def _pairs(by_channel: Counter[int]) -> tuple[float, float]:
    every = by_channel.total()
    return sum(n * (n - 1) / 2 for n in by_channel.values()), every * (every - 1) / 2


@dataclass(frozen=True)
class Known:
    """Channels and people by number, and how often each term was used, in `posts` posts; what sources are called."""

    channels: Mapping[int, Channel] = field(default_factory=dict[int, Channel])
    authors: Mapping[int, Author] = field(default_factory=dict[int, Author])
    posts: int = 0
    frequencies: Mapping[int, int] = field(default_factory=dict[int, int])
    sources: Mapping[str, str] = field(default_factory=dict[str, str])
    homes: Homes = field(default_factory=lambda: Homes(()))

    def rarity(self, word: str) -> float:
        """0: in every post; grows with how rare it is."""
        return self._of(word)[0]

    def telling(self, words: Iterable[str], most: int) -> list[str]:
        """The words that tell most of a post: not those of every post, nor those of hardly another."""
        able = [word for word in words if len(word) > 2 and word not in COMMON]
        return sorted(able, key=lambda word: (-self._teaches(word), word))[:most]

    def about(self, words: Iterable[str], most: int) -> list[str]:
        """Of these words those that teach what a post is about: what is spoken of keeps to some channels, while
        phrases are said in all.
        """
        able = [word for word in words if len(word) > 2 and word not in COMMON]
        return sorted(able, key=lambda word: (-self._teaches(word) * self.homes.of(word), word))[:most]

    def _teaches(self, word: str) -> float:
        return self._of(word)[1]

    def _of(self, word: str) -> tuple[float, float]:
        """How rare it is, and how much it tells. Worked out once, as each word is asked about again and again."""
        if (found := self._asked.get(word)) is None:
            many = self.frequencies.get(terms.term(word), 0)
            rare = max(0.0, math.log((self.posts + 1) / (many + 1)))
            found = self._asked[word] = rare, rare * math.log1p(many)
        return found

    @cached_property
    def _asked(self) -> dict[str, tuple[float, float]]:
        return {}

    def novelty(self, words: Iterable[str]) -> float:
        """0 to 1: how rare its three rarest words are."""
        full = math.log(self.posts + 1)
        rarest = sorted((self.rarity(word) for word in words if len(word) > 3), reverse=True)[:3]
        return sum(rarest) / (3 * full) if full > 0 else 0.0


@dataclass(slots=True)
class Sight:
    """A post with what was seen of it: `signs` with how strongly, but for its words. `alike`: how many say the same."""

    post: Post
    glance: Glance
    words: set[str]
    signs: dict[Sign, float]
    alike: int = 0
    score: float = 0.0
    always: bool = False
    never: bool = False

    def bears(self, sign: Sign) -> bool:
        if sign.startswith("word:"):
            return not self.words.isdisjoint(forms(sign[5:]))
        return sign in self.signs

    def strength(self, signs: Iterable[Sign]) -> float:
        """Of all of these together."""
        return math.prod(self.signs.get(sign, 1.0) for sign in signs)


def sight(post: Post, glance: Glance, names: Collection[str]) -> Sight:
    """What the post alone shows, to somebody who is called `names` (small letters)."""
    words = {terms.fold(word) for word in terms.words(f"{post.title}\n{post.text}")}
    signs: dict[Sign, float] = {
        person_sign(post.author): 1.0,
        channel_sign(post.channel): 1.0,
        f"source:{post.source.lower()}": 1.0,
    }
    for word in words & SIGNALS.keys():
        signs[SIGNALS[word]] = 1.0
    to = {name.lower().lstrip("@") for name in post.to}
    if any(name in to or words.issuperset(name.split()) for name in names):
        signs["trait:you"] = 1.0
    if glance.reactions:
        signs["trait:reactions"] = share(glance.reactions, MANY_REACTIONS)
    if post.machine or is_bot(post.author):
        signs["trait:bot"] = 1.0
    if len(words) <= SHORT and "?" not in post.text:
        signs["trait:chatter"] = 1.0
    return Sight(post, glance, words, signs)
