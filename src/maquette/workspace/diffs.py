"""How two commits in a store differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from maquette.workspace.deep import walk
from maquette.workspace.git import Git

LONGEST = 8 << 20
"""Bytes of a unified diff; the rest is cut at a line, and said."""


@dataclass(frozen=True)
class Change:
    """One file. `old` is its former path, when it was renamed; `binary` files have no lines to count."""

    path: str
    added: int
    removed: int
    binary: bool = False
    old: str | None = None


async def changes(git: Git, base: str, commit: str) -> tuple[Change, ...]:
    """Every file that differs, with its lines added and removed."""
    listed = await git.run("diff-tree", "-r", "-z", "-M", "--numstat", base, commit)
    found: list[Change] = []
    parts = iter(listed.parts)
    for part in parts:
        added, removed, path = part.split("\t", 2)
        old = None
        if not path:
            old, path = next(parts), next(parts)
        binary = added == "-"
        found.append(Change(path, 0 if binary else int(added), 0 if binary else int(removed), binary, old))
    return tuple(found)


@dataclass(frozen=True)
class Touched:
    """One path that isn't the same in two trees. Modes and blobs as git has them: all zeros where there is none."""

    path: str
    before: str
    after: str
    blob_before: str
    blob: str


async def touched(git: Git, before: str, after: str) -> list[Touched]:
    """Every path that isn't the same; a rename is two."""
    listed = iter((await git.run("diff-tree", "-r", "-z", "--no-renames", "--raw", before, after)).parts)
    found: list[Touched] = []
    for entry in listed:
        old, new, blob_before, blob, _ = entry.removeprefix(":").split(" ")
        found.append(Touched(next(listed), old, new, blob_before, blob))
    return found


async def contents(git: Git, blobs: Iterable[str], limit: int) -> dict[str, bytes]:
    """What blobs hold. Once `limit` bytes are reached the rest is left out."""
    wanted = "".join(f"{blob}\n" for blob in dict.fromkeys(blobs))
    out = (await git.run("cat-file", "--batch", stdin=wanted.encode(), limit=limit)).out
    found: dict[str, bytes] = {}
    at = 0
    while (end := out.find(b"\n", at)) >= 0:
        blob, kind, *size = out[at:end].decode().split(" ")
        at = end + 1
        if kind == "missing":
            continue
        if at + int(size[0]) > len(out):
            break
        found[blob] = out[at : at + int(size[0])]
        at += int(size[0]) + 1
    return found


async def unified(git: Git, base: str, commit: str) -> str:
    """A unified diff with git's headers. Renames are found; of binary files it is only said that they differ."""
    ran = await git.run(
        "diff-tree", "-r", "-p", "-M", "--full-index", "--no-color", "--no-ext-diff", "--no-textconv",
        "--src-prefix=a/", "--dst-prefix=b/", "--unified=3", base, commit,
        limit=LONGEST,
    )  # fmt: skip
    text = ran.out.decode(errors="replace")
    if ran.cut:
        text = text[: text.rfind("\n") + 1] + f"# The rest is left out: the difference is over {LONGEST >> 20} MB.\n"
    return text


def in_the_way(top: Path, differing: Sequence[Touched]) -> set[str]:
    """The files in a folder where new ones would be put, also in place of a submodule, but for those that go."""
    going = {change.path for change in differing if change.after == "000000"}
    coming = (change for change in differing if change.after not in ("000000", change.before))
    new = (change.path for change in coming if change.before in ("000000", "160000"))
    return {path for place in new for path in _around(top, place)} - going


def _around(top: Path, path: str) -> Iterator[str]:
    """Files at a path, below it, or in the place of a folder that it needs."""
    for parent in reversed(PurePosixPath(path).parents):
        at = top / parent
        if at.is_symlink() or at.is_file():
            yield str(parent)
            return
        if not at.exists():
            return
    at = top / path
    if at.is_dir() and not at.is_symlink():
        yield from (str((folder / name).relative_to(top)) for folder, _, names in walk(at) for name in names)
    elif at.is_symlink() or at.exists():
        yield path
