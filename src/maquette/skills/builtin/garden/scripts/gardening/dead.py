"""Ideas out of what the dead-code skill finds: each with all that only it used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from deadcode.checks import Checks, InPlace
from deadcode.mentions import read_mentions
from deadcode.reach import find_dead, index_all
from deadcode.removal import CannotApply, Removal, apply
from deadcode.sweep import Sweep
from deadcode.tree import Tree

from .idea import Idea, Unsure, saved

LEFT = 5
"""Things that look unused and are kept, of which is told."""


def dead_code(tree: Tree, root: Path) -> Iterator[Idea | Unsure]:
    place = InPlace(root)
    try:
        sweep = Sweep(tree, place, Checks([], 0), False, 0, 0, 0)
        sweep.look()
    finally:
        place.close()
    for group in _groups(tree, sweep.found or []):
        try:
            state = apply(tree.python, group)
        except CannotApply as error:
            yield Unsure("dead code", _named(group), f"it can't be cut cleanly ({error})")
            continue
        after = {path: state.get(path) for path, data in tree.python.items() if state.get(path) != data}
        file = max(sorted({one.path for one in group}), key=lambda p: sum(r.lines for r in group if r.path == p))
        why = "; ".join(dict.fromkeys(f"{one.name}: {one.why}" for one in group))
        names = tuple(one.id for one in group)
        yield Idea("dead-code", file, names, f"{_named(group)} in {file}", why, saved(tree.python, after), after)
    yield from (Unsure("dead code", f"{one.name} ({one.where})", one.why) for one in sweep.left[:LEFT])


def _groups(tree: Tree, found: list[Removal]) -> list[list[Removal]]:
    """What is only used by what goes too goes with it; imports and branches go a file at a time."""
    files, _ = index_all(tree)
    users = find_dead(tree, files, read_mentions(tree), public=False, blocked=set()).users
    of = {one.id: one.id if one.kind not in ("import", "variable") else f"{one.kind} {one.path}" for one in found}
    for key, theirs in users.items():
        for user in theirs:
            if str(key) in of and str(user) in of:
                old, new = of[str(key)], of[str(user)]
                of = {id: new if group == old else group for id, group in of.items()}
    groups: dict[str, list[Removal]] = {}
    for one in found:
        groups.setdefault(of[one.id], []).append(one)
    return list(groups.values())


def _named(group: list[Removal]) -> str:
    kinds = {one.kind for one in group}
    what = f"{kinds.pop()}{'s' if len(group) > 1 else ''}" if len(kinds) == 1 else "code"
    names = list(dict.fromkeys(one.name for one in group))
    return f"unused {what} {', '.join(names[:3])}{' …' if len(names) > 3 else ''}"
