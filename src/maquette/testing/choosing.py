"""How well it is chosen, as tables: `python -m maquette.testing.choosing best|intervals|pick|groups|folds`.

All of it is by simulated judges, puzzles and variants whose truth is known. What a table must come to is asserted by
the tests that are named beside it in docs/reference/choosing.md.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import mean

from maquette.curation.grouping import BY, compared, grouped
from maquette.curation.judges import Agreement
from maquette.curation.ranking import ranked
from maquette.curation.tallies import Tallies, count
from maquette.testing import picks, threes
from maquette.testing.judges import KINDS, Noisy, Tied, found
from maquette.testing.kin import kin, scored

NINETY = tuple(f"attempt-{n:02}" for n in range(90))
SPREADS, EACH = (0.7, 1.5, 3.0), (4, 10)
FRESH = 20_000
"""Seeds from here on were never looked at when the ranking was made."""
Rows = Iterable[Sequence[str]]


def best(seeds: int, random: int) -> tuple[Sequence[str], Rows]:
    """Until one within 5 % of the best of 90 is known with 95 % confidence; random pairs with `random` of the seeds."""

    def rows() -> Rows:
        right: list[bool] = []
        for kind, judge in KINDS.items():
            ours = [found(judge(NINETY, Random(seed))) for seed in range(seeds)]
            theirs = [found(judge(NINETY, Random(seed)), Random(seed + 1000)) for seed in range(random)]
            good = [one.good for one in ours]
            right += good
            asked, any_ = (mean(one.votes for one in some[:random]) for some in (ours, theirs))
            every = mean(one.votes for one in ours)
            yield kind, f"{every:,.0f}", _of(good), f"{any_:,.0f}", f"{asked / any_:.1%}"
        yield "all", "", f"{_of(right)}: {_interval(right)}", "", ""

    return ("judge", "comparisons asked for", "right when sure", "random pairs, same seeds", "share"), rows()


def intervals(seeds: int, first: int) -> tuple[Sequence[str], Rows]:
    """30 items, four and ten votes each; how many intervals of 95 % hold the truth. Seeds are those from `first` on."""

    def rows() -> Rows:
        for kind, judge in (("noisy", Noisy), ("tied", Tied)):
            for spread in SPREADS:
                for each in EACH:
                    some = [held(judge, spread, each, seed) for seed in range(first, first + seeds)]
                    every = [one for ones in some for one in ones]
                    yield kind, f"{spread:g}", str(each), f"{len(every):,}", f"{mean(every):.1%}"

    return ("judge", "logits apart", "votes an item", "intervals", "hold the truth"), rows()


def held(judge: type[Noisy], spread: float, each: int, seed: int) -> list[bool]:
    """Of 30 items whose tastes lie `spread` logits apart, after `each` votes an item between any two."""
    items = NINETY[:30]
    true = judge(items, Random(seed), spread=spread)
    random = Random(seed + 100)
    tallies: Tallies = {}
    for _ in range(len(items) * each // 2):
        one, two = random.sample(items, 2)
        count(tallies, (min(one, two), max(one, two)), true.choose(one, two))
    average = mean(true.strengths.values())
    return [one.low <= true.strengths[one.item] - average <= one.high for one in ranked(items, tallies).places]


def pick(seeds: int, times: int) -> tuple[Sequence[str], Rows]:
    """16 puzzles, twelve attempts each, one or two of them right; `times` choices of these for each seed."""
    with tempfile.TemporaryDirectory() as folder:
        came = asyncio.run(picks.shares(Path(folder), range(seeds), times))
    rows = [("our pick", f"{came.ours:.1%}", f"{came.closed:.1%}")]
    rows += [("largest change", f"{came.largest:.1%}", f"{_gap(came.largest, came.any_one):.1%}")]
    rows += [("longest summary", f"{came.talkative:.1%}", f"{_gap(came.talkative, came.any_one):.1%}")]
    rows += [("any one", f"{came.any_one:.1%}", "0.0%")]
    return ("by", "is right", "of the gap to one that is right"), rows


def _gap(share: float, any_one: float) -> float:
    return (share - any_one) / (1 - any_one)


def groups(seeds: int, each: int) -> tuple[Sequence[str], Rows]:
    """18 recipes, `each` variants of every one."""
    made = [kin(each, Random(seed)) for seed in range(seeds)]
    near = [compared([one.traits for one in some]) for some in made]

    def rows() -> Rows:
        for by, judged in BY.items():
            scores = [
                scored(
                    grouped([one.traits.name for one in some], likenesses, judged),
                    {one.traits.name: one.recipe for one in some},
                )
                for some, likenesses in zip(made, near, strict=True)
            ]
            worst = min(score.f1 for score in scores)
            yield by, f"{mean(one.f1 for one in scores):.2f}", f"{worst:.2f}", f"{mean(s.rand for s in scores):.2f}"

    return ("grouped by", "F1 of pairs", "the worst", "adjusted Rand"), rows()


def folds(seeds: int, pairs: int) -> tuple[Sequence[str], Rows]:
    """So many `pairs` of each pool for each seed, held to `git merge-file`; and so many folds of four, line by line."""
    rows: list[Sequence[str]] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, pool in threes.POOLS.items():
            some = [threes.compared(Path(folder), pool, Random(seed), pairs) for seed in range(seeds)]
            sums = [sum(getattr(one, key) for one in some) for key in ("clean", "conflicts", "asked", "wrong")]
            rows.append((name, *(f"{value:,}" for value in sums)))
    lines = [pair for seed in range(seeds * 20) for pair in zip(*threes.traced(Random(seed)), strict=True)]
    wrong = sum(wrote != told for wrote, told in lines)
    rows.append((f"{len(lines):,} lines, whose each is", f"{len(lines) - wrong:,} right", "", "", f"{wrong:,}"))
    return ("lines", "clean, and git's answer", "conflicts", "git alone knows", "wrong"), rows


def _of(some: Sequence[bool]) -> str:
    return f"{sum(some)} of {len(some)}"


def _interval(some: Sequence[bool]) -> str:
    low, high = Agreement(sum(some), len(some)).interval
    return f"{low:.1%} to {high:.1%}"


TABLES: dict[str, tuple[Callable[[int, int], tuple[Sequence[str], Rows]], int, int]] = {
    "best": (best, 20, 3),
    "intervals": (intervals, 300, FRESH),
    "pick": (pick, 5, 12),
    "groups": (groups, 4, 5),
    "folds": (folds, 2, 300),
}
"""With how many seeds, and how many of what each says."""


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("maquette.testing.choosing", description=__doc__)
    parser.add_argument("table", choices=TABLES)
    parser.add_argument("--seeds", type=int)
    parser.add_argument("--more", type=int, help="seeds for random pairs, the first seed, choices, variants, pairs")
    args = parser.parse_args(argv)
    made, seeds, more = TABLES[args.table]
    columns, rows = made(args.seeds or seeds, args.more or more)
    for cells in (columns, ["---"] * len(columns), *rows):
        _say(f"| {' | '.join(cells)} |")
    _say(f"\n{datetime.now(UTC):%d %B %Y}, --seeds {args.seeds or seeds} --more {args.more or more}")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
