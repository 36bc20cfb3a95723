"""Trials: readers are given reports day by day, reply, and are given others; what that comes to is counted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from maquette.curation.reports.funnel import Ranked, Window, known, ranked
from maquette.curation.reports.interests import Interests, Taught, interests
from maquette.curation.reports.replay import Past
from maquette.curation.reports.replies import meant
from maquette.curation.reports.teaching import Found, Learned, Offers, Teacher
from maquette.domain.interests import Case
from maquette.domain.posts import Post
from maquette.kinds.connectors import Batch
from maquette.store.posts import Posts
from maquette.testing.readers.readers import Reader
from maquette.testing.readers.tastes import taste
from maquette.testing.readers.worlds import PEOPLE, SOURCE, START, TOPICS, World


@dataclass(frozen=True)
class Score:
    """Of one day's report. `right` of `lines` were wanted; of `wanted` posts it has `found`, "more like this"
    included. `best`: lines that could have been right.
    """

    lines: int
    right: int
    wanted: int
    found: int
    best: int

    @property
    def precision(self) -> float:
        return self.right / self.lines if self.lines else 1.0

    @property
    def recall(self) -> float:
        """Of what a report of this length could have had."""
        return min(1.0, self.right / self.best) if self.best else 1.0


@dataclass
class Trial:
    """One reader over some days. `untaught`: the reports that a reader who says nothing gets."""

    scores: list[Score] = field(default_factory=list[Score])
    untaught: list[Score] = field(default_factory=list[Score])
    replies: list[tuple[int, str, str]] = field(default_factory=list[tuple[int, str, str]])
    """The day, what was said, and what came of it."""
    taught_by: int = 0
    """The day after the last reply."""
    red: list[Case] = field(default_factory=list[Case])
    cases: int = 0
    posts: int = 0
    """A day, at least."""

    def gain(self) -> float:
        """After the last reply: which part of what the full taste would bring, beyond saying nothing, was got."""
        days = slice(self.taught_by, None)
        none, taught, full = (
            sum(score.right for score in self.untaught[days]),
            sum(score.right for score in self.scores[days]),
            sum(score.best for score in self.untaught[days]),
        )
        return (taught - none) / (full - none) if full > none else 1.0


class Desk:
    """One reader's days: a store of posts in a folder, reports, replies."""

    def __init__(self, folder: Path, seed: int, posts: int) -> None:
        self.world = World(seed, posts)
        self.reader = Reader(taste(seed, PEOPLE, TOPICS), seed)
        self.shelf = Posts.beside(folder / "maquette.db")
        self.lessons: list[Taught] = []
        self.cases: list[Case] = []
        self.days: dict[str, Window] = {}
        self.posts: dict[str, Post] = {}

    def close(self) -> None:
        self.shelf.close()

    @property
    def interests(self) -> Interests:
        return interests(self.lessons)

    def begin(self, day: int) -> Mapping[str, Post]:
        """The day's posts come in."""
        told = self.world.day(day)
        self.shelf.take(SOURCE, Batch(told, str(day)))
        start = START + timedelta(days=day)
        self.days[f"report-{day}"] = Window(start, start + timedelta(days=1))
        of = {post.id: post for post in told}
        self.posts |= of
        return of

    def rank(self, window: Window, of: Interests, also: Collection[str] = ()) -> Ranked:
        return ranked(self.shelf, window, of, also=also)

    def past(self, latest: int) -> Past:
        return Past(self.interests, self.days, self.cases, latest, self.rank)

    def reply(self, day: int, text: str, lines: Sequence[str]) -> str:
        """What came of it."""
        report = f"report-{day}"
        teacher = Teacher(self.interests, self.past(1), report, lines, self._find)
        told: list[str] = []
        for one in meant(text, known(self.shelf), self.interests.lines):
            came = teacher.hear(one)
            if isinstance(came, Offers):
                teacher = Teacher(self.interests, self.past(1), report, lines, self._find, offered=came.ways)
                came = teacher.hear(meant("1", known(self.shelf), 1)[0]) if len(came.ways) > 1 else came
            if isinstance(came, Learned):
                at = START + timedelta(days=day)
                self.lessons.append(Taught(len(self.lessons) + 1, came.sentence, text, at, came.changes))
                self.cases += came.cases
            told.append(str(getattr(came, "sentence", came)))
        return " ".join(told)

    def score(self, lines: Ranked, posts: Mapping[str, Post]) -> Score:
        leads = [group.lead.post for group in lines.report]
        wanted = {post.id for post in posts.values() if self.reader.wants(post, posts)}
        threads = {posts[id].thread or id for id in wanted}
        shown = {id for group in lines.report for id in group.posts}
        return Score(
            lines=len(leads),
            right=sum(self.reader.wants(lead, posts) for lead in leads),
            wanted=len(wanted),
            found=len(wanted & shown),
            best=min(len(threads), lines.interests.lines),
        )

    def _find(self, what: str) -> Sequence[Found]:
        post = next((post for post in self.posts.values() if post.link == what), None)
        if post is None:
            return ()
        day = next(report for report, window in reversed(self.days.items()) if window.since <= post.at < window.until)
        return (Found(post.id, day),)


REPLIES = 10


def trial(
    folder: Path, seed: int, *, days: int = 14, replies: int = REPLIES, each_day: int = 2, posts: int = 240
) -> Trial:
    """A reader replies `each_day` times until they have said so many things; then only reads."""
    desk, came, nobody = Desk(folder, seed, posts), Trial(posts=posts), Interests()
    try:
        for day in range(days):
            of = desk.begin(day)
            window = desk.days[f"report-{day}"]
            now = desk.rank(window, desk.interests)
            came.scores.append(desk.score(now, of))
            came.untaught.append(desk.score(desk.rank(window, nobody), of))
            for _ in range(each_day):
                lines = [group.lead.post for group in now.report]
                if len(came.replies) < replies and (text := desk.reader.reply(lines, of)):
                    told = desk.reply(day, text, [line.id for line in lines])
                    came.replies.append((day, text, told))
                    came.taught_by = day + 1
                    now = desk.rank(window, desk.interests)
        past = desk.past(0)
        came.red, came.cases = past.red, len(past.cases)
    finally:
        desk.close()
    return came
