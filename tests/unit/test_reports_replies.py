"""What a reply means, by rule: plain forms, and what can't be read says so."""

from __future__ import annotations

import pytest

from maquette.curation.reports.replies import (
    FORMS,
    Answers,
    Chooses,
    Judges,
    Meant,
    Missed,
    Teaches,
    Undoes,
    Unread,
    WantsQuestions,
    meant,
)
from maquette.curation.reports.sights import Known
from maquette.domain.interests import Change, Named, Ruled, Sized, Weighed
from maquette.domain.posts import Author, Channel

PEOPLE = ("Ada", "Ada Berg", "Ben Okoro", "Ben Smith", "deploy-bot")
KNOWN = Known(
    {n: Channel(n, "acme", name, 1, 0) for n, name in enumerate(("random", "#support", "sales"))},
    {n: Author(n, name, 1) for n, name in enumerate(PEOPLE)},
)


def one(text: str) -> Meant:
    (found,) = meant(text, KNOWN, lines=12)
    return found


def more(*when: str, by: float = 2.0, unless: tuple[str, ...] = ()) -> Weighed:
    return Weighed(when=when, unless=unless, by=by)


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("less #random", more("channel:random", by=-2.0)),
        ("Fewer of #support.", more("channel:support", by=-2.0)),
        ("more from Ada", more("person:ada")),
        ("more from ada berg", more("person:ada berg")),
        ("more about refunds", more("word:refund")),
        ("much more about Refund Policies", more("word:refund", "word:policy", by=4.0)),
        ("a bit less in sales", more("channel:sales", by=-1.0)),
        ("more from Ada about refunds", more("person:ada", "word:refund")),
        ("less #random, but not from Ada", more("channel:random", by=-2.0, unless=("person:ada",))),
        ("never bot messages", Ruled(when=("trait:bot",), rule="never")),
        ("always incidents", Ruled(when=("trait:incident",), rule="always")),
        ("always show incidents in #support", Ruled(when=("trait:incident", "channel:support"), rule="always")),
        ("never #random except about lunch", Ruled(when=("channel:random",), unless=("word:lunch",), rule="never")),
        ("shorter", Sized(lines=8)),
        ("longer", Sized(lines=18)),
        ("at most 5 lines", Sized(lines=5)),
        ("I am Ada Berg", Named(name="Ada Berg")),
    ],
)
def test_a_plain_form_is_a_change_that_is_said_in_a_sentence(text: str, change: Change) -> None:
    found = one(text)
    assert isinstance(found, Teaches)
    assert found.changes == (change,)
    assert found.sentence.endswith((".", ","))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("missed: https://acme.example/a,b", Missed("https://acme.example/a,b")),
        ("You missed the refund queue", Missed("the refund queue")),
        ("bad 3", Judges((3,), False)),
        ("good: 1, 4 and 5", Judges((1, 4, 5), True)),
        ("2 is bad", Judges((2,), False)),
        ("more like 2", Judges((2,), True)),
        ("give me five questions", WantsQuestions(5)),
        ("yes, no skip yes", Answers((True, False, None, True))),
        ("1 yes, 2 no", Answers((True, False))),
        ("3 no", Answers((None, None, False))),
        ("undo", Undoes()),
        ("undo version 4", Undoes(4)),
        ("keep both", Chooses(1)),
        ("2", Chooses(2)),
    ],
)
def test_what_is_no_change_yet_is_read_as_well(text: str, found: Meant) -> None:
    assert one(text) == found


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("more from Ben", "that could be Ben Okoro, Ben Smith: say which"),
        ("less #nowhere", "nothing was read that is called #nowhere"),
        ("bad", "say which line"),
        ("it was fine, I suppose", "no form fits"),
        ("more about this", "“this” says too little"),
        ("4711 yes", "there is no question 4711"),
    ],
)
def test_what_can_not_be_read_says_why(text: str, why: str) -> None:
    found = one(text)
    assert isinstance(found, Unread)
    assert why in found.why


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("never bot messages", "Never in from now on: a program wrote it."),
        ("more about incidents", "It counts for more from now on: something is broken."),
        ("never #random", "What is in #random is never in."),
    ],
)
def test_what_is_understood_is_said_in_a_plain_sentence(text: str, sentence: str) -> None:
    found = one(text)
    assert isinstance(found, Teaches)
    assert found.sentence == sentence


def test_several_forms_in_one_reply_are_read_apart() -> None:
    found = meant("less #random, more from Ada; shorter\nbad 2", KNOWN, lines=12)
    assert [type(each) for each in found] == [Teaches, Teaches, Teaches, Judges]


def test_a_bad_alone_is_about_the_line_that_was_replied_to() -> None:
    assert meant("bad", KNOWN, lines=12, shown=(4,)) == [Judges((4,), False)]


def test_every_form_that_is_told_is_read() -> None:
    telling = {"missed: a link or some words of it": "missed: refunds"}
    assert not [form for form in FORMS if isinstance(one(telling.get(form, form)), Unread)]
