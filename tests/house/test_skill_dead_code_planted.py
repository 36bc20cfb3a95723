"""How much of what was planted the dead-code skill finds, and that it hurts nothing: the figure we promise."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from house.skill_runs import PLAIN, git, run_skill
from house.test_skill_dead_code import names
from maquette.samples.shop import ALIVE, PLANTED, make_sample
from maquette.testing.planted import plant


@pytest.mark.parametrize("seed", [11, *(pytest.param(seed, marks=pytest.mark.prove) for seed in range(12, 20))])
def test_all_that_was_planted_dead_goes_and_no_decoy_does_nor_what_lives_in_the_sample(
    tmp_path: Path, seed: int
) -> None:
    make_sample(tmp_path)
    planting = plant(tmp_path, seed)
    git(tmp_path, "commit", "-q", "-a", "-m", "planted")
    ran = run_skill("dead-code", tmp_path, "--json", str(tmp_path / "../result.json"))
    assert ran.status == 0, ran.err
    judged = planting.judge(tmp_path)
    assert judged.deleted_decoys == []
    assert judged.missed == []
    for path, name in PLANTED:
        assert not (tmp_path / path).exists() or (name and name not in names(tmp_path / path)), (path, name)
    for path, name, why in ALIVE:
        assert not name or name in names(tmp_path / path), why
        assert (tmp_path / path).exists(), why
    assert "new" not in (tmp_path / "bookshop/orders.py").read_text()
    assert "if False" not in (tmp_path / "bookshop/reports.py").read_text()
    changes = git(tmp_path, "diff", "--numstat").splitlines()
    assert all(line.startswith("0\t") for line in changes), "nothing is added or written anew"
    assert not git(tmp_path, "ls-files", "--others").strip()
    told: dict[str, Any] = json.loads((tmp_path / "../result.json").read_text())
    removed = sum(int(line.split("\t")[1]) for line in changes)
    assert told["lines_before"] - told["lines_after"] == removed >= 80
    assert f"{removed} lines removed" in ran.out
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    assert subprocess.run(tests, cwd=tmp_path, env={**os.environ, **PLAIN}, check=False).returncode == 0
