"""How much of what was planted the dead-code skill finds, and that it hurts nothing: the figure we promise."""

from __future__ import annotations

from pathlib import Path

import pytest

from house.skill_runs import git, run_skill
from maquette.samples.shop import make_sample
from maquette.testing.planted import plant


@pytest.mark.parametrize("seed", [11, *(pytest.param(seed, marks=pytest.mark.prove) for seed in range(12, 20))])
def test_all_that_was_planted_dead_goes_and_no_decoy_does(tmp_path: Path, seed: int) -> None:
    make_sample(tmp_path)
    planting = plant(tmp_path, seed)
    git(tmp_path, "commit", "-q", "-a", "-m", "planted")
    ran = run_skill("dead-code", tmp_path)
    assert ran.status == 0, ran.err
    judged = planting.judge(tmp_path)
    assert judged.deleted_decoys == []
    assert judged.missed == []
