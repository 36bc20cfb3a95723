"""Planting is reproducible, breaks nothing, and its judge sees what is gone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from maquette.samples.shop import make_sample
from maquette.testing.places import NoPackage
from maquette.testing.planted import Planting, is_there, plant


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    make_sample(tmp_path / "shop")
    return tmp_path / "shop"


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file() and ".git" not in p.parts
    }


def test_the_same_seed_plants_the_same_and_another_something_else(tmp_path: Path) -> None:
    plantings: list[Planting] = []
    states: list[dict[str, bytes]] = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        make_sample(tmp_path / name)
        plantings.append(plant(tmp_path / name, seed))
        states.append(contents(tmp_path / name))
    assert plantings[0] == plantings[1] != plantings[2]
    assert states[0] == states[1] != states[2]


def test_every_kind_is_planted_dead_and_many_ways_alive(shop: Path) -> None:
    planting = plant(shop, 1)
    assert {item.kind for item in planting.dead} == {
        "function",
        "method",
        "class",
        "constant",
        "import",
        "branch",
        "module",
    }
    assert len({item.kind for item in planting.live}) >= 12
    assert all(is_there(shop, item) for item in (*planting.dead, *planting.live))


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.prove) for seed in (2, 3))])
def test_the_projects_tests_still_pass_and_what_is_alive_works(shop: Path, seed: int) -> None:
    planting = plant(shop, seed)
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    assert subprocess.run(tests, cwd=shop, check=False, capture_output=True).returncode == 0
    by_kind = {item.kind: item for item in planting.live}
    front = next(i for i in planting.live if i.kind == "re-exported").name
    calls = [
        f"assert bookshop.{front}('first', []) is not None",
        f"assert bookshop.{front}({by_kind['registered by a decorator'].name!r}, 7) == 7",
    ]
    done = subprocess.run(
        [sys.executable, "-c", "import bookshop\n" + "\n".join(calls)], cwd=shop, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_judge_counts_what_is_gone_and_names_what_should_not_be(shop: Path) -> None:
    planting = plant(shop, 1)
    assert planting.judge(shop).recall == 0
    module = next(item for item in planting.dead if item.kind == "module")
    (shop / module.path).unlink()
    unused = next(item for item in planting.dead if item.kind == "import")
    path = shop / unused.path
    path.write_text(path.read_text().replace(f"import {unused.name}\n", ""))
    decoy = next(item for item in planting.live if item.kind == "imported for its effect")
    (shop / decoy.path).unlink()
    judged = planting.judge(shop)
    assert judged.recall == pytest.approx(2 / len(planting.dead))
    assert judged.deleted_decoys == [decoy]
    assert module not in judged.missed


def test_a_repo_without_a_package_is_refused(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text("print(1)\n")
    with pytest.raises(NoPackage):
        plant(tmp_path, 1)
