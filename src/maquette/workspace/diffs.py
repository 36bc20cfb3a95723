"""How two commits in a store differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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


async def unified(git: Git, base: str, commit: str, paths: Sequence[str] = (), context: int = 3) -> str:
    """A unified diff with git's headers. Renames are found; of binary files it is only said that they differ."""
    ran = await git.run(
        "diff-tree", "-r", "-p", "-M", "--full-index", "--no-color", "--no-ext-diff", "--no-textconv",
        "--src-prefix=a/", "--dst-prefix=b/", f"--unified={context}", base, commit, "--", *paths,
        limit=LONGEST, env={"GIT_LITERAL_PATHSPECS": "1"},
    )  # fmt: skip
    text = ran.out.decode(errors="replace")
    if ran.cut:
        text = text[: text.rfind("\n") + 1] + f"# The rest is left out: the difference is over {LONGEST >> 20} MB.\n"
    return text
