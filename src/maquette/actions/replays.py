"""What replies change in a report: the lines that come in and those that go, shown before they are kept and after."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from maquette.actions import reports
from maquette.actions.home import Home
from maquette.curation.reports import funnel
from maquette.curation.reports.funnel import Window
from maquette.curation.reports.interests import Interests
from maquette.curation.reports.replay import apart
from maquette.curation.reports.replies import meant
from maquette.curation.reports.sights import Known, Sight
from maquette.curation.reports.teaching import Learned, Questions
from maquette.curation.reports.why import why, why_not
from maquette.domain.errors import Refused
from maquette.domain.events import InterestChanged, ReplyGiven
from maquette.store.interests import History, history
from maquette.store.posts import Posts
from maquette.store.projections import sources

QUOTED = 200
TOLD = 5
"""Lines of each sort that are told in words."""


@dataclass(frozen=True)
class Moved:
    """A line that comes into a report, or goes, and why, in words."""

    post: str
    author: str
    channel: str
    text: str
    why: str


@dataclass(frozen=True)
class Otherwise:
    """How reports would be other. `says` it in words, with what was understood; "" where nothing is other."""

    says: str
    gained: Sequence[Moved]
    lost: Sequence[Moved]


async def since(home: Home, of: str, report: str) -> Otherwise:
    """What was taught since a report, shown on its own posts. Refused: `no-report`."""
    known = await history(home.store, await reports.stream_of(home, of))
    if (given := known.reports.get(report)) is None:
        raise Refused("There is no such report.", code="no-report")
    then, now = known.at(given.version).interests, known.interests
    names = await home.store.query(sources.called)
    return await asyncio.to_thread(_apart, home.reader.posts, [known.windows[report]], then, now, names)


async def foreseen(home: Home, of: str, text: str, *, line: int | None = None) -> Otherwise:
    """What a reply would change on past days, were it given; nothing is kept. Refused: as `reports.reply`."""
    known = await history(home.store, await reports.stream_of(home, of))
    if (last := known.last) is None:
        raise Refused("No report was given there yet.", code="no-report")
    said = ReplyGiven(id="", report=last.id, text=text, line=line)
    return await asyncio.to_thread(_foreseen, home, known, said, await reports.known_names(home))


def _foreseen(home: Home, known: History, said: ReplyGiven, names: Known) -> Otherwise:
    shown = () if said.line is None else (said.line,)
    told: list[str] = []
    after = replace(known, changed=list(known.changed))
    for one in meant(said.text, names, known.interests.lines, shown):
        came = reports.heard(home, after, one)
        if isinstance(came, Learned):
            change = reports.event_of(came, said, after.version)
            assert isinstance(change, InterestChanged)
            after.changed.append((datetime.now(UTC), change))
        told.append("That asks you questions." if isinstance(came, Questions) else came.sentence)
    windows = list(known.windows.values())[-reports.DAYS :]
    found = _apart(home.reader.posts, windows, known.interests, after.interests, names.sources)
    return replace(found, says="\n".join((*told, *_told(found))))


def _told(of: Otherwise) -> Iterator[str]:
    lines = f"{len(of.gained)} gained, {len(of.lost)} lost" if of.gained or of.lost else "no line would be another"
    yield f"On past days: {lines}. Nothing is kept yet."
    for sign, moved in (("+", of.gained), ("−", of.lost)):
        yield from (f"{sign} “{one.text}” ({one.author}, {one.channel}): {one.why}" for one in moved[:TOLD])
        if len(moved) > TOLD:
            yield f"{sign} and {len(moved) - TOLD} more"


def _apart(
    posts: Posts, windows: Sequence[Window], then: Interests, now: Interests, called: Mapping[str, str]
) -> Otherwise:
    gained: dict[str, Moved] = {}
    lost: dict[str, Moved] = {}
    for window in windows if then.lessons != now.lessons else ():
        before = funnel.ranked(posts, window, then)
        after = funnel.ranked(posts, window, now, also=[group.lead.post.id for group in before.report])
        come, gone = apart(before, after)
        gained |= {sight.post.id: _moved(sight, why(sight, now), called) for sight in come}
        lost |= {sight.post.id: _moved(sight, _gone(after.sight(sight.post.id), now), called) for sight in gone}
    return Otherwise("", list(gained.values()), list(lost.values()))


def _gone(sight: Sight | None, now: Interests) -> str:
    """It may be in by its weights all the same, but behind others."""
    if sight is None:
        return "others matter more"
    return why_not(sight, now) if sight.never or sight.score <= 0 else f"others matter more: {why_not(sight, now)}"


def _moved(sight: Sight, why: str, called: Mapping[str, str]) -> Moved:
    text = " ".join(f"{sight.post.title} {sight.post.text}".split())
    text = text if len(text) <= QUOTED else f"{text[: QUOTED - 1]}…"
    return Moved(sight.post.id, sight.post.author, sight.post.channel, text, sources.by_name(why, called))
