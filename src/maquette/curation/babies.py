"""How far a baby version has drifted from the real one: what of that has changed since, of all that the baby mimics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from maquette.curation.lines import changes, split
from maquette.domain.messages import Call

SKILL = "baby-version"
Sides = Mapping[str, tuple[bytes | None, bytes | None]]
"""By path, what a file held and holds; None: there was or is none."""


@dataclass(frozen=True)
class Drift:
    """Of the baby's files and lines: how many are otherwise in the real one now; the paths, and those gone there.

    `own`: paths that the baby had otherwise from the start. `new`: files that the real one has since.
    """

    files: int
    lines: int
    changed: tuple[str, ...]
    gone: tuple[str, ...]
    moved: int
    own: tuple[str, ...]
    new: int

    @property
    def share(self) -> float:
        """Of its lines, those that are no longer in the real one, in 0 … 1."""
        return min(1.0, self.moved / self.lines) if self.lines else 0.0

    def __str__(self) -> str:
        since = f" The real one has {self.new} new file{'s' * (self.new != 1)}." if self.new else ""
        if not self.changed and not self.gone:
            return f"The real one is as it was, in all {self.files} files that the baby mimics.{since}"
        gone = f", {len(self.gone)} gone" if self.gone else ""
        return (
            f"Of {self.files} files that it mimics, {len(self.changed)} changed in the real one{gone}: "
            f"{self.share:.0%} of its lines.{since}"
        )


def drift(real: Sides, baby: Sides, files: int, lines: int) -> Drift:
    """`real`: what has changed in the real one since the baby was made of it; `baby`: how the baby differed then."""
    cut = {path for path, (_, after) in baby.items() if after is None}
    mimicked = {path: sides for path, sides in real.items() if sides[0] is not None and path not in cut}
    changed = {path: sides for path, sides in mimicked.items() if sides[1] is not None}
    return Drift(
        files,
        lines,
        tuple(sorted(changed)),
        tuple(sorted(mimicked.keys() - changed.keys())),
        sum(_moved(*sides) for sides in mimicked.values()),
        tuple(sorted(path for path, (_, after) in baby.items() if after is not None)),
        sum(before is None for before, _ in real.values()),
    )


def _moved(before: bytes | None, after: bytes | None) -> int:
    """Lines of the one that aren't in the other any more."""
    one, two = (split((side or b"").decode(errors="replace")) for side in (before, after))
    return sum(change.end - change.start for change in changes(one, two))


def opens(call: Call) -> bool:
    """Whether a call opens the skill that makes them, so that what a person asked for in words is noticed, too."""
    return call.name == "skill" and SKILL in call.arguments
