"""A thread's reports (`kinds.reports.Reports`): posts are gone through, what is written of them is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from maquette.curation.reports.alike import Group
from maquette.curation.reports.funnel import Window, ranked
from maquette.curation.reports.interests import PRIOR, Interests
from maquette.curation.reports.why import phrase, why
from maquette.domain.errors import Refused
from maquette.domain.events import PostsGathered, ReportGiven
from maquette.domain.ids import new_id
from maquette.domain.posts import SAID_ELSEWHERE, Post, utc
from maquette.domain.reports import Cited, Gathered, Line, Report
from maquette.kinds.reports import Draft
from maquette.store import Conflict, Store
from maquette.store.interests import History, history
from maquette.store.posts import Posts
from maquette.store.posts import Reader as Sources
from maquette.store.projections import sources as projection
from maquette.turn.reading import Reader

SHORTLIST = 60
"""Groups that are gathered, of which a report takes the best."""
FIRST = timedelta(hours=24)
"""How far back the first report goes."""
READ = 240
"""Groups that a model reads which reads for little, where there is one."""
CARING = 20
"""Signs of each sort that such a model is told of."""
QUOTED, WHOLE = 240, 1_000
"""Characters of a post in a line, and of one that is read whole."""


@dataclass(frozen=True)
class Desk:
    """`stream`: whose reports they are, an automation's or the thread's own. Sources are read when a report is due."""

    store: Store
    sources: Sources
    thread: str
    stream: str
    reader: Reader | None = None

    @property
    def posts(self) -> Posts:
        return self.sources.posts

    async def gather(
        self, call: str, *, hours: float | None = None, sources: Sequence[str] = (), again: bool = False
    ) -> Gathered:
        known = await history(self.store, self.stream)
        if isinstance(before := known.calls.get((self.thread, call)), Gathered):
            return before
        unread = [] if again else await self.sources.read_all()
        ready = self.reader is not None and await self.reader.ready()
        gathered = await asyncio.to_thread(self._gather, known, hours, sources, again, READ if ready else SHORTLIST)
        gathered = gathered.model_copy(update={"unread": tuple(unread)})
        if ready and self.reader is not None:
            gathered = await self._read(call, gathered, known.interests, self.reader)
        event = PostsGathered(thread=self.thread, call=call, gathered=gathered, label=SAID_ELSEWHERE)
        try:
            await self.store.log.append(self.stream, event, durable=False)
        except Conflict:
            return await self.gather(call)
        return gathered

    async def give(self, call: str, title: str, lines: Sequence[Draft]) -> Report:
        known = await history(self.store, self.stream)
        if isinstance(before := known.calls.get((self.thread, call)), Report):
            return before
        if (of := known.gathered.get(self.thread)) is None:
            raise Refused("Nothing is gathered yet: call gather_posts first.", code="nothing-gathered")
        report = Report(
            id=new_id("report"),
            title=title,
            since=of.since,
            until=of.until,
            sources=of.sources,
            unread=of.unread,
            version=of.version,
            looked=of.looked,
            read=max(of.read, len(of.lines)) if lines else of.read,
            rules=not lines,
            lines=tuple(_written(line, of) for line in lines) if lines else of.lines[: of.usual],
        )
        event = ReportGiven(thread=self.thread, call=call, report=report, label=SAID_ELSEWHERE)
        await self.store.log.append(self.stream, event)
        return report

    async def _read(self, call: str, of: Gathered, interests: Interests, reader: Reader) -> Gathered:
        """What is in by rule stays, the others by what a model says of them; as many as are gathered without one."""
        whole = await asyncio.to_thread(self.posts.find, [line.cites[0].post for line in of.lines])
        texts = [_whole(whole[post]) if (post := line.cites[0].post) in whole else line.text for line in of.lines]
        said = await reader.read(call, texts, caring(interests))
        lines = [
            line.model_copy(update={"gist": said[number].gist}) if number in said else line
            for number, line in enumerate(of.lines)
        ]
        usual = set(range(of.usual))
        order = sorted(range(len(lines)), key=lambda n: (n not in usual, -(said[n].matters if n in said else 1), n))
        return of.model_copy(update={"read": len(said), "lines": tuple(lines[n] for n in order[:SHORTLIST])})

    def _gather(self, known: History, hours: float | None, sources: Sequence[str], again: bool, most: int) -> Gathered:
        called = self.store.log.ask(projection.called)
        wanted = [id for id, name in called.items() if name in sources] or sources
        window, interests = self._window(known.last, hours, wanted, again), known.interests
        found = ranked(self.posts, window, interests)
        gathered = [group for group in found.groups if not group.lead.never]
        return Gathered(
            since=window.since,
            until=window.until,
            sources=tuple(sorted(window.sources)),
            version=known.version,
            looked=found.read,
            length=interests.lines,
            usual=len(found.report),
            lines=tuple(_line(group, interests, called) for group in gathered[:most]),
        )

    def _window(self, last: Report | None, hours: float | None, sources: Sequence[str], again: bool) -> Window:
        """Up to the newest post there is; the same again where none came since the last report."""
        channels = [one for one in self.posts.channels() if one.posts and (not sources or one.source in sources)]
        if not channels:
            raise Refused("There is nothing to report on: no source was read yet.", code="no-posts")
        newest = min(datetime.now(UTC), utc(max(one.last for one in channels))) + timedelta(microseconds=1)
        until = max(newest, last.until) if last else newest
        of = frozenset(sources) or (frozenset(last.sources) if last else frozenset[str]())
        if hours is not None:
            return Window(until - timedelta(hours=hours), until, of)
        if last is not None and (again or last.until >= newest):
            return Window(last.since, last.until, of)
        return Window(last.until if last else until - FIRST, until, of)


def _line(group: Group, interests: Interests, called: Mapping[str, str]) -> Line:
    """In a conversation what began it comes before what matters in it, which is cited first all the same."""
    post = group.lead.post
    first = next((sight.post for sight in group.others if sight.post.id == post.thread), post)
    began = "" if first is post else f"{_own_words(first, QUOTED // 2)} → {post.author}: "
    return Line(
        text=began + _own_words(post),
        cites=(_cited(post),) if first is post else (_cited(post), _cited(first)),
        why=projection.by_name(why(group.lead, interests), called),
        posts=tuple(group.posts),
        more=group.more,
    )


def _whole(post: Post) -> str:
    said = " ".join(f"{post.title} {post.text}".split())[:WHOLE]
    return f"{post.author} in {post.channel}, {post.at:%d %b %H:%M}: {said}"


def caring(interests: Interests) -> str:
    """What the person taught, in words, for whoever reads for them."""
    singles = [((sign,), worth - PRIOR.get(sign, 0.0)) for sign, worth in interests.weights.items()]
    all_of = [*singles, *((one.when, one.by) for one in interests.narrow)]
    rules = [f"{rule.rule} {phrase(rule.when)}" for rule in interests.rules]
    for way, sign in (("more", 1), ("less", -1)):
        named = [phrase(when) for when, worth in sorted(all_of, key=lambda one: -abs(one[1])) if worth * sign > 0.2]
        rules += [f"{way}: {'; '.join(named[:CARING])}"] if named else []
    return ". ".join(rules)


def _cited(post: Post) -> Cited:
    return Cited(post=post.id, author=post.author, channel=post.channel, at=post.at, link=post.link)


def _own_words(post: Post, most: int = QUOTED) -> str:
    """Its title and its beginning, on one line."""
    text = " ".join(f"{post.title}: {post.text}".split() if post.title else post.text.split())
    return text if len(text) <= most else f"{text[: most - 1].rsplit(' ', 1)[0]}…"


def _written(draft: Draft, of: Gathered) -> Line:
    """A line of a model's, which bears the sources, the reasons and the counts of what it cites."""
    if not draft.cites or not draft.text.strip():
        lacks = "has no words" if draft.cites else "cites nothing"
        raise Refused(f"The line “{draft.text[:80]}” {lacks}. Each must cite what was gathered.", code="uncited")
    wrong = [number for number in draft.cites if not 0 < number <= len(of.lines)]
    if wrong:
        raise Refused(
            f"The line “{draft.text[:80]}” cites {', '.join(map(str, wrong))}; gathered were 1 to {len(of.lines)}.",
            code="uncited",
        )
    cited = [of.lines[number - 1] for number in dict.fromkeys(draft.cites)]
    return Line(
        text=" ".join(draft.text.split()),
        cites=tuple(one for line in cited for one in line.cites),
        why=cited[0].why,
        posts=tuple(post for line in cited for post in line.posts),
        more=sum(line.more for line in cited),
    )
