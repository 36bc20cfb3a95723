"""`make prove`: every boundary, then kills at random under load, and the page that says what came of it."""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Collection
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from maquette.testing.proof import load, scenes, trials
from maquette.testing.proof.lanes import shared
from maquette.testing.proof.load import Load
from maquette.testing.proof.page import FEWEST, page, rare
from maquette.testing.proof.scenes import Scene
from maquette.testing.proof.trials import Ground, Models, Trial
from maquette.testing.servers import Server

LANES = os.cpu_count() or 2
MOST = 1500
"""Kills at random after which no rare class is waited for any more."""


def at_boundaries(
    folder: Path, postgres: Server | None, most: int | None, seed: int, only: Collection[str] = ()
) -> list[Trial]:
    """Each scene (or `only` some) killed at each of its boundaries; of all together only `most`, where that is said."""
    known = [scene for scene in scenes.scenes() if not only or scene.name in only]
    if most is not None:
        known = random.Random(seed).sample(known, min(len(known), most))
    models = Models(scenes.plays(known))
    ground = Ground(models.variables, postgres)

    def tried(lane: int, one: tuple[Scene, str]) -> dict[str, object]:
        return asdict(trials.tried(*one, folder / f"lane{lane}", ground))

    try:
        met = [(scene, trials.boundaries(scene, folder / "met", ground)) for scene in known]
        work = [(scene, point) for scene, points in met for point in points]
        if most is not None:
            work = random.Random(seed).sample(work, min(len(work), most))
        _say(f"{len(work)} boundaries in {len(known)} scenes")
        found: list[Trial] = []
        for one in shared(work, LANES, tried):
            found.append(Trial(one["scene"], one["point"], one["reached"], tuple(one["wrong"])))
            for wrong in one["wrong"]:
                _say(f"WRONG: {one['scene']}, {one['point']}: {wrong}")
            if len(found) % 25 == 0:
                _say(f"{len(found)} of {len(work)} boundaries")
        return found
    finally:
        models.close()


def at_random(folder: Path, postgres: Server | None, kills: int, seed: int, *, on: bool) -> Load:
    """So many kills, and, when it may go `on`, more until each class has its share."""
    whole = Load()
    while (left := kills - whole.kills) > 0 or (on and rare(whole.landed) and whole.kills < MOST):
        size = min(load.AN_EPOCH, -(-left // LANES)) if left > 0 else load.AN_EPOCH
        lanes = range(min(LANES, left) if left > 0 else LANES)
        work = [(folder / f"load{lane}", postgres, seed + lane, size) for lane in lanes]
        for one in shared(work, LANES, lambda _, epoch: _epoch(*epoch)):
            whole.add(Load(one["kills"], Counter(one["landed"]), one["wrong"]))
            for wrong in one["wrong"]:
                _say(f"WRONG: {wrong}")
        seed += LANES
        _say(f"{whole.kills} kills at random; rare: {', '.join(rare(whole.landed)) or 'none'}")
    return whole


def _epoch(folder: Path, postgres: Server | None, seed: int, kills: int) -> dict[str, object]:
    models = Models(load.plays(seed), pace=0.002)
    try:
        done = load.epoch(seed, folder, Ground(models.variables, postgres), kills)
        return {"kills": done.kills, "landed": dict(done.landed), "wrong": done.wrong}
    finally:
        models.close()


def _say(sentence: str) -> None:
    sys.stderr.write(f"{datetime.now(UTC):%H:%M:%S} {sentence}\n")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m maquette.testing.proof", description=__doc__)
    parser.add_argument("--on", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--sample", type=int, metavar="COUNT", help="only so many boundaries, chosen by the seed")
    parser.add_argument("--scene", action="append", default=[], help="only this one; may be said again")
    parser.add_argument("--kills", type=int, default=500, help="at random, at least (500)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--page", type=Path, help="where to write what came of it")
    args = parser.parse_args(arguments)
    began, whole = time.monotonic(), args.sample is None
    trials.load()
    postgres = Server() if args.on == "postgres" else None
    try:
        with tempfile.TemporaryDirectory(prefix="prove-") as folder:
            bounded = at_boundaries(Path(folder), postgres, args.sample, args.seed, args.scene)
            chance = at_random(Path(folder), postgres, args.kills, args.seed, on=whole)
    finally:
        if postgres is not None:
            postgres.stop()
    text = "\n".join(page(args.on, bounded, chance, time.monotonic() - began))
    if args.page:
        args.page.write_text(text)
    sys.stdout.write(text)
    if whole and (few := rare(chance.landed)):
        _say(f"fewer than {FEWEST} kills landed so: {', '.join(few)}")
        return 1
    return int(bool(chance.wrong) or any(one.wrong for one in bounded))


if __name__ == "__main__":
    sys.exit(main())
