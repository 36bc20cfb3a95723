"""Five questions: those whose answers change a report most, and none about a word that names no topic."""

from __future__ import annotations

from datetime import timedelta

from maquette.curation.reports.funnel import Window, ranked
from maquette.curation.reports.interests import Interests
from maquette.curation.reports.learning import telling
from maquette.curation.reports.questions import questions
from maquette.curation.reports.sights import Homes, stem
from maquette.domain.interests import Sized, Weighed
from maquette.kinds.connectors import Batch
from maquette.store.posts import Posts
from maquette.testing.readers.worlds import FILLER, START, TOPICS, World
from unit.test_reports import crowded, fill, leads, post, rank, shelf

__all__ = ["shelf"]


def test_the_questions_are_those_whose_answers_change_the_report_most(shelf: Posts) -> None:
    crowded(shelf)
    found = rank(shelf, Sized(lines=3))
    asked = questions(found, 5)
    assert 0 < len(asked) <= 5
    for one in asked:
        changed = [set(leads(found.again(found.interests.with_(*of)))) != set(leads(found)) for of in (one.yes, one.no)]
        assert any(changed), one.text


def test_no_question_is_about_a_word_that_names_no_topic(shelf: Posts) -> None:
    things = [
        "cranes gable",
        "ladders roof",
        "sand swings",
        "pipes plastic",
        "locks gates",
        "tiles water",
        "glue windows",
        "nails fence",
    ]
    seen = {"reactions": {"eyes": 9}}
    fill(
        shelf,
        *(post(f"g{n}", f"give them {one}", f"G{n}", f"room-{n}", n, **seen) for n, one in enumerate(things[:4])),
        *(post(f"f{n}", f"ferry with {one}", f"F{n}", "harbour", n + 0.5, **seen) for n, one in enumerate(things[4:])),
    )
    found = rank(shelf, Sized(lines=3))
    assert {"word:give", "word:ferry"} <= {
        sign for group in found.groups for sign in telling(group.lead, found.known, 3)
    }
    changes = [change for one in questions(found, 40) for change in one.yes]
    asked = {sign for change in changes if isinstance(change, Weighed) for sign in change.when}
    assert "word:give" not in asked
    assert {"word:ferry", "channel:harbour"} & asked


def test_what_people_speak_of_is_told_apart_from_how_they_speak(shelf: Posts) -> None:
    world = World(4)
    for day in range(3):
        shelf.take("acme", Batch(world.day(day), str(day)))
    homes = Homes.spoken(ranked(shelf, Window(START, START + timedelta(days=3)), Interests()).seen)
    topics = {stem(word) for topic, words in TOPICS.items() for word in (topic, *words.split())}
    said = {stem(word) for phrase in FILLER for word in phrase.lower().split()}
    assert sum(map(homes.topical, topics)) > len(topics) / 2
    assert not {word for word in said - topics if homes.topical(word)}
