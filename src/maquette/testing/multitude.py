"""A workspace as large as they come: a million messages in 3,000 channels, made as they are read, with known ones that
matter. The same seed gives the same.

Talk is of words that are as frequent as words are, in channels and by people who are as busy as those are. What matters
is a thread that says something grave, that others answer; three times as many say the same words of something trifling,
and nobody answers. So neither words nor length nor recency alone tell them apart.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from maquette.domain.posts import Post
from maquette.kinds.connectors import Batch

READER = "Robin Reader"
"""Whom the reports are for: some of what matters is addressed to them."""
END = datetime(2026, 3, 31, tzinfo=UTC)
_DAYS = 30
_GRAVE = (
    "is down again, customers can't pay",
    "was promised for today and isn't there",
    "wants to cancel the contract at the end of the month",
    "shows other people's data to anyone who asks",
    "needs a decision before tomorrow noon",
    "is reversed as of today, please stop the old one",
    "failed its audit, the regulator has been told",
    "has a second offer and wants our answer",
)
_THINGS = ("payment", "delivery", "contract", "export", "release", "price list", "certificate", "candidate", "backup")
_TRIFLES = ("coffee machine", "quiz", "lunch order", "playlist", "table football", "fern", "lift", "parking spot")
_ANSWERS = (
    "Looking now",
    "Same here, since this morning",
    "Who decides this?",
    "I can take it",
    "We told them on Monday",
)


@dataclass(frozen=True)
class Multitude:
    """`mattering` threads among `messages`; each has a first post and up to five answers."""

    messages: int = 1_000_000
    channels: int = 3_000
    people: int = 5_000
    mattering: int = 400
    seed: int = 7
    source: str = "src_crowd"

    def important(self) -> set[str]:
        """Ids of the first posts of what matters."""
        return {self._id(number) for number in self._places()[: self.mattering]}

    def batches(self, size: int = 5_000) -> Iterator[Batch]:
        """In order of time, over a month up to `END`; the cursor is how many there were."""
        posts: list[Post] = []
        for number, post in enumerate(self.posts(), 1):
            posts.append(post)
            if len(posts) == size or number == self.messages:
                yield Batch(posts, str(number), progress=f"{number:,} of {self.messages:,} messages")
                posts = []

    def posts(self) -> Iterator[Post]:
        chance = random.Random(self.seed)
        words = _words(chance)
        often = list(accumulate(1 / (rank + 3) for rank in range(len(words))))
        channels = [f"{words[200 + n]}-{n % 97}" for n in range(self.channels)]
        busy = list(accumulate(1 / (rank + 20) for rank in range(self.channels)))
        names = [f"{words[4000 + n % 900].title()} {words[5000 + n].title()}" for n in range(self.people)]
        loud = list(accumulate(1 / (rank + 30) for rank in range(self.people)))
        step = timedelta(days=_DAYS) / self.messages
        places = self._places()
        grave, trifling = set(places[: self.mattering]), set(places[self.mattering :])
        answers: dict[int, tuple[str, str]] = {}
        recent: list[tuple[str, str]] = []
        at = END - timedelta(days=_DAYS)
        for number in range(self.messages):
            at += step
            channel, author = chance.choices(channels, cum_weights=busy)[0], chance.choices(names, cum_weights=loud)[0]
            thread, to, reactions = None, (), {}
            if number in grave or number in trifling:
                what = chance.choice(_THINGS if number in grave else _TRIFLES)
                around = " ".join(chance.choices(words, cum_weights=often, k=6))
                text = f"The {what} {chance.choice(_GRAVE)}. {around.capitalize()}"
                if number in grave:
                    to = (READER,) if chance.random() < 0.3 else ()
                    for _ in range(chance.randint(1, 5)):
                        answers[number + chance.randint(2, 400)] = self._id(number), channel
            elif number in answers:
                thread, channel = answers.pop(number)
                text = chance.choice(_ANSWERS)
            else:
                text = " ".join(chance.choices(words, cum_weights=often, k=chance.randint(2, 24))).capitalize()
                luck = chance.random()
                if luck < 0.3 and recent:
                    thread, channel = chance.choice(recent)
                elif luck < 0.4:
                    text += "?"
                elif luck < 0.45:
                    reactions = {"+1": chance.randint(1, 6)}
                if thread is None:
                    recent.append((self._id(number), channel))
                    del recent[:-50]
            yield Post(
                id=self._id(number),
                source=self.source,
                channel=channel,
                author=author,
                at=at,
                text=text,
                thread=thread,
                to=to,
                reactions=reactions,
                machine=author == names[0],
            )

    def _id(self, number: int) -> str:
        return f"{self.source}:{number}"

    def _places(self) -> list[int]:
        """Where what matters begins, then what only says so; without the last ones, which have no room for answers."""
        room = range(max(self.messages - 500, self.mattering * 4))
        return random.Random(self.seed + 1).sample(room, self.mattering * 4)


def _words(chance: random.Random) -> list[str]:
    """30,000 that nobody says, of syllables, the short ones first."""
    begins = ("b", "br", "d", "f", "g", "gr", "h", "k", "l", "m", "n", "p", "pl", "r", "s", "st", "t", "tr", "v", "w")
    ends = ("a", "an", "e", "el", "en", "er", "i", "in", "o", "on", "or", "u", "us", "y")
    syllables = [begin + end for begin in begins for end in ends]
    found = dict.fromkeys("".join(chance.choices(syllables, k=1 + n // 9_000)) for n in range(45_000))
    return list(found)[:30_000]
