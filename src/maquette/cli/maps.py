"""`explore map`: where attempts are, near being alike, and who is near whom."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from maquette.cli import endings, screen
from maquette.cli.link import Json, Link, segment

WIDE, HIGH = 72, 20
"""Characters and lines of a map."""


def tell(link: Link, args: argparse.Namespace) -> int:
    spots = link.get(f"/explorations/{segment(args.exploration)}/map")
    if args.json:
        return screen.as_json(spots)
    out = screen.out()
    if not spots:
        out.line(("Nothing has come of any attempt yet.", "dim"))
        return endings.DONE
    if out.live:
        for line in drawn(spots):
            out.line(line)
    out.table(("attempt", "near", "alike by"), [_near(one) for one in spots])
    return endings.DONE


def drawn(spots: Sequence[Json]) -> list[str]:
    """Each number at its place; where that is taken, beside it."""
    lows, highs = ([edge(one[side] for one in spots) for side in ("x", "y")] for edge in (min, max))
    lines = [[" "] * WIDE for _ in range(HIGH)]
    for one in spots:
        across, down = (
            round((one[side] - low) / ((high - low) or 1) * (size - 1))
            for side, low, high, size in zip(("x", "y"), lows, highs, (WIDE - 4, HIGH), strict=True)
        )
        name = str(one["attempt"])
        free = [
            (3 * abs(row - down) + abs(at - across), row, at)
            for row, line in enumerate(lines)
            for at in range(WIDE - len(name) + 1)
            if set(line[max(at - 1, 0) : at + len(name) + 1]) == {" "}
        ]
        _, row, at = min(free)
        lines[row][at : at + len(name)] = name
    return ["".join(line).rstrip() for line in lines]


def _near(one: Json) -> tuple[str, str, str]:
    near = one["near"]
    whys = "; ".join(f"{two['attempt']}: {', '.join(two['why'])}" for two in near)
    return str(one["attempt"]), ", ".join(str(two["attempt"]) for two in near), whys or "like no other"
