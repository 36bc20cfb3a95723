"""Runs every attempt through every sandbox that works here, and prints what came of it as a table."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import anyio

import maquette
from maquette.testing.escapes.attempts import ATTEMPTS
from maquette.testing.escapes.ground import ground
from maquette.testing.escapes.subjects import Subject, subjects, tried


async def outcomes(where: Path, found: Sequence[Subject]) -> list[list[str]]:
    """A line for each attempt, each on new ground."""
    lines: list[list[str]] = []
    for attempt in ATTEMPTS:
        cells: list[str] = []
        for subject in found:
            with ground(where) as made:
                cells.append("**got out**" if await tried(subject, attempt, made) else "held")
        lines.append([attempt.row, attempt.name, *cells])
        sys.stderr.write(f"{attempt.row} {attempt.name}: {', '.join(cells)}\n")
    return lines


def table(found: Sequence[Subject], lines: list[list[str]]) -> str:
    heads = ["row", "attempt", *(subject.name for subject in found)]
    counts = ["", "held"]
    for at in range(2, len(heads)):
        counts.append(f"{sum(line[at] == 'held' for line in lines)} of {len(lines)}")
    rows = [heads, ["---"] * len(heads), *lines, counts]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def versions() -> str:
    bubblewrap = subprocess.run(["bwrap", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    who = "root" if os.geteuid() == 0 else "an ordinary user"
    today = datetime.now(UTC).date().isoformat()
    return f"{today}, as {who}: maquette {maquette.__version__}, {bubblewrap}, Linux {platform.release()}."


def main() -> None:
    said = argparse.ArgumentParser(prog="python -m maquette.testing.escapes", description=__doc__)
    said.add_argument("--where", type=Path, default=Path.home(), help="a folder to do it in; not below /tmp")
    options = said.parse_args()

    async def run() -> str:
        found = await subjects()
        lines = await outcomes(options.where, found)
        given = "\n".join(f"- {subject.name}: {subject.given}." for subject in found)
        return f"{versions()}\n\n{given}\n\n{table(found, lines)}\n"

    sys.stdout.write(anyio.run(run))


if __name__ == "__main__":
    main()
