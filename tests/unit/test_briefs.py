"""A task that says when, taken apart."""

from __future__ import annotations

import pytest

from maquette.domain.briefs import another_when, to_remember, when_and_what


@pytest.mark.parametrize(
    ("said", "when", "what"),
    [
        ("every weekday at 7: say what changed", "every weekday at 7", "say what changed"),
        ("Every weekday at 7 a report about what matters", "Every weekday at 7", "a report about what matters"),
        ("send me a report every Monday at 10 pm.", "every Monday at 10 pm", "send me a report"),
    ],
)
def test_when_and_what_may_be_said_in_one_sentence(said: str, when: str, what: str) -> None:
    assert when_and_what(said) == (when, what)


@pytest.mark.parametrize("said", ["report what matters", "every test at the moment fails", "every day at 7 and 9"])
def test_what_says_no_hour_or_nothing_beside_it_stays_whole(said: str) -> None:
    assert when_and_what(said) is None


@pytest.mark.parametrize(
    ("said", "then"),
    [
        ("weekdays at 6 instead", "weekdays at 6"),
        ("Run it every Monday at 9, from now on.", "every Monday at 9"),
        ("at 6:30 please", "weekdays at 6:30"),
        ("less #random", None),
        ("at most 5 lines", None),
    ],
)
def test_a_reply_may_say_another_time(said: str, then: str | None) -> None:
    assert another_when(said, "weekdays at 7") == then


def test_what_is_to_be_remembered_is_told_apart() -> None:
    assert to_remember("Remember: say prices in euros") == "say prices in euros"
    assert to_remember("what do you remember") is None
