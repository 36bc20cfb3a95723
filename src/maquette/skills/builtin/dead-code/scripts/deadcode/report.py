"""What happened, for a person and for a program."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from .checks import Outcome
from .removal import Removal
from .sweep import Left

_SHOWN = 60
_DULL = ("a special name", "a hook by its name", "in a file that is not")


@dataclass
class Report:
    """One run. `found` is what `--list` would try."""

    commands: Sequence[str]
    tracked: bool
    lines_before: int
    put_back: list[str]
    lines_after: int = 0
    runs: int = 0
    seconds: float = 0
    check_seconds: float = 0
    where: str = ""
    failing: Outcome | None = None
    removed: list[Removal] = field(default_factory=list[Removal])
    found: list[Removal] | None = None
    left: list[Left] = field(default_factory=list[Left])
    ran_out: bool = False

    @property
    def worth_saying(self) -> list[Left]:
        return [item for item in self.left if not item.why.startswith(_DULL)]


def as_markdown(report: Report) -> str:
    if report.failing is not None:
        text = report.failing.output.strip()[-1500:]
        return (
            "# Dead code: nothing was changed\n\nThe project's checks fail before anything was touched, so they can't "
            f"show whether a removal is safe.\n\n`{report.failing.command}` ended with:\n\n```\n{text}\n```"
        )
    parts = [_head(report)]
    if report.put_back:
        parts.append(
            f"An interrupted run had left these untried; they were put back first: {', '.join(report.put_back)}."
        )
    shown = report.removed if report.found is None else report.found
    if shown:
        rows = [(f"{r.kind} `{_cell(r.name)}`", f"{r.path}:{r.line}", str(r.lines), _cell(r.why)) for r in shown]
        title = "What went" if report.found is None else "What would be tried"
        parts.append(f"## {title}\n\n{_table(('what', 'where', 'lines', 'why'), rows)}")
    if report.worth_saying:
        rows = [(f"{i.kind} `{_cell(i.name)}`", i.where, _cell(i.why)) for i in report.worth_saying]
        parts.append(f"## What was left, and why\n\n{_table(('what', 'where', 'why'), rows)}")
    parts.append(_foot(report))
    return "\n\n".join(parts)


def _head(report: Report) -> str:
    if report.found is not None:
        return f"# Dead code: {len(report.found)} things could be tried\n\nNothing was changed."
    if not report.removed:
        return "# Dead code: nothing to remove\n\nNothing was found that no other code uses and that may safely go."
    files = len({p for r in report.removed for p in (*r.cuts, *r.deletes)})
    gone = report.lines_before - report.lines_after
    return (
        f"# Dead code: {gone} lines removed\n\n{len(report.removed)} things in {files} files: "
        f"{report.lines_before} lines of source before, {report.lines_after} after. "
        "Each group was kept only once the checks had passed without it."
    )


def _foot(report: Report) -> str:
    lines = [f"- checks: {', '.join(f'`{c}`' for c in report.commands)}, {report.where}"]
    lines.append(
        f"- runs of the checks: {report.runs}, about {report.check_seconds:.1f} s each; {report.seconds:.1f} s in all"
    )
    if report.ran_out:
        lines.append(
            "- **the bound on check runs or time was reached**; run it again, or with larger `--runs` and `--seconds`"
        )
    if not report.tracked:
        lines.append("- this is no git repo, so every source file counted as the project's")
    return "## How it was checked\n\n" + "\n".join(lines)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    lines += [f"| {' | '.join(row)} |" for row in rows[:_SHOWN]]
    more = f"\n\n… and {len(rows) - _SHOWN} more." if len(rows) > _SHOWN else ""
    return "\n".join(lines) + more


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def as_json(report: Report) -> str:
    """Keys: status, removed, left, found, lines_before, lines_after, check_runs, checks, seconds, changed_files."""
    shown = {
        "status": "checks-failing" if report.failing else "out-of-runs" if report.ran_out else "done",
        "lines_before": report.lines_before,
        "lines_after": report.lines_after,
        "removed": [_removal(r) for r in report.removed],
        "found": [_removal(r) for r in report.found or ()],
        "left": [{"kind": i.kind, "name": i.name, "where": i.where, "why": i.why} for i in report.left],
        "changed_files": sorted({p for r in report.removed for p in (*r.cuts, *r.deletes)}),
        "checks": list(report.commands),
        "check_runs": report.runs,
        "seconds": round(report.seconds, 2),
    }
    return json.dumps(shown, indent=1)


def _removal(removal: Removal) -> dict[str, object]:
    return {
        "kind": removal.kind, "name": removal.name, "path": removal.path, "line": removal.line, "lines": removal.lines,
        "why": removal.why,
    }  # fmt: skip
