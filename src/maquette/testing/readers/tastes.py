"""What a reader likes, said of raw text, author and thread alone. Nothing of the ranker may be imported here, nor this
by the ranker: `make check` holds both to it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from maquette.domain.posts import Post


@dataclass(frozen=True)
class Taste:
    """`topics`: words a reader wants to read of; `people`: whom they want to hear; `begun_by`: whose threads, whoever
    answers; `trouble`: what is broken in a topic, though they don't care for it else. `not_in`: rooms they can't
    stand, unless somebody dear writes there.
    """

    topics: Mapping[str, re.Pattern[str]]
    people: frozenset[str]
    both: tuple[str, str]
    """A person whom they want to hear, but only on this topic."""
    trouble: str
    not_in: frozenset[str]

    def wants(self, post: Post, begun_by: str) -> bool:
        """`begun_by`: who began its thread."""
        text = post.text.lower()
        if len(text.split()) < 4 or post.machine:
            return False
        if post.author in self.people:
            return True
        person, topic = self.both
        if post.author == person and re.search(rf"\b{topic}\b", text):
            return True
        if post.channel in self.not_in:
            return False
        if re.search(r"\b(outage|incident|urgent)\b", text) and re.search(rf"\b{self.trouble}\b", text):
            return True
        return begun_by not in self.people and any(of.search(text) for of in self.topics.values())


def taste(seed: int, people: Sequence[str], topics: Mapping[str, str]) -> Taste:
    """One of many; those who have it want about one post in twelve."""
    chance = random.Random(seed)
    liked, both, trouble = chance.sample(list(topics), 2), *chance.sample(list(topics), 2)
    words = {topic: re.compile(rf"\b{topic}\b") for topic in liked[:1]}
    second = liked[1]
    words[second] = re.compile(rf"\b{second}\b.*\b({'|'.join(topics[second].split()[:4])})\b")
    dear = chance.sample(list(people), 2)
    return Taste(
        topics=words,
        people=frozenset(dear[:1]),
        both=(dear[1], both),
        trouble=trouble,
        not_in=frozenset({"random", "general"}),
    )
