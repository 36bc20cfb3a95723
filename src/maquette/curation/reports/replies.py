"""What a person means by a reply, by rule: plain forms, each told back in a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from maquette.curation.reports.sights import COMMON, Known, channel_sign, person_sign, stem
from maquette.curation.reports.why import phrase
from maquette.domain.interests import LEAST, MOST, Change, Named, Ruled, Sign, Sized, Weighed

STEP = 2.0
"""By how much what somebody names counts for more or less: as much as speaks for any post from the beginning."""
ASKED = 10
"""Questions at once, at most."""
FORMS = (
    "less #random",
    "more from Ada",
    "more about refunds",
    "always incidents",
    "never bot messages",
    "less #random, but not from Ada",
    "shorter",
    "longer",
    "at most 5 lines",
    "missed: a link or some words of it",
    "good 2",
    "bad 3",
    "I am Ada",
    "give me five questions",
    "undo",
)
"""One of each form that is understood by rule."""
NO_FORM = "no form fits"


@dataclass(frozen=True)
class Teaches:
    """A change, said in a sentence."""

    sentence: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Missed:
    """Something that should have been in: a link, an id, or words of it."""

    what: str


@dataclass(frozen=True)
class Judges:
    """Lines of the last report, from 1, that should be in, or shouldn't."""

    lines: tuple[int, ...]
    wanted: bool


@dataclass(frozen=True)
class WantsQuestions:
    count: int = 5


@dataclass(frozen=True)
class Answers:
    """To the questions last asked, by their places; None: passed over."""

    said: tuple[bool | None, ...]


@dataclass(frozen=True)
class Chooses:
    """One of the ways that were offered, from 1."""

    number: int


@dataclass(frozen=True)
class Undoes:
    """A version; None: the last one that stands."""

    version: int | None = None


@dataclass(frozen=True)
class Unread:
    """No form fits; `why` says what was not understood."""

    text: str
    why: str


Meant = Teaches | Missed | Judges | WantsQuestions | Answers | Chooses | Undoes | Unread

_TRAITS = {
    "trait:incident": r"incidents?|outages?|what is broken|things that broke|emergenc(?:y|ies)",
    "trait:bot": r"(?:messages? (?:from|by) )?(?:bots?|programs?)(?: (?:messages?|posts?))?|automatic messages?",
    "trait:decision": r"decisions?|what was decided",
    "trait:question": r"(?:unanswered |open )?questions?",
    "trait:promise": r"(?:broken )?promises?(?: not kept)?",
    "trait:chatter": r"chatter|small talk|one-?liners?",
    "trait:you": r"(?:what names me|mentions(?: of me)?|my name)",
    "trait:reactions": r"(?:posts with (?:many )?)?reactions",
    "trait:talk": r"(?:long |hot )?(?:discussions?|threads?)",
    "trait:new": r"(?:new topics?|what is new|news)",
}
_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9}
_UNLESS = re.compile(r",? (?:but not|except(?: for)?|unless(?: it is)?|other than) ")
_PART = re.compile(r"(?:^|,? +(?:and +)?)(?=(?:from|by|about|on|in) )")
_LIKE = re.compile(r"like (?:line )?(?:number )?(?P<n>\d+)")


def meant(text: str, known: Known, lines: int, shown: Sequence[int] = ()) -> list[Meant]:
    """Everything in a reply, in order. `lines`: how many a report has now. `shown`: the line that was replied to.

    Several may be said at once, in lines, between semicolons, or between commas where each part is a form of its own.
    """
    found: list[Meant] = []
    for line in filter(None, (part.strip() for part in re.split(r"\n|;|(?<=[a-z\d])\.(?:\s|$)", text))):
        whole = _one(line, known, lines, shown)
        parts = [part.strip() for part in re.split(r",| and (?=(?:more|less|always|never|shorter|longer)\b)", line)]
        if len(parts) > 1 and (isinstance(whole, Unread) or not isinstance(whole, Missed | Answers | Judges)):
            apart = [_one(part, known, lines, shown) for part in parts]
            if not any(isinstance(one, Unread) for one in apart):
                found += apart
                continue
        found.append(whole)
    return found or [Unread(text, "it says nothing")]


@dataclass
class Verdicts:
    """What was said of one report: its lines (from 1) that are right and wrong, and how many more it should have."""

    good: set[int] = field(default_factory=set[int])
    bad: set[int] = field(default_factory=set[int])
    missed: int = 0

    def hear(self, text: str, shown: Sequence[int]) -> None:
        """One reply to it. What is said last of a line counts."""
        for one in meant(text, Known(), 1, shown):
            if isinstance(one, Judges):
                of, other = (self.good, self.bad) if one.wanted else (self.bad, self.good)
                of.update(one.lines)
                other.difference_update(one.lines)
            self.missed += isinstance(one, Missed)


