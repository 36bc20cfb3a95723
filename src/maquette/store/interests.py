"""What a person taught about reports, as the stream of an automation or a thread tells it. Short, so read as it is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from maquette.curation.reports.funnel import Window
from maquette.curation.reports.interests import Interests, Taught, interests
from maquette.domain.events import (
    ChangeOffered,
    Entry,
    InterestChanged,
    PlanAmended,
    PostsGathered,
    QuestionsPut,
    ReplyGiven,
    ReplyLeft,
    ReplyRead,
    ReportGiven,
)
from maquette.domain.interests import Asked, Case, Way
from maquette.domain.reports import Gathered, Report
from maquette.store.store import Store

Heard = ReplyGiven | InterestChanged | ChangeOffered | QuestionsPut | PlanAmended | ReplyLeft


@dataclass
class History:
    """`gathered`: the last, by thread. `told`: replies and what came of them, in order. `offered` wait for an answer;
    `asked` were put last, when `asked_at` was the version.
    """

    reports: dict[str, Report] = field(default_factory=dict[str, Report])
    gathered: dict[str, Gathered] = field(default_factory=dict[str, Gathered])
    calls: dict[tuple[str, str], Gathered | Report] = field(default_factory=dict[tuple[str, str], Gathered | Report])
    changed: list[tuple[datetime, InterestChanged]] = field(default_factory=list[tuple[datetime, InterestChanged]])
    told: list[tuple[datetime, Heard]] = field(default_factory=list[tuple[datetime, Heard]])
    forms: dict[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """Of replies that a model read, in plain words."""
    asked: Sequence[Asked] = ()
    asked_at: int = 0
    offered: Sequence[Way] = ()
    position: int = 0

    @property
    def version(self) -> int:
        """The last one given, whether it stands or not."""
        return self.changed[-1][1].version if self.changed else 0

    def at(self, version: int) -> History:
        """As it was taught up to then."""
        return replace(self, changed=[(at, change) for at, change in self.changed if change.version <= version])

    @property
    def standing(self) -> list[tuple[datetime, InterestChanged]]:
        """What isn't undone. What an undone change had undone stands again."""
        undone: set[int] = set()
        found: list[tuple[datetime, InterestChanged]] = []
        for at, change in reversed(self.changed):
            if change.version in undone:
                continue
            if change.undoes is None:
                found.insert(0, (at, change))
            else:
                undone.add(change.undoes)
        return found

    @property
    def answers(self) -> list[bool | None]:
        """To what was asked last; None: not answered, or that is undone."""
        since = [change for _, c in self.standing if c.version > self.asked_at for change in c.changes]
        return [
            next((yes for change in since if (yes := one.answered_by(change)) is not None), None) for one in self.asked
        ]

    @property
    def interests(self) -> Interests:
        lessons = [Taught(c.version, c.sentence, c.said, at, c.changes, c.cases) for at, c in self.standing]
        found = interests(lessons)
        return replace(found, version=self.version)

    @property
    def cases(self) -> list[Case]:
        return [case for _, change in self.standing for case in change.cases]

    @property
    def windows(self) -> Mapping[str, Window]:
        """Of reports, oldest first."""
        return {
            report.id: Window(report.since, report.until, frozenset(report.sources)) for report in self.reports.values()
        }

    @property
    def last(self) -> Report | None:
        return next(reversed(self.reports.values()), None)


def folded(entries: Iterable[Entry]) -> History:
    history = History()
    for entry in entries:
        history.position = entry.position
        match entry.event:
            case PostsGathered() as event:
                history.gathered[event.thread] = event.gathered
                history.calls[event.thread, event.call] = event.gathered
            case ReportGiven() as event:
                history.reports[event.report.id] = history.calls[event.thread, event.call] = event.report
            case InterestChanged() as event:
                history.changed.append((entry.at, event))
                history.told.append((entry.at, event))
                history.offered = ()
            case ReplyGiven() | ReplyLeft() | ChangeOffered() | QuestionsPut() | PlanAmended() as event:
                history.told.append((entry.at, event))
                if isinstance(event, ChangeOffered):
                    history.offered = event.ways
                elif isinstance(event, QuestionsPut):
                    history.asked, history.asked_at = event.questions, history.version
            case ReplyRead() as event:
                history.forms[event.reply] = event.forms
            case _:
                pass
    return history


async def history(store: Store, stream: str) -> History:
    return folded(await asyncio.to_thread(store.log.read, stream))
