"""How a reader replies to a report: in the plain forms, about what annoyed or failed them most."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from maquette.domain.posts import Post
from maquette.testing.readers.tastes import Taste


class Reader:
    """Knows their own taste, sees a report's lines and, by other ways, some of what it left out."""

    def __init__(self, taste: Taste, seed: int) -> None:
        self.taste = taste
        self._random = random.Random(seed)
        self._said: set[str] = set()

    def wants(self, post: Post, posts: Mapping[str, Post]) -> bool:
        return self.taste.wants(post, self._begun_by(post, posts))

    def reply(self, lines: Sequence[Post], posts: Mapping[str, Post]) -> str:
        """One reply to these lines; `posts` are all of the day, by id. "" when there is nothing to say."""
        wrong = [n for n, line in enumerate(lines, 1) if not self.wants(line, posts)]
        shown = {line.id for line in lines} | {line.thread or line.id for line in lines}
        missed = [
            post
            for post in posts.values()
            if self.wants(post, posts) and post.id not in shown and (post.thread or post.id) not in shown
        ]
        if wrong and (not missed or self._random.random() < 0.4):
            return self._about_wrong(wrong, lines)
        return self._about_missed(self._random.choice(missed)) if missed else ""

    def _about_wrong(self, wrong: Sequence[int], lines: Sequence[Post]) -> str:
        number = self._random.choice(wrong)
        line = lines[number - 1]
        if line.machine:
            return self._once("never bot messages", number)
        if line.channel in self.taste.not_in:
            return self._once(f"less #{line.channel}", number)
        return f"bad {number}"

    def _once(self, form: str, number: int) -> str:
        """Nobody says the same rule twice; then it is just a bad line."""
        if form in self._said:
            return f"bad {number}"
        self._said.add(form)
        return form

    def _about_missed(self, post: Post) -> str:
        told = f"missed: {post.link}"
        if self._random.random() < 0.5:
            return told
        text = post.text.lower()
        if post.author in self.taste.people:
            form = f"more from {post.author}"
        elif topic := next((name for name, words in self.taste.topics.items() if words.search(text)), None):
            form = f"more about {topic}"
        elif post.author == self.taste.both[0]:
            form = f"more from {post.author} about {self.taste.both[1]}"
        else:
            form = f"always incidents about {self.taste.trouble}"
        if form in self._said:
            return told
        self._said.add(form)
        return form

    @staticmethod
    def _begun_by(post: Post, posts: Mapping[str, Post]) -> str:
        first = posts.get(post.thread or post.id)
        return first.author if first is not None else ""
