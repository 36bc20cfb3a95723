"""Reports, and what a person answers to them: each reply becomes a change that is said, versioned and can be undone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from maquette.actions import amending, automations, threads
from maquette.actions.home import Home
from maquette.curation.reports import funnel
from maquette.curation.reports.funnel import Ranked, Window
from maquette.curation.reports.interests import Interests
from maquette.curation.reports.interests import Taught as Lesson
from maquette.curation.reports.replay import Past, keeps
from maquette.curation.reports.replies import Meant, Unread, Verdicts, meant
from maquette.curation.reports.sights import Known
from maquette.curation.reports.teaching import Came, Found, Learned, Offers, Questions, Teacher
from maquette.curation.reports.why import phrase
from maquette.domain.budgets import spent_up
from maquette.domain.errors import Refused, Unavailable
from maquette.domain.events import (
    ChangeOffered,
    Event,
    InterestChanged,
    PlanAmended,
    QuestionsPut,
    ReplyGiven,
    ReplyLeft,
)
from maquette.domain.ids import new_id
from maquette.domain.interests import Asked, Case
from maquette.domain.labels import Confidentiality, Label
from maquette.domain.posts import SAID_ELSEWHERE, Post
from maquette.domain.reports import Report
from maquette.domain.roles import Role
from maquette.store import roles
from maquette.store.interests import Heard, History, history
from maquette.store.posts import Posts
from maquette.store.projections import budgets, projects, sources
from maquette.turn.wording import reworded

DAYS = 7
"""Past reports that a change is replayed on, beside those that have cases."""
SOUGHT = 20
TAUGHT = Label(confidentiality=Confidentiality.PRIVATE)
"""Of what the person taught: theirs, but it may quote what only they may see. What is told beside it quotes others."""


@dataclass(frozen=True)
class Weight:
    """What counts, in words: for how much more or less than at the beginning (None: it is a rule, or a length), since
    when, and by which version and words last.
    """

    about: str
    worth: float | None
    version: int | None
    said: str
    since: datetime | None = None


@dataclass(frozen=True)
class Kept:
    """A case, and whether the report of its day would have it so by the interests as they are."""

    case: Case
    text: str
    kept: bool


@dataclass(frozen=True)
class Taught:
    """All that is known of what a person cares about. `told`: replies and what came of them, in order; `asked`: what
    was asked last, with what was answered so far; `verdicts` by report, of those that were answered.
    """

    version: int
    length: Weight
    lines: int
    names: Sequence[str]
    weights: Sequence[Weight]
    rules: Sequence[Weight]
    asked: Sequence[tuple[Asked, bool | None]]
    verdicts: Mapping[str, Verdicts]
    changes: Sequence[tuple[datetime, InterestChanged]]
    told: Sequence[tuple[datetime, Heard]]


async def stream_of(home: Home, of: str) -> str:
    """Whose reports are meant: an automation's (by id or name), or a thread's (`latest`, or the end of its id); of a
    thread that an automation works in, the automation's. Refused: `unknown-thread`.
    """
    try:
        return (await automations.find(home, of)).id
    except Refused:
        thread = await threads.find(home, of)
        return thread.automation or thread.id


async def listed(home: Home, of: str) -> list[Report]:
    """Newest first."""
    return list(reversed((await history(home.store, await stream_of(home, of))).reports.values()))


async def taught(home: Home, of: str) -> Taught:
    known = await history(home.store, await stream_of(home, of))
    now, before = known.interests, Interests().weights
    called = await home.store.query(sources.called)
    moved = {(sign,): round(weight - before.get(sign, 0.0), 3) for sign, weight in now.weights.items()}
    singles = {when: by for when, by in moved.items() if by}
    weights = [(phrase(when), weight, now.source(when)) for when, weight in singles.items()]
    weights += [(phrase(one.when, unless=one.unless), one.by, now.source(one.when)) for one in now.narrow]
    rules = [(f"{rule.rule} {phrase(rule.when, unless=rule.unless)}", now.source(rule.when)) for rule in now.rules]
    return Taught(
        version=known.version,
        length=_weight(f"a report has at most {now.lines} line{'s' * (now.lines != 1)}", None, now.sized),
        lines=now.lines,
        names=sorted(now.names),
        weights=[
            _weight(sources.by_name(about, called), worth, by)
            for about, worth, by in sorted(weights, key=lambda one: -abs(one[1]))
        ],
        rules=[_weight(sources.by_name(about, called), None, by) for about, by in rules],
        asked=list(zip(known.asked, known.answers, strict=True)),
        verdicts=_verdicts(known),
        changes=known.standing,
        told=known.told,
    )


def _verdicts(known: History) -> Mapping[str, Verdicts]:
    """What a model read into a reply counts as if it had been said."""
    found: dict[str, Verdicts] = {}
    for _, said in known.told:
        if isinstance(said, ReplyGiven) and said.report is not None:
            shown = () if said.line is None else (said.line,)
            of = found.setdefault(said.report, Verdicts())
            for text in known.forms.get(said.id, (said.text,)):
                of.hear(text, shown)
    return found


def _weight(about: str, worth: float | None, by: Lesson | None) -> Weight:
    return Weight(about, worth, by.version, by.said, by.at) if by else Weight(about, worth, None, "")


async def cases(home: Home, of: str) -> list[Kept]:
    """Every case replayed by the interests as they are."""
    known = await history(home.store, await stream_of(home, of))

    def replayed() -> list[Kept]:
        past = Past(known.interests, known.windows, known.cases, 0, _rank(home.reader.posts))
        posts = home.reader.posts.find(case.post for case in past.cases)
        kept: list[Kept] = []
        for case in past.cases:
            day = past.day(case.report)
            text = posts[case.post].text if case.post in posts else ""
            kept.append(Kept(case, text, day is not None and keeps(day, case)))
        return kept

    return await asyncio.to_thread(replayed)


async def reply(home: Home, of: str, text: str, *, line: int | None = None) -> list[Heard]:
    """What came of it, in order: changes are kept at once. Refused: `no-report`, `empty`.

    It may say several things at once; each is a version of its own. What is about the automation itself changes that.
    """
    if not text.strip():
        raise Refused("Say what was wrong with the report, or right.", code="empty")
    stream = await stream_of(home, of)
    known = await history(home.store, stream)
    of_automation, last = stream.startswith("automation_"), known.last
    if last is None and not of_automation:
        why = "No report was given there yet: name the automation or the thread that gave one."
        raise Refused(why, code="no-report")
    said = ReplyGiven(id=new_id("reply"), report=last.id if last else None, text=text, line=line)
    await home.store.log.append(stream, said)
    if not (of_automation and await _amended(home, stream, said, known)):
        await _taught(home, stream, said, known)
    told = (await history(home.store, stream)).told
    return [event for _, event in told if not isinstance(event, ReplyGiven) and event.reply == said.id]


async def _amended(home: Home, automation: str, said: ReplyGiven, known: History) -> bool:
    """Whether it was about the automation, or can be about nothing else, as there is no report."""
    came: PlanAmended | ReplyLeft | None
    try:
        came = await amending.taken_back(home, automation, said, known) or await amending.amended(
            home, automation, said
        )
    except Refused as refused:
        came = ReplyLeft(reply=said.id, sentence=str(refused), label=SAID_ELSEWHERE)
    if came is None and known.last is None:
        forms = ", ".join(f"“{form}”" for form in amending.FORMS)
        came = ReplyLeft(reply=said.id, sentence=f"It gave no report yet; so what can be read: {forms}.")
    if came is not None:
        await home.store.log.append(automation, came)
    return came is not None


async def _taught(home: Home, stream: str, said: ReplyGiven, known: History) -> None:
    names = await known_names(home)
    shown = () if said.line is None else (said.line,)
    found = meant(said.text, names, known.interests.lines, shown)
    if any(isinstance(one, Unread) for one in found) and (forms := await _reworded(home, stream, said)):
        found = [one for form in forms for one in meant(form, names, known.interests.lines, shown)]
    for one in found:
        await _hear(home, stream, said, one)


async def known_names(home: Home) -> Known:
    """Who and what a reply may name."""
    names = await asyncio.to_thread(funnel.known, home.reader.posts)
    return replace(names, sources=await home.store.query(sources.called))


async def _reworded(home: Home, stream: str, said: ReplyGiven) -> Sequence[str]:
    """In plain forms, by a model that reads for little; none where there is none, or it may cost no more."""
    thread = await threads.find(home, stream) if stream.startswith("thread_") else None
    project = thread.project if thread else (await automations.find(home, stream)).plan.project
    given = await roles.of(home.store, await home.store.query(projects.project, project))
    bound = await home.store.query(budgets.binding, stream, project)
    if any(spent_up(cap.budget, spent) for cap, spent in bound if cap.per != "turn"):
        return ()
    for name in given.get(Role.READER, ()):
        provider = home.providers.get(name.partition(":")[0])
        if provider is None or not provider.connected().ready or provider.connected().is_rules:
            continue
        try:
            read = await reworded(provider, name, said.id, said.text)
        except (Refused, Unavailable):
            continue
        await home.store.log.append(stream, read)
        return read.forms
    return ()


async def _hear(home: Home, stream: str, said: ReplyGiven, one: Meant) -> None:
    """Heard anew where somebody else taught something meanwhile."""

    async def learned() -> list[Event]:
        known = await history(home.store, stream)
        return [event_of(await asyncio.to_thread(heard, home, known, one), said, known.version)]

    await home.store.log.decide(stream, learned)


def heard(home: Home, known: History, one: Meant) -> Came:
    """What comes of one thing that was said; nothing is kept."""
    last = known.last
    assert last is not None
    past = Past(known.interests, known.windows, known.cases, DAYS, _rank(home.reader.posts))
    lines = [line.cites[0].post for line in last.lines]
    asked = [one if answer is None else None for one, answer in zip(known.asked, known.answers, strict=True)]
    teacher = Teacher(known.interests, past, last.id, lines, _finder(home.reader.posts, known), asked, known.offered)
    came, called = teacher.hear(one), home.store.log.ask(sources.called)
    if isinstance(came, Questions):
        return came
    if isinstance(came, Offers):
        ways = [way.model_copy(update={"sentence": sources.by_name(way.sentence, called)}) for way in came.ways]
        came = replace(came, ways=tuple(ways))
    return replace(came, sentence=sources.by_name(came.sentence, called))


def event_of(came: Came, said: ReplyGiven, version: int) -> Event:
    match came:
        case Learned():
            return InterestChanged(
                version=version + 1,
                reply=said.id,
                said=came.said or said.text,
                sentence=came.sentence,
                changes=came.changes,
                cases=came.cases,
                undoes=came.undoes,
                gained=came.replayed.gained,
                lost=came.replayed.lost,
                label=TAUGHT,
            )
        case Offers():
            return ChangeOffered(
                reply=said.id,
                said=said.text,
                sentence=came.sentence,
                ways=came.ways,
                broken=came.broken,
                label=SAID_ELSEWHERE,
            )
        case Questions(found):
            return QuestionsPut(reply=said.id, questions=found, label=SAID_ELSEWHERE)
        case _:
            return ReplyLeft(reply=said.id, sentence=came.sentence, label=SAID_ELSEWHERE)


def _rank(posts: Posts) -> Callable[[Window, Interests, Collection[str]], Ranked]:
    return lambda window, interests, also: funnel.ranked(posts, window, interests, also=also)


def _finder(posts: Posts, known: History) -> Callable[[str], Sequence[Found]]:
    """Posts by id, link or words, each with the report of its time; the newest report's first."""

    def find(what: str) -> Sequence[Found]:
        sought = list(posts.find([what]).values())
        if not sought and "://" in what:
            sought = _linked(posts, what, list(known.windows.values())[-DAYS:])
        sought = sought or [one.post for one in posts.search(what, SOUGHT)]
        latest = list(known.windows.items())[::-1]
        order = {report: number for number, (report, _) in enumerate(latest)}
        found = [
            Found(post.id, next((report for report, of in latest if of.since <= post.at < of.until), ""))
            for post in sought
        ]
        return sorted(found, key=lambda one: order.get(one.report, len(order)))

    return find


def _linked(posts: Posts, link: str, windows: Sequence[Window]) -> list[Post]:
    """The post at a link, in the latest of these windows that has it. Nothing finds it by its link but looking."""
    for window in reversed(windows):
        numbers = [glance.number for glance in posts.between(window.since, window.until)]
        if found := [post for post in posts.posts(numbers).values() if post.link == link]:
            return found
    return []
