"""A made-up company's channels: a few hundred posts a day, with what recurs in any: talk, bots, news, trouble."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from maquette.domain.posts import Post

START = datetime(2026, 3, 2, tzinfo=UTC)
SOURCE = "acme"
_PEOPLE = """Ada Berg;Ben Okoro;Carla Diaz;Dmitri Wolf;Elena Rossi;Farid Khan;Grace Liu;Hugo Martin;Ines Costa;
Jonas Beck;Kavya Rao;Liam Byrne;Mina Sato;Noah Klein;Olga Petrova;Pablo Ruiz;Quinn Adams;Rosa Lindt;Sven Dahl;
Tara Singh;Umar Aziz;Vera Novak;Will Chen;Xenia Marks;Yara Haddad;Zeno Fox"""
PEOPLE = tuple(name.strip() for name in _PEOPLE.split(";"))
BOTS = ("deploy-bot", "ci-runner[bot]", "calendar bot", "pager bot")
TOPICS = {
    "pricing": "pricing discount tier invoice quote margin list price proposal annual plan seat",
    "refunds": "refund chargeback dispute customer money returned policy card bank claim",
    "hiring": "candidate interview offer role recruiter onsite scorecard panel referral salary",
    "search": "search index query ranking latency results relevance tokenizer synonyms shard",
    "payments": "payment checkout gateway webhook settlement ledger payout currency retry idempotency",
    "mobile": "android ios release store build crashlytics screen gesture push notification",
    "security": "audit token permission vulnerability patch rotation access secret scan pentest",
    "legal": "contract clause dpa review signature counsel terms liability privacy regulator",
    "launch": "launch campaign landing page press embargo announcement beta waitlist demo",
    "data": "pipeline warehouse dashboard metric cohort backfill schema column query partition",
    "office": "kitchen desk parking plants door badge heating coffee printer cleaning",
    "social": "lunch football weekend birthday cake hiking photo band game quiz",
    "support": "ticket customer escalation queue reply macro sla backlog satisfaction agent",
    "design": "mockup contrast typography spacing icon prototype usability layout figma token",
    "finance": "budget forecast runway expense accrual quarter headcount vendor approval ledger",
}
CHANNELS = (*TOPICS, "random", "general", "deploys", "alerts", "leads")
FILLER = (
    "we should look at this", "I think that works", "can somebody check", "as I said before", "here is the summary",
    "following up on yesterday", "not sure yet", "this is done now", "let us talk about it", "numbers are attached",
    "it went well", "still waiting for an answer", "the plan has changed a bit", "please read before the meeting",
    "happy to help", "looks fine to me", "adding the others here", "one more thing",
)  # fmt: skip
_CHATTER = ("thanks!", "+1", "ok", "sounds good", "lol", "great", "on it", "will do", "nice")
_AUTOMATIC = (
    "deploy {n} of {t} finished in {m} minutes", "build {n} passed for {t}", "reminder: standup in {m} minutes",
    "alert {n}: cpu of {t} at {m} percent, back to normal",
)  # fmt: skip


class World:
    """Posts by day, the same for the same seed."""

    def __init__(self, seed: int, posts: int = 240) -> None:
        self._random = random.Random(seed)
        self._posts = posts
        homes = list(PEOPLE)
        self._random.shuffle(homes)
        topics = list(TOPICS)
        self.topics_of = {person: self._random.sample(topics, 3) for person in homes}
        """What each person mostly speaks of."""
        self._made = 0

    def day(self, number: int) -> Sequence[Post]:
        """In order of time. Days must be asked for in order."""
        at = START + timedelta(days=number)
        posts: list[Post] = []
        while len(posts) < self._posts:
            posts += self._conversation(at + timedelta(minutes=self._random.uniform(0, 1300)))
        return sorted(posts, key=lambda post: post.at)

    def _conversation(self, at: datetime) -> Iterator[Post]:
        chance = self._random
        if chance.random() < 0.25:
            text = chance.choice(_AUTOMATIC).format(
                n=chance.randrange(10_000), t=chance.choice(list(TOPICS)), m=chance.randrange(2, 90)
            )
            yield self._post(chance.choice(BOTS), chance.choice(("deploys", "alerts")), at, text)
            return
        author = chance.choice(PEOPLE)
        topic = chance.choice(self.topics_of[author]) if chance.random() < 0.8 else chance.choice(list(TOPICS))
        channel = topic if chance.random() < 0.6 else chance.choice(CHANNELS)
        first = self._post(author, channel, at, self._said(topic), reactions=self._reactions())
        yield first
        for _ in range(int(chance.expovariate(0.7))):
            at += timedelta(minutes=chance.uniform(1, 20))
            other = chance.choice(PEOPLE)
            text = chance.choice(_CHATTER) if chance.random() < 0.35 else self._said(topic)
            yield self._post(other, channel, at, text, thread=first.id)

    def _said(self, topic: str) -> str:
        chance, words = self._random, TOPICS[topic].split()
        of = chance.sample(words, 3)
        about = topic if chance.random() < 0.7 else of[0]
        parts = [f"{about}: {of[1]} and {of[2]}", chance.choice(FILLER)]
        if chance.random() < 0.3:
            parts.append(f"about the {chance.choice(words)}")
        if chance.random() < 0.05:
            parts.insert(0, chance.choice(("outage", "incident", "urgent")))
        if chance.random() < 0.08:
            parts.append(chance.choice(("we decided", "this was approved", "the deadline moved")))
        return ", ".join(parts) + chance.choice((".", ".", "?", ""))

    def _reactions(self) -> dict[str, int]:
        return {"+1": self._random.randrange(1, 12)} if self._random.random() < 0.15 else {}

    def _post(
        self,
        author: str,
        channel: str,
        at: datetime,
        text: str,
        thread: str | None = None,
        reactions: dict[str, int] | None = None,
    ) -> Post:
        self._made += 1
        key = f"{SOURCE}:{self._made}"
        return Post(
            id=key,
            source=SOURCE,
            channel=channel,
            author=author,
            at=at,
            text=text,
            thread=thread,
            link=f"https://acme.example/{channel}/{self._made}",
            reactions=reactions or {},
            machine=author in BOTS,
        )
