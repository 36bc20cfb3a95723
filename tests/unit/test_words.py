"""How much something took, in as few words as will do."""

from __future__ import annotations

import pytest

from maquette.web.views.words import span


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0.0 s"),
        (9.94, "9.9 s"),
        (9.97, "10 s"),
        (59.7, "1 min"),
        (91, "1.5 min"),
        (3_580, "1 h"),
        (4_800, "1 h 20 min"),
    ],
)
def test_a_span_is_said_as_exactly_as_anybody_wants_it(seconds: float, said: str) -> None:
    assert span(seconds) == said
