"""A task that says when, taken apart."""

from __future__ import annotations

import pytest

from maquette.domain.briefs import when_and_what


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
