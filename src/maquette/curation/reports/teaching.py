"""From what a reply means to what it changes. The past is replayed first: nothing once taught is lost unsaid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from maquette.curation.reports.interests import Interests
from maquette.curation.reports.learning import judged, missed
from maquette.curation.reports.questions import questions
from maquette.curation.reports.replay import Past, Replayed
from maquette.curation.reports.replies import (
    FORMS,
    NO_FORM,
    Answers,
    Chooses,
    Judges,
    Meant,
    Missed,
    Teaches,
    Undoes,
    Unread,
    WantsQuestions,
)
from maquette.curation.reports.sights import Sight
from maquette.curation.reports.why import phrase, why_not
from maquette.domain.interests import Asked, Case, Change, Ruled, Way, Weighed

HALVES = (1.0, 0.5, 0.25)
QUOTED = 80


@dataclass(frozen=True)
class Learned:
    """To be kept, as one version. `undoes`: the version that it takes back. `said`: what it came from, where the
    person's own words don't say that.
    """

    sentence: str
    changes: tuple[Change, ...] = ()
    cases: tuple[Case, ...] = ()
    undoes: int | None = None
    said: str = ""
    replayed: Replayed = field(default_factory=lambda: Replayed((), ()))


@dataclass(frozen=True)
class Offers:
    """Not to be kept as it is: it would lose cases. The person takes one of the ways, or none."""

    sentence: str
    ways: tuple[Way, ...]
    broken: tuple[Case, ...]


@dataclass(frozen=True)
class Questions:
    questions: tuple[Asked, ...]


@dataclass(frozen=True)
class Says:
    """Nothing changes, and this is why."""

    sentence: str


Came = Learned | Offers | Questions | Says


@dataclass
class Found:
    """A post that was read, and the report of its day; "" where no report was about that time."""

    post: str
    report: str


class Teacher:
    """Hears one reply to one report. `lines`: the posts that lead its lines, as they were shown. `asked`: what was
    asked, by its place; None: it is answered.
    """

    def __init__(
        self,
        interests: Interests,
        past: Past,
        report: str,
        lines: Sequence[str],
        find: Callable[[str], Sequence[Found]],
        asked: Sequence[Asked | None] = (),
        offered: Sequence[Way] = (),
    ) -> None:
        self._interests, self._past, self._report, self._lines = interests, past, report, lines
        self._find, self._asked, self._offered = find, asked, offered

    def hear(self, meant: Meant) -> Came:
        match meant:
            case Teaches(sentence, changes):
                return self._teach(sentence, changes)
            case Judges(numbers, wanted):
                return self._judge(numbers, wanted)
            case Missed(what):
                return self._missed(what)
            case WantsQuestions(count):
                return self._questions(count)
            case Answers(said):
                return self._answer(said)
            case Chooses(number):
                return self._choose(number)
            case Undoes(version):
                return self._undo(version)
            case Unread(text, why):
                forms = f" What can be read: {', '.join(f'“{form}”' for form in FORMS)}." if why == NO_FORM else ""
                return Says(f"By rule “{text}” can't be read: {why}.{forms}")

    def _teach(self, sentence: str, changes: tuple[Change, ...]) -> Came:
        """As said, at once; but where that would lose a case, ways to go on are offered instead."""
        replayed = self._past.replay(changes)
        if not replayed.broken:
            return Learned(sentence, changes, replayed=replayed)
        ways: list[Way] = []
        if narrower := self._past.keep_both(changes):
            ways.append(Way(sentence=f"Keep both: {_but(narrower)}", changes=tuple(narrower)))
        ways.append(Way(sentence=f"As said: {sentence}", changes=changes, loses=replayed.broken))
        return Offers(
            f"{sentence} But that loses what you taught before: {self._cases(replayed.broken)}.",
            tuple(ways),
            replayed.broken,
        )

    def _judge(self, numbers: Sequence[int], wanted: bool) -> Came:
        ranked = self._past.day(self._report)
        changes: list[Change] = []
        cases: list[Case] = []
        for number in numbers:
            if not 0 < number <= len(self._lines):
                return Says(f"The report has {len(self._lines)} lines; there is no line {number}.")
            sight = ranked.sight(self._lines[number - 1]) if ranked else None
            if ranked is None or sight is None:
                return Says(f"Its source no longer has what line {number} is about, so nothing can be learned of it.")
            changes += judged(sight, wanted, self._interests, ranked.known)
            cases.append(Case(post=sight.post.id, report=self._report, wanted=wanted))
        kept = self._kept(changes)
        if not kept:
            return Says(
                "That fits what is known of you already, or would lose what you taught before; nothing changes."
            )
        held = [case for case in cases if self._past.with_cases([case]).mended_by(kept)]
        way = "more" if wanted else "less"
        return Learned(
            f"{_signs(kept)}: {way} of that from now on.", kept, tuple(held), replayed=self._past.replay(kept)
        )

    def _kept(self, changes: Sequence[Change]) -> tuple[Change, ...]:
        """As much of these as loses no case: all of them, narrower ones, or smaller ones."""
        for part in HALVES:
            some = [_part(change, part) for change in changes]
            if narrower := self._past.keep_both(some):
                return tuple(narrower)
        return ()

    def _missed(self, what: str) -> Came:
        found = self._find(what)
        if not found:
            return Says(f"Nothing that was read fits “{what}”: so it wasn't left out, it was never read.")
        one = found[0]
        ranked = self._past.day(one.report, one.post)
        sight = ranked.sight(one.post) if ranked else None
        if ranked is None or sight is None:
            return Says(f"“{what}” was read, but no report was about that time.")
        if ranked.has(one.post):
            return Says(f"{_quote(sight)} is in that report: it is among the lines, or behind “more like this”.")
        left_out = f"{_quote(sight)} stood at place {ranked.place(one.post)} of {len(ranked.groups)}, since"
        told = f"{left_out} {why_not(sight, self._interests)}."
        case = Case(post=one.post, report=one.report, wanted=True)
        changes = self._kept(missed(one.post, ranked))
        if not changes or not self._past.with_cases([case]).mended_by(changes):
            return Says(f"{told} No change was found that brings it in and loses nothing that you taught before.")
        replayed = self._past.replay(changes)
        return Learned(f"{told} {_signs(changes)}: more of that from now on.", changes, (case,), replayed=replayed)

    def _questions(self, count: int) -> Came:
        ranked = self._past.day(self._report)
        found = questions(ranked, count, self._past.seen) if ranked else []
        return Questions(tuple(found)) if found else Says("There is nothing to ask: no answer would change the report.")

    def _answer(self, said: Sequence[bool | None]) -> Came:
        if not self._asked:
            return Says("Nothing was asked. Say “give me five questions” first.")
        answered = [(one, yes) for one, yes in zip(self._asked, said, strict=False) if one and yes is not None]
        if not answered:
            return Says("Nothing was answered that wasn't before, so nothing changes.")
        each = [one.yes if yes else one.no for one, yes in answered]
        told = [f"{_signs(changes)}: {_way(changes)} of that from now on." for changes in each]
        came = self._teach(" ".join(told), tuple(change for changes in each for change in changes))
        words = "; ".join(f"{one.about} {'Yes' if yes else 'No'}" for one, yes in answered)
        return replace(came, said=words) if isinstance(came, Learned) else came

    def _choose(self, number: int) -> Came:
        if not 0 < number <= len(self._offered):
            return Says("Nothing is offered to choose from." if not self._offered else "There is no such way.")
        way = self._offered[number - 1]
        return Learned(way.sentence, way.changes, replayed=self._past.replay(way.changes))

    def _undo(self, version: int | None) -> Came:
        lessons = self._interests.lessons
        lesson = next((one for one in reversed(lessons) if version in (None, one.version)), None)
        if lesson is None:
            return Says(f"There is no version {version} that stands." if version else "Nothing was taught yet.")
        replayed = self._past.replayed_by(self._interests.without(lesson.version))
        broken = [case for case in replayed.broken if case not in lesson.cases]
        lost = f" That loses what you taught besides: {self._cases(broken)}." if broken else ""
        return Learned(f"Undone: {lesson.sentence}{lost}", undoes=lesson.version, replayed=replayed)

    def _cases(self, cases: Sequence[Case]) -> str:
        return "; ".join(map(self._case, cases))

    def _case(self, case: Case) -> str:
        ranked = self._past.day(case.report)
        sight = ranked.sight(case.post) if ranked else None
        return f"{_quote(sight) if sight else case.post} {'must' if case.wanted else 'must not'} be in"


def _quote(sight: Sight) -> str:
    text = " ".join((sight.post.title or sight.post.text).split())
    return f"“{text if len(text) <= QUOTED else text[: QUOTED - 1] + '…'}” ({sight.post.author}, #{sight.post.channel})"


def _signs(changes: Sequence[Change]) -> str:
    """What changes are about, strongest first, each once."""
    weighed = sorted((c for c in changes if isinstance(c, Weighed)), key=lambda change: -abs(change.by))
    ruled = [change for change in changes if isinstance(change, Ruled)]
    told = dict.fromkeys(_about(change) for change in [*ruled, *weighed][:4])
    return "; ".join(told)[:1].upper() + "; ".join(told)[1:]


def _way(changes: Sequence[Change]) -> str:
    return "less" if any(isinstance(change, Weighed) and change.by < 0 for change in changes) else "more"


def _about(change: Weighed | Ruled) -> str:
    return phrase(change.when, unless=change.unless)


def _but(changes: Sequence[Change]) -> str:
    return "; ".join(_about(change) for change in changes if isinstance(change, Weighed | Ruled))


def _part(change: Change, part: float) -> Change:
    return change.model_copy(update={"by": round(change.by * part, 3)}) if isinstance(change, Weighed) else change
