"""Readers with hidden tastes, who reply as people do, get reports that are ever more to their liking."""

from __future__ import annotations

from pathlib import Path

import pytest

from maquette.testing.readers.__main__ import SEEDS
from maquette.testing.readers.trials import Trial, trial


def shown(of: Trial) -> str:
    days = (f"{score.precision:.2f}/{score.recall:.2f}" for score in of.scores)
    return f"gain {of.gain():.2f}, {of.cases} cases, by day: {' '.join(days)}"


@pytest.mark.parametrize("seed", [4])
def test_a_reader_who_replies_gets_reports_to_their_taste_and_nothing_taught_is_lost(tmp_path: Path, seed: int) -> None:
    came = trial(tmp_path, seed, days=7, posts=160)
    assert len(came.replies) == 10
    assert came.gain() >= 0.5, shown(came)
    assert not came.red, shown(came)
    assert came.cases > 0


@pytest.mark.prove
@pytest.mark.timeout(1_200)
def test_ten_replies_get_at_least_half_of_what_the_full_taste_would_over_all_readers(tmp_path: Path) -> None:
    gains: list[float] = []
    for seed in SEEDS:
        folder = tmp_path / str(seed)
        folder.mkdir()
        came = trial(folder, seed)
        assert not came.red, f"{seed}: {shown(came)}"
        gains.append(came.gain())
    assert sum(gains) / len(gains) >= 0.5, gains
