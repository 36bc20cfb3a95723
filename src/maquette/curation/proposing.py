"""A plan of what to take from which, proposed: what others changed where nothing stands in its way.

By rule: who comes first is asked first, and of what is alike only one. What it is worth, nobody knows but who looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from maquette.curation.folding import Files, foreseen
from maquette.curation.lines import changes
from maquette.domain.folds import Take

MOST = 4
"""Takes that are proposed: as many as somebody still looks at."""
HUNKS = 12
"""Of one file, that are tried one by one."""


def proposed(base: Files, ours: Files, others: Mapping[str, Files], most: int = MOST) -> list[Take]:
    """In the order of `others`. A file that goes in whole is taken whole; else those of its hunks that do."""
    found: list[Take] = []
    for of, theirs in others.items():
        for path in sorted({*base, *theirs}):
            before, after = base.get(path), theirs.get(path)
            if (before and before.text) == (after and after.text):
                continue
            for take in _takes(of, path, base, theirs):
                if len(found) < most and _adds(base, ours, others, [*found, take]):
                    found.append(take)
                    break
    return found


def _takes(of: str, path: str, base: Files, theirs: Files) -> Sequence[Take]:
    whole = Take(of=of, path=path)
    if path not in base or path not in theirs:
        return [whole]
    hunks = len(changes(base[path].lines, theirs[path].lines))
    alone = [Take(of=of, path=path, hunks=(number,)) for number in range(min(hunks, HUNKS))]
    return [whole, *alone] if hunks > 1 else [whole]


def _adds(base: Files, ours: Files, others: Mapping[str, Files], plan: Sequence[Take]) -> bool:
    """Whether the last of it goes in, and brings something."""
    seen = foreseen(base, ours, others, plan)
    return seen.clean and bool(seen.steps[-1].files)
