"""What ten replies get, reader by reader and day by day: `python -m maquette.testing.readers [SEED …]`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from maquette.testing.readers.trials import Score, trial

SEEDS = range(1, 21)


def main(seeds: list[int]) -> None:
    gains: list[float] = []
    taught: list[list[Score]] = []
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            came = trial(Path(folder), seed)
        gains.append(came.gain())
        taught.append(came.scores)
        _say(f"reader {seed}: gain {came.gain():.2f}, {came.cases} cases, {len(came.red)} lost")
    _say(f"mean gain {sum(gains) / len(gains):.2f}; at least half: {sum(g >= 0.5 for g in gains)} of {len(gains)}")
    for day, scores in enumerate(zip(*taught, strict=True), 1):
        precision, recall = (sum(of) / len(of) for of in zip(*((s.precision, s.recall) for s in scores), strict=True))
        _say(f"day {day}: precision {precision:.2f}, recall {recall:.2f}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main([int(seed) for seed in sys.argv[1:]] or list(SEEDS))