@dataclass(frozen=True)
class _Said:
    """One thing said, and what it may refer to."""

    text: str
    known: Known
    lines: int
    shown: Sequence[int]

    def after(self, found: re.Match[str], name: str) -> str:
        """A part of it as it was written."""
        return self.text[found.start(name) : found.end(name)].strip("“”\"' ")


def _one(text: str, known: Known, lines: int, shown: Sequence[int]) -> Meant:
    said = _Said(" ".join(text.split()).rstrip(".!"), known, lines, shown)
    for form, read in _FORMS:
        if found := form.fullmatch(said.text.lower()):
            return read(said, found)
    return Unread(said.text, NO_FORM)


def _missed(said: _Said, found: re.Match[str]) -> Meant:
    return Missed(said.after(found, "what"))


def _shorter(said: _Said, found: re.Match[str]) -> Meant:
    return _sized(max(LEAST, said.lines * 2 // 3))


def _longer(said: _Said, found: re.Match[str]) -> Meant:
    return _sized(min(MOST, -(-said.lines * 3 // 2)))


def _at_most(said: _Said, found: re.Match[str]) -> Meant:
    return _sized(min(MOST, max(LEAST, int(found["n"]))))


def _judges(said: _Said, found: re.Match[str]) -> Meant:
    numbers = tuple(map(int, re.findall(r"\d+", found["lines"]))) or tuple(said.shown)
    return Judges(numbers, found["way"] == "good") if numbers else Unread(said.text, "say which line: “bad 3”")


def _asks(said: _Said, found: re.Match[str]) -> Meant:
    count = _NUMBERS.get(found["n"]) or (int(found["n"]) if found["n"].isdigit() else 0)
    return WantsQuestions(min(ASKED, count)) if count else Unread(said.text, "say how many questions")


def _undoes(said: _Said, found: re.Match[str]) -> Meant:
    return Undoes(int(found["n"]) if found["n"] else None)


def _chooses(said: _Said, found: re.Match[str]) -> Meant:
    return Chooses({"keep both": 1, "as i said": 2}.get(found["which"]) or int(found["which"]))


def _names(said: _Said, found: re.Match[str]) -> Meant:
    name = said.after(found, "name")
    return Teaches(f"You are called {name}, so what names you counts.", (Named(name=name),))


def _answers(said: _Said, found: re.Match[str]) -> Meant:
    """In order; one with a number before it is to that question."""
    answers: list[bool | None] = []
    for number, word in re.findall(r"(?:(\d+)[.:)]? ?)?(yes|no|skip|y|n)\b", found[0]):
        place = int(number or len(answers) + 1)
        if not 0 < place <= ASKED:
            return Unread(said.text, f"there is no question {number}")
        answers += [None] * (place - len(answers))
        answers[place - 1] = {"y": True, "n": False}.get(word[0])
    return Answers(tuple(answers))


def _sized(lines: int) -> Teaches:
    return Teaches(f"A report has at most {lines} line{'s' * (lines != 1)} from now on.", (Sized(lines=lines),))


def _rules(said: _Said, found: re.Match[str]) -> Meant:
    signs = _signs(said.after(found, "what"), said.known)
    if isinstance(signs, Unread):
        return signs
    when, unless = signs
    rule = "always" if found["rule"] == "always" else "never"
    told = f"What is {_told(when, unless)} is {rule} in."
    if _is_trait(when):
        told = f"{rule.capitalize()} in from now on: {phrase(when, unless=unless)}."
    return Teaches(told, (Ruled(when=when, unless=unless, rule=rule),))


def _weighs(said: _Said, found: re.Match[str]) -> Meant:
    what, more = said.after(found, "what"), found["way"] == "more"
    if like := _LIKE.fullmatch(what.lower()):
        return Judges((int(like["n"]),), more)
    signs = _signs(what, said.known)
    if isinstance(signs, Unread):
        return signs
    when, unless = signs
    much = {"much": 2.0, "a lot": 2.0, "a bit": 0.5, "a little": 0.5}.get((found["how"] or "").strip(), 1.0)
    by = STEP * much * (1 if more else -1)
    counts = f"counts for {'more' if more else 'less'} from now on"
    sentence = f"What is {_told(when, unless)} {counts}."
    if _is_trait(when):
        sentence = f"It {counts}: {phrase(when, unless=unless)}."
    return Teaches(sentence, (Weighed(when=when, unless=unless, by=by),))


def _is_trait(when: Sequence[Sign]) -> bool:
    """Then it is told by a sentence of its own: “something is broken”."""
    return any(sign.startswith("trait:") for sign in when)


def _told(when: Sequence[Sign], unless: Sequence[Sign]) -> str:
    return phrase(when, unless=unless) + "," * bool(unless)


def _signs(what: str, known: Known) -> tuple[tuple[Sign, ...], tuple[Sign, ...]] | Unread:
    first, *rest = _UNLESS.split(what, maxsplit=1)
    when = _together(first, known)
    unless = _together(rest[0], known) if rest else ()
    for found in (when, unless):
        if isinstance(found, Unread):
            return found
    return when, unless  # pyright: ignore[reportReturnType]


def _together(what: str, known: Known) -> tuple[Sign, ...] | Unread:
    """Several signs, of which a post must bear all: two in “from Ada about refunds”."""
    signs: list[Sign] = []
    for part in filter(None, (part.strip(" ,") for part in _PART.split(what))):
        found = _named(part, known)
        if isinstance(found, Unread):
            return found
        signs += found
    return tuple(dict.fromkeys(signs)) or Unread(what, "it names nothing")


def _named(part: str, known: Known) -> list[Sign] | Unread:
    way, _, name = part.partition(" ")
    way = way.lower()
    if way not in ("from", "by", "about", "on", "in") or not name:
        way, name = "", part
    name = name.strip("“”\"' ")
    if trait := next((sign for sign, form in _TRAITS.items() if re.fullmatch(form, name.lower())), None):
        return [trait]
    if way in ("", "in", "from") and (channel := _channel(name, known)):
        return [channel]
    if way in ("", "from", "by"):
        people = _people(name, known)
        if len(people) == 1:
            return [person_sign(people[0])]
        if people and way:
            return Unread(part, f"that could be {', '.join(sorted(people)[:5])}: say which")
    called = {channel.source: channel.source for channel in known.channels.values()} | dict(known.sources)
    source = next((source for source, says in called.items() if says.lower() == name.lower()), None)
    if source and way != "about":
        return [f"source:{source.lower()}"]
    if way in ("from", "by", "in") or name.startswith("#"):
        return Unread(part, f"nothing was read that is called {name}")
    words = [stem(word) for word in re.findall(r"[^\W_]+", name.lower()) if word not in COMMON]
    return [f"word:{word}" for word in words] or Unread(part, f"“{name}” says too little")


def _channel(name: str, known: Known) -> Sign | None:
    sign = channel_sign(name)
    return sign if any(channel_sign(channel.name) == sign for channel in known.channels.values()) else None


def _people(name: str, known: Known) -> list[str]:
    low = name.lower().lstrip("@")
    people = [author.name for author in known.authors.values()]
    if whole := [person for person in people if person.lower() == low]:
        return whole[:1]
    return [person for person in people if low in re.split(r"[\s@._-]+", person.lower())]


_FORMS: tuple[tuple[re.Pattern[str], Callable[[_Said, re.Match[str]], Meant]], ...] = tuple(
    (re.compile(form), read)
    for form, read in (
        (r"(?:you )?missed(?: that| this)?:? +(?P<what>.+)", _missed),
        (r"(?:make it )?shorter|too long", _shorter),
        (r"(?:make it )?longer|too short", _longer),
        (r"(?:at most |only |no more than )?(?P<n>\d+) lines?(?: at most)?", _at_most),
        (r"(?:line )?(?P<way>good|bad)(?: lines?)?:? *(?P<lines>[\d, and]*)", _judges),
        (r"(?:lines? )?(?P<lines>\d[\d, and]*?) (?:is |are |was |were )?(?P<way>good|bad)", _judges),
        (r"(?:give|ask) me (?P<n>\w+) questions?", _asks),
        (r"undo(?: (?:version |change )?(?P<n>\d+))?", _undoes),
        (r"(?:take |choose )?(?P<which>[1-9]|keep both|as i said)", _chooses),
        (r"(?:(?:\d+[.:)]? ?)?(?:yes|no|skip|y|n)(?:[\s,]+|$))+", _answers),
        (r"(?:i am|i'm|my name is|call me) (?P<name>[^.,;!?]{1,60})", _names),
        (r"(?P<rule>always|never) (?:show |bring |tell me |include )?(?P<what>.+)", _rules),
        (r"(?P<how>much |a lot |a bit |a little )?(?P<way>more|less|fewer) (?:of )?(?P<what>.+)", _weighs),
    )
)
