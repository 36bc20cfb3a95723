"""Folds: a part of what one commit changed, taken into another by git, in the store; nobody's files are touched."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from maquette.domain.errors import Refused
from maquette.workspace import snapshots
from maquette.workspace.diffs import contents, touched
from maquette.workspace.git import Git, joined
from maquette.workspace.merges import Conflict, three_way

LIMIT = 64 << 20
"""Bytes of all that is read to be folded."""


@dataclass(frozen=True)
class Fold:
    """`commit` has `ours` as its parent, and is `ours` itself where nothing changed or conflicts keep it from being."""

    commit: str
    conflicts: tuple[Conflict, ...] = ()


@asynccontextmanager
async def indexed(git: Git, store: Path) -> AsyncGenerator[Git]:
    """With an index of its own, beside the store's files. One at a time in a store."""
    index = store / "fold-index"
    names = [index, index.with_name("taken-index")]
    places = [*names, *(name.with_name(f"{name.name}.lock") for name in names)]
    for place in places:  # of one that was killed
        place.unlink(missing_ok=True)
    try:
        yield replace(git, index=index)
    finally:
        for place in places:
            place.unlink(missing_ok=True)


async def changed(git: Git, base: str, commit: str) -> dict[str, tuple[bytes | None, bytes | None]]:
    """What each file that differs held and holds; None: it isn't there, is no file, or is beyond what is read."""
    sides = {
        change.path: [
            blob if mode.startswith("100") else ""
            for mode, blob in ((change.before, change.blob_before), (change.after, change.blob))
        ]
        for change in await touched(git, base, commit)
    }
    held = await contents(git, (blob for both in sides.values() for blob in both if blob), LIMIT)
    return {path: (held.get(before), held.get(after)) for path, (before, after) in sides.items()}


async def fold(
    git: Git, base: str, ours: str, theirs: str, paths: Collection[str] | None, instead: Mapping[str, bytes], why: str
) -> Fold:
    """Takes what `theirs` changed since `base` at these paths (None: all) into `ours`. `instead`: what a file would be
    had only those of its hunks been changed that are wanted. `git` has an index.

    Raises `Refused` (`not-changed`) for a path that they didn't change.
    """
    differing = {change.path: change for change in await touched(git, base, theirs)}
    wanted = differing.keys() if paths is None else {*paths, *instead}
    if strange := sorted(wanted - differing.keys()):
        raise Refused(f"That attempt didn't change {strange[0]}: see what it did change.", code="not-changed")
    entries: list[str] = []
    for path in wanted:
        change, blob = differing[path], differing[path].blob
        if path in instead:
            blob = await git.text("hash-object", "-w", "--stdin", stdin=instead[path])
        entries.append(f"{change.after} {blob}\t{path}")
    await git.run("read-tree", base)
    await git.run("update-index", "-z", "--index-info", stdin=joined(entries))
    after, conflicts = await three_way(git, base, ours, await git.text("write-tree"), ())
    if conflicts:
        return Fold(ours, conflicts)
    return Fold(await snapshots.commit(git, after, [ours], f"{why}\n"))
