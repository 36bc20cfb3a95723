"""What was found: on the terminal, as JSON, as lines of a history, and drawn."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import orjson

from maquette.testing.bench.peers import Peer
from maquette.testing.bench.rig import Rig
from maquette.testing.bench.rows import Row

Result = Mapping[str, object]


def results(rig: Rig, rows: Sequence[Row], load: float) -> list[Result]:
    """A row for each figure and each peer that has it too; one with an empty `peer` where none has. What couldn't be
    measured has no value.
    """
    found: list[Result] = []
    for row in rows:
        value = rig.found.value(row)
        beside = [(peer, rig.found.value(row, peer.name)) for peer in rig.peers]
        for peer, theirs in [pair for pair in beside if pair[1] is not None] or [(None, None)]:
            found.append(_result(rig, row, value, peer, theirs) | {"load": round(load, 2)})
    return found


def _result(rig: Rig, row: Row, value: float | None, peer: Peer | None, theirs: float | None) -> dict[str, object]:
    return {
        "name": row.name,
        "value": None if value is None else _rounded(value),
        "unit": row.unit,
        "target": row.target,
        "met": row.met(value),
        "sandbox": rig.found.sandbox,
        "peer": peer.name if peer else "",
        "peer_value": None if theirs is None else _rounded(theirs),
        "peer_sandbox": peer.sandbox if peer else "",
        "steps": rig.steps,
        "peer_steps": rig.found.lengths.get(peer.name, rig.steps) if peer else None,
        "command": row.command,
    }


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def table(rig: Rig, rows: Sequence[Row]) -> Iterator[str]:
    """In Markdown, line by line: ours, the target and whether it is met, then who is beside it."""
    peers = [f"{peer.name}" for peer in rig.peers]
    yield f"Ours with sandbox: {rig.found.sandbox}. " + " ".join(f"{p.name}: sandbox {p.sandbox}." for p in rig.peers)
    yield ""
    yield "| what | unit | maquette | target | met | " + " | ".join(peers) + " |"
    yield "| --- | --- | ---: | ---: | --- |" + " ---: |" * len(peers)
    for row in rows:
        value = rig.found.value(row)
        theirs = [_told(rig.found.value(row, peer)) for peer in peers]
        met = {True: "yes", False: "**no**", None: ""}[row.met(value)]
        yield f"| {row.name} | {row.unit} | {_told(value)} | {row.target} | {met} | " + " | ".join(theirs) + " |"
    stopped = [f"{who} was stopped after {steps} steps of {rig.steps}." for who, steps in rig.found.lengths.items()]
    missing = [f"No figure for {who}: {' '.join(why.split())[:300]}" for who, why in rig.found.without.items()]
    for line in (*stopped, *missing):
        yield from ("", line)


def _told(value: float | None) -> str:
    return "n/a" if value is None else f"{_rounded(value):,g}" if value >= 1000 else f"{value:.3g}"


def remember(file: Path, found: Sequence[Result]) -> None:
    """A line for each run, so that it can be seen how figures went."""
    line = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load": found[0]["load"] if found else None,
        "figures": {str(one["name"]): one["value"] for one in found if one["value"] is not None},
    }
    with file.open("ab") as history:
        history.write(orjson.dumps(line) + b"\n")


def _commit() -> str:
    """With a + where there is more than it holds."""
    said = [_git("rev-parse", "--short", "HEAD"), _git("status", "--porcelain", "--untracked-files=no")]
    return said[0] + ("+" if said[1] else "")


def _git(*words: str) -> str:
    here = Path(__file__).parent
    ended = subprocess.run(["git", "-C", str(here), *words], capture_output=True, text=True, check=False)
    return ended.stdout.strip()


HEIGHT, LEFT, WIDE, RIGHT = 18, 360, 420, 160


def chart(found: Sequence[Result]) -> str:
    """An SVG. A bar for ours and for each peer, of a row's own scale; a line where the target is."""
    drawn, y = list[str](), 40
    for name in dict.fromkeys(str(one["name"]) for one in found):
        own = [one for one in found if one["name"] == name and one["value"] is not None]
        if not own:
            continue
        bars = [("maquette", own[0]["value"])] + [(one["peer"], one["peer_value"]) for one in own if one["peer"]]
        values = [float(str(value)) for _, value in bars]
        target = str(own[0]["target"]).partition(" ")[2]
        scale = WIDE / (max([*values, float(target or 0)]) or 1)
        drawn.append(_text(8, y + 13, f"{name}, {own[0]['unit']}", weight="bold"))
        for (who, _), value in zip(bars, values, strict=True):
            ours = who == "maquette"
            colour = "#888" if not ours else "#b3261e" if own[0]["met"] is False else "#2e7d32"
            wide = max(1.0, scale * max(0.0, value))
            drawn.append(f'<rect x="{LEFT}" y="{y + 2}" width="{wide:.1f}" height="{HEIGHT - 4}" fill="{colour}"/>')
            drawn.append(_text(LEFT + wide + 6, y + 13, f"{_told(value)}  {who}"))
            y += HEIGHT
        if target:
            x, top = LEFT + scale * float(target), y - HEIGHT * len(bars)
            drawn.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{y}" stroke="#000" stroke-dasharray="2 2"/>')
        y += 8
    size = f'width="{LEFT + WIDE + RIGHT}" height="{y + 8}"'
    told = _text(
        8, 20, "Ours green where the target (dashed) is met, red where not; peers grey. Each row has its own scale."
    )
    body = "\n".join([told, *drawn])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">\n'
        f'<rect width="100%" height="100%" fill="#fff"/>\n{body}\n</svg>\n'
    )


def _text(x: float, y: float, words: str, weight: str = "normal") -> str:
    return f'<text x="{x:.1f}" y="{y}" font-weight="{weight}">{escape(words)}</text>'
