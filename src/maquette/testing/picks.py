"""Choosing by evidence, held to hidden tests: attempts at puzzles, right, wrong and nearly right, run in a box."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import mean
from typing import Any

from maquette.curation.grouping import BY, Traits, compared, grouped
from maquette.curation.picking import Evidence, picked
from maquette.curation.shingles import words
from maquette.kinds.sandboxes import Profile
from maquette.testing import solving
from maquette.testing.mutants import mutants
from maquette.testing.puzzles import PUZZLES, Puzzle
from maquette.testing.tools import best_sandbox

EXAMPLES, TRIED, HIDDEN = 3, 30, 60
"""Inputs by what they are for: known to everybody; made up and compared; seen by nobody but who counts."""


@dataclass(frozen=True)
class Attempt:
    """`right`: it is so on each hidden input. `said`: how long its summary is."""

    evidence: Evidence
    right: bool
    said: int


async def ran(folder: Path, jobs: Sequence[tuple[str, Sequence[tuple[Any, ...]]]]) -> list[list[str | None]]:
    box = (await best_sandbox()).box(Profile(root=folder, readable=(Path(solving.__file__),)))
    said = bytearray()
    try:
        ended = await box.run(
            [sys.executable, "-I", solving.__file__], sink=said.extend, seconds=50, stdin=json.dumps(jobs).encode()
        )
    finally:
        await box.close()
    assert ended.status == 0, said[-2_000:]
    return json.loads(said)


def inputs(puzzle: Puzzle, random: Random) -> list[tuple[Any, ...]]:
    return [puzzle.easy(random) for _ in range(EXAMPLES)] + [puzzle.any(random) for _ in range(TRIED + HIDDEN)]


def attempts(
    sources: Sequence[str], outputs: Mapping[str, list[str | None]], truth: list[str | None], random: Random
) -> list[Attempt]:
    """With what is known of each: tests are three inputs each, with what their author holds to be right: mostly is."""
    names = [f"{n}" for n in range(len(sources))]
    everyone = [Traits(name, words({"f.py": ("", source)})) for name, source in zip(names, sources, strict=True)]
    kin = {
        member: group.members[0]
        for group in grouped(names, compared(everyone), BY["change"], 0.97)
        for member in group.members
    }
    tests: dict[str, tuple[int, str | None]] = {}
    for name, source in zip(names, sources, strict=True):
        for at in random.sample(range(EXAMPLES, EXAMPLES + TRIED), 3):
            tests[f"{name} on {at}"] = (at, truth[at] if random.random() < 0.7 else outputs[source][at])
    found: list[Attempt] = []
    for name, source in zip(names, sources, strict=True):
        came = outputs[source]
        evidence = Evidence(
            name,
            {f"example {n}": came[n] == truth[n] for n in range(EXAMPLES)},
            {str(n): came[n] for n in range(EXAMPLES, EXAMPLES + TRIED)},
            {test: came[at] == expected for test, (at, expected) in tests.items()},
            kin[name],
            source.count("\n"),
        )
        found.append(Attempt(evidence, came[-HIDDEN:] == truth[-HIDDEN:], random.randint(20, 200)))
    return found


def chosen(puzzle: Puzzle, outputs: Mapping[str, list[str | None]], random: Random) -> list[str]:
    """Twelve: one or two that are right, two that fail an example, the others nearly right, one of them three times."""
    truth = outputs[written(puzzle.ways[0])]
    others = [source for source in outputs if outputs[source][-HIDDEN:] != truth[-HIDDEN:]]
    nearly = [source for source in others if outputs[source][:EXAMPLES] == truth[:EXAMPLES]]
    wrong = [source for source in others if outputs[source][:EXAMPLES] != truth[:EXAMPLES]]
    right = [source for source in outputs if outputs[source] == truth]
    random.shuffle(nearly)
    random.shuffle(wrong)
    made = [*random.sample(right, min(len(right), random.choice([1, 2, 2]))), *wrong[:2], *nearly[:7]]
    made += nearly[:1] * 2
    random.shuffle(made)
    return made


def written(source: str) -> str:
    """As mutants are, so that nothing but what it does tells a right one from them, least of all its size."""
    return f"{ast.unparse(ast.parse(source))}\n"


async def known(folder: Path, random: Random) -> list[dict[str, list[str | None]]]:
    """By puzzle, what each right way and each of its mutants comes to."""
    sources = [list(dict.fromkeys(one for way in p.ways for one in (written(way), *mutants(way)))) for p in PUZZLES]
    given = [inputs(puzzle, random) for puzzle in PUZZLES]
    jobs = [(source, mine) for several, mine in zip(sources, given, strict=True) for source in several]
    came = iter(await ran(folder, jobs))
    return [{source: next(came) for source in several} for several in sources]


@dataclass(frozen=True)
class Shares:
    """How often it is right: our pick, any one, the largest change, the one that says most of itself."""

    ours: float
    any_one: float
    largest: float
    talkative: float

    @property
    def closed(self) -> float:
        """Of the gap from any one to one that is right, which there always is."""
        return (self.ours - self.any_one) / (1 - self.any_one)


async def shares(folder: Path, seeds: Sequence[int], times: int) -> Shares:
    """Over all puzzles, with what inputs and mutants each seed gives, `times` choices of twelve attempts each."""
    found: list[tuple[bool, float, bool, bool]] = []
    several = [pair for seed in seeds for pair in zip(PUZZLES, await known(folder, Random(seed)), strict=True)]
    for puzzle, outputs in several:
        truth, other = (outputs[written(way)] for way in puzzle.ways)
        assert other == truth, puzzle.name
        for time in range(times):
            random = Random(time)
            made = attempts(chosen(puzzle, outputs, random), outputs, truth, random)
            best = picked([attempt.evidence for attempt in made])[0].name
            largest = max(made, key=lambda attempt: attempt.evidence.size)
            talkative = max(made, key=lambda attempt: attempt.said)
            found.append((made[int(best)].right, mean(one.right for one in made), largest.right, talkative.right))
    return Shares(*(mean(values) for values in zip(*found, strict=True)))
