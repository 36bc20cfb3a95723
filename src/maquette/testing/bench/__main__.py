"""`make bench`: the table on the terminal; results, history and a chart in `bench/`, where it is run."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import orjson

from maquette.testing.bench import (
    attempts,
    bursts,
    galleries,
    logs,
    pages,
    posts,
    report,
    sessions,
    steps,
    streams,
    votes,
)
from maquette.testing.bench.models import Models
from maquette.testing.bench.peers import peers
from maquette.testing.bench.rig import Measure, Rig, say
from maquette.testing.bench.rows import Row
from maquette.testing.bench.steps import QUICK

FILES = (steps, sessions, bursts, logs, posts, pages, streams, votes, attempts, galleries)
MEASURES: list[Measure] = [measure for file in FILES for measure in file.MEASURES]
ROWS = [row for measure in MEASURES for row in measure.rows]
FOLDER = Path("bench")


def _steps(text: str) -> int:
    if int(text) < QUICK:
        raise argparse.ArgumentTypeError(f"it takes at least {QUICK}")
    return int(text)


def _is_wanted(row: Row, names: Sequence[str]) -> bool:
    """Named in whole, or by a part that is no row's whole name."""
    whole = {one.name for one in ROWS}
    return row.name in names or any(name not in whole and name.lower() in row.name.lower() for name in names)


def main(arguments: list[str] | None = None) -> int:
    """0 once all that was wanted is measured, whatever came of it; 1 where one of ours broke off."""
    parser = argparse.ArgumentParser("python -m maquette.testing.bench", description=__doc__)
    parser.add_argument("--only", nargs="+", default=[""], metavar="NAME", help="rows whose name holds one of these")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} steps where it would be 1,000; everything once")
    parser.add_argument("--steps", type=_steps, help="how long the long runs are (1,000)")
    args = parser.parse_args(arguments)
    wanted = [row for row in ROWS if _is_wanted(row, args.only)]
    if not wanted:
        parser.error("no row is called so; there are:\n  " + "\n  ".join(row.name for row in ROWS))
    load = os.getloadavg()[0]
    FOLDER.mkdir(parents=True, exist_ok=True)
    # Not below /tmp: codex puts no helpers there, and then its sandbox runs nothing.
    with tempfile.TemporaryDirectory(prefix=".at-", dir=FOLDER.absolute()) as place, Models() as models:
        here = tuple(peers(Path(place) / "peers", models.variables))
        rig = Rig(Path(place), models, here, args.steps or (QUICK if args.quick else 1000), 1 if args.quick else 5)
        rig = replace(rig, peers=rig.working())
        say(f"load {load:.1f}; beside us: {', '.join(peer.name for peer in rig.peers) or 'nobody'}")
        found, taken = list[report.Result](), list[Row]()
        for measure in MEASURES:
            if rows := [row for row in measure.rows if row in wanted]:
                with rig.bearing(", ".join(row.name for row in rows)):
                    measure.take(rig)
                taken += rows
                found = report.results(rig, taken, load)
                (FOLDER / "results.json").write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2) + b"\n")
    (FOLDER / "chart.svg").write_text(report.chart(found))
    report.remember(FOLDER / "history.jsonl", found)
    sys.stdout.writelines(f"{line}\n" for line in report.table(rig, wanted))
    return int(bool(rig.found.without.keys() - {peer.name for peer in rig.peers}))


if __name__ == "__main__":
    sys.exit(main())
