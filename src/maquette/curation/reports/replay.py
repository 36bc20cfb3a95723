"""What a change would have done to the past: past days and all cases, by the interests before it and after it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass

from maquette.curation.reports.funnel import Ranked, Window
from maquette.curation.reports.interests import Interests
from maquette.curation.reports.learning import judged, missed, telling
from maquette.curation.reports.sights import Known, Sight, channel_sign, person_sign
from maquette.domain.interests import Case, Change, Ruled, Sign, Weighed

Rank = Callable[[Window, Interests, Collection[str]], Ranked]
"""Ranks a window; these posts (ids) are looked at closely in any case."""


@dataclass(frozen=True)
class Difference:
    """Lines that a day's report has more, and fewer. `report`: its id."""

    report: str
    gained: Sequence[Sight]
    lost: Sequence[Sight]


@dataclass(frozen=True)
class Replayed:
    """Past days, and the cases that a change breaks."""

    days: Sequence[Difference]
    broken: tuple[Case, ...]

    @property
    def gained(self) -> int:
        return sum(len(day.gained) for day in self.days)

    @property
    def lost(self) -> int:
        return sum(len(day.lost) for day in self.days)


class Past:
    """Days with their cases, ranked once by the interests as they are."""

    def __init__(
        self, interests: Interests, days: Mapping[str, Window], cases: Sequence[Case], latest: int, rank: Rank
    ) -> None:
        """`days` by report, oldest first: of those with no case only the `latest` are replayed."""
        self._interests, self._days, self._rank = interests, days, rank
        self.cases = [case for case in cases if case.report in days]
        wanted = {case.report for case in self.cases} | set(list(days)[-latest:] if latest else ())
        self._windows = {report: window for report, window in days.items() if report in wanted}
        self._before = {report: rank(window, interests, self._of(report)) for report, window in self._windows.items()}

    @property
    def seen(self) -> Iterator[Sight]:
        """What was looked at closely on all these days."""
        return (sight for ranked in self._before.values() for sight in ranked.seen)

    @property
    def red(self) -> list[Case]:
        """Cases that aren't kept as things are."""
        return [case for case in self.cases if not keeps(self._before[case.report], case)]

    def with_cases(self, cases: Sequence[Case]) -> Past:
        """The same past with these cases in place of its own."""
        past = copy(self)
        past.cases = [case for case in cases if self.day(case.report, case.post) is not None]
        return past

    def mended_by(self, changes: Sequence[Change]) -> bool:
        """Whether every case is kept after these."""
        interests = self._interests.with_(*changes)
        return all(keeps(self._before[case.report].again(interests), case) for case in self.cases)

    def day(self, report: str, post: str = "") -> Ranked | None:
        """A day by the interests as they are, this post looked at closely; None where there was no such report."""
        if (window := self._windows.get(report) or self._days.get(report)) is None:
            return None
        before = self._before.get(report)
        if before is None or (post and before.sight(post) is None):
            before = self._before[report] = self._rank(window, self._interests, [*self._of(report), post])
            self._windows[report] = window
        return before

    def replay(self, changes: Sequence[Change]) -> Replayed:
        """Every day is gone through anew, from all its posts."""
        return self.replayed_by(self._interests.with_(*changes))

    def replayed_by(self, interests: Interests) -> Replayed:
        after = {r: self._rank(window, interests, self._of(r)) for r, window in self._windows.items()}
        days = [Difference(r, *apart(before, after[r])) for r, before in self._before.items()]
        kept = [case for case in self.cases if keeps(self._before[case.report], case)]
        return Replayed(days, tuple(case for case in kept if not keeps(after[case.report], case)))

    def broken_by(self, changes: Sequence[Change]) -> list[Case]:
        """Cases that are kept now and would no longer be, as far as what came through tells; for trying out."""
        interests = self._interests.with_(*changes) if changes else self._interests
        after = {r: self._before[r].again(interests) for r in {case.report for case in self.cases}}
        return [
            case
            for case in self.cases
            if keeps(self._before[case.report], case) and not keeps(after[case.report], case)
        ]

    def keep_both(self, changes: Sequence[Change]) -> Sequence[Change] | None:
        """These changes so that no case is lost: not from this person, say, or not about this; or with what is lost
        raised as well. None where that can't be done.
        """
        broken = self.broken_by(changes)
        for _ in range(3 * len(broken)):
            if not broken:
                break
            for other in self._others(changes, broken[0]):
                left = self.broken_by(other)
                if len(left) < len(broken) or broken[0] not in left:
                    changes, broken = other, left
                    break
            else:
                return None
        return None if broken else changes

    def _others(self, changes: Sequence[Change], case: Case) -> Iterator[Sequence[Change]]:
        before = self._before[case.report]
        if (sight := before.sight(case.post)) is None:
            return
        for sign in _exempting(sight, before.known):
            if (narrower := [_unless(change, sign, sight) for change in changes]) != list(changes):
                yield narrower
        after = before.again(self._interests.with_(*changes))
        if case.wanted:
            yield [*changes, *missed(case.post, after)]
        else:
            lowered = judged(after.sight(case.post) or sight, False, after.interests, after.known)
            yield [*changes, *lowered]
            yield [*changes, *lowered, *lowered]

    def _of(self, report: str) -> list[str]:
        return [case.post for case in self.cases if case.report == report]


def keeps(ranked: Ranked, case: Case) -> bool:
    """A post that its source no longer has can't be missed."""
    if ranked.sight(case.post) is None:
        return True
    return ranked.has(case.post) if case.wanted else not ranked.leads(case.post)


def apart(before: Ranked, after: Ranked) -> tuple[list[Sight], list[Sight]]:
    was = {post for group in before.report for post in group.posts}
    now = {post for group in after.report for post in group.posts}
    gained = [group.lead for group in after.report if group.lead.post.id not in was]
    lost = [group.lead for group in before.report if group.lead.post.id not in now]
    return gained, lost


def _exempting(sight: Sight, known: Known) -> Iterator[Sign]:
    yield person_sign(sight.post.author)
    yield from telling(sight, known, 3)
    yield channel_sign(sight.post.channel)


def _unless(change: Change, sign: Sign, sight: Sight) -> Change:
    """The change, but not for posts with this sign; as it is where it doesn't touch the post, or is about the sign."""
    if not isinstance(change, Weighed | Ruled) or sign in change.when or not all(map(sight.bears, change.when)):
        return change
    return change.model_copy(update={"unless": tuple(dict.fromkeys((*change.unless, sign)))})
