"""Generated folds: a base and two that were made of it, and what git makes of the three."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from maquette.curation.folding import folded
from maquette.curation.lines import Traced
from maquette.domain.folds import BASE

POOLS: dict[str, Sequence[str]] = {
    "alike": ("", "}", "x"),
    "distinct": tuple(f"line {n}" for n in range(60)),
}
"""What lines are taken from: few, so that much could be meant by each, or many."""


def text(lines: Sequence[str], *, ended: bool = True) -> str:
    return "".join(f"{line}\n" for line in lines).removesuffix("" if ended else "\n")


def gits(folder: Path, base: str, ours: str, theirs: str) -> str | None:
    """Git's three-way answer. None: a conflict."""
    for name, content in (("base", base), ("ours", ours), ("theirs", theirs)):
        (folder / name).write_text(content)
    words = ["git", "merge-file", "-p", "ours", "base", "theirs"]
    ran = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    return ran.stdout if ran.returncode == 0 else None


def tossed(random: Random, lines: Sequence[str], pool: Sequence[str], edits: int) -> list[str]:
    """With so many edits: lines put in, left out, changed, moved."""
    made = list(lines)
    for _ in range(edits):
        at = random.randint(0, len(made))
        kind = random.choice(["in", "out", "other", "move"])
        if kind == "in":
            made[at:at] = random.choices(pool, k=random.randint(1, 3))
        elif made and kind == "out":
            del made[at : at + random.randint(1, 2)]
        elif made and kind == "other":
            made[at : at + 1] = [random.choice(pool)]
        elif made:
            made.insert(at, made.pop(random.randrange(len(made))))
    return made


def wrote(base: Traced, who: str, random: Random, share: float) -> Traced:
    """Each line that somebody adds or changes says who it was, so that what is told of it can be checked."""
    lines: list[str] = []
    for line in base.lines:
        chance = random.random()
        lines.append(f"{who}: {random.random()}\n" if chance < share else line)
        if chance > 1 - share:
            lines.append(f"{who}: {random.random()}\n")
    return base.edited("".join(lines), who)


@dataclass(frozen=True)
class Outcomes:
    """`clean` and as git has them; `conflicts` on both sides; `asked`: git alone has an answer, and is asked in the
    end; `wrong`: called clean, and not what git makes of it.
    """

    clean: int = 0
    conflicts: int = 0
    asked: int = 0
    wrong: int = 0


def compared(folder: Path, pool: Sequence[str], random: Random, count: int) -> Outcomes:
    """So many generated pairs, folded by us and by git."""
    clean = conflicts = asked = wrong = 0
    for _ in range(count):
        base = random.choices(pool, k=random.randint(0, 25))
        sides = [text(tossed(random, base, pool, random.randint(0, 3))) for _ in range(2)]
        git = gits(folder, text(base), *sides)
        ours = folded("a", *[Traced.of(side, BASE) for side in (text(base), *sides)])
        if ours.clashes:
            conflicts += git is None
            asked += git is not None
        else:
            same = (ours.text.text if ours.text else "") == git
            clean, wrong = clean + same, wrong + (not same)
    return Outcomes(clean, conflicts, asked, wrong)


def traced(random: Random) -> tuple[list[str], list[str]]:
    """Folds of four, with edits in between and kept as it is stored: of each line who wrote it, and who is said to."""
    base = Traced.of(text([f"{BASE}: {n}" for n in range(120)]), BASE)
    now = wrote(base, "1", random, 0.02)
    for who in ("17", "23", "31"):
        took = folded("a", base, now, wrote(base, who, random, 0.03))
        now = took.text if took.text and not took.clashes else now
        now = wrote(now, f"edit of {who}", random, 0.01)
        now = Traced.kept(now.text, now.spans)
    return [line.split(":")[0] for line in now.lines], [*now.origins]
