"""A ref of the project's repo that moves: a commit, a merge, a pull, a new branch or tag."""

from __future__ import annotations

import fnmatch
import hashlib
from collections.abc import Mapping
from datetime import datetime

from maquette.domain.errors import Refused
from maquette.domain.labels import Fact
from maquette.domain.triggers import Heard
from maquette.kinds.triggers import Look, Place
from maquette.triggers import marks
from maquette.triggers import options as of

MOST = 2000
"""Refs, which are all in the mark."""
NAMED = 20
SPACES = ("refs/heads/", "refs/tags/", "refs/remotes/", "refs/")


class Mark(Fact):
    """What each ref that is watched pointed to."""

    number: int
    refs: dict[str, str]


class Git:
    """`refs`: names or patterns between commas: `main`, `v*`, `refs/tags/*`; `HEAD` is what is checked out."""

    name = "git"
    every = 5.0

    def means(self, options: Mapping[str, str]) -> str:
        of.checked(self.name, options, must=("refs",))
        return f"When {' or '.join(of.words(options, 'refs'))} moves in the project's repo"

    async def look(self, options: Mapping[str, str], place: Place, mark: str, now: datetime) -> Look:
        refs = await place.refs()
        if not refs:
            raise Refused(f"{place.root} is in no git repo, so no ref of it can move.", code="no-repo")
        patterns = of.words(options, "refs")
        watched = {ref: to for ref, to in sorted(refs.items()) if any(_matches(ref, one) for one in patterns)}
        if len(watched) > MOST:
            raise Refused(f"More than {MOST:,} refs are like that: name fewer.", code="too-many-refs")
        before = marks.read(mark, Mark)
        if before is None:
            return Look(Mark(number=0, refs=watched).model_dump_json())
        moved = [ref for ref in sorted({*watched, *before.refs}) if watched.get(ref) != before.refs.get(ref)]
        if not moved:
            return Look(mark)
        after = Mark(number=before.number + 1, refs=watched).model_dump_json()
        lines = [f"{ref} {before.refs.get(ref, '')[:40]}..{watched.get(ref, '')[:40]}" for ref in moved[:NAMED]]
        heard = Heard(
            trigger=self.name,
            key=f"{before.number + 1}:{hashlib.sha256(after.encode()).hexdigest()[:16]}",
            told=_told(moved, before.refs, watched),
            about={"refs": "\n".join(lines), "count": str(len(moved))},
        )
        return Look(after, heard)


def _matches(ref: str, pattern: str) -> bool:
    return any(fnmatch.fnmatchcase(ref, f"{space}{pattern}") for space in ("", *SPACES))


def _told(moved: list[str], before: Mapping[str, str], after: Mapping[str, str]) -> str:
    ref = moved[0]
    short = ref.removeprefix("refs/heads/").removeprefix("refs/")
    if ref not in after:
        told = f"{short} was removed"
    elif ref not in before:
        told = f"{short} is new, at {after[ref][:10]}"
    else:
        told = f"{short} moved from {before[ref][:10]} to {after[ref][:10]}"
    return f"{told}{f', and {len(moved) - 1} more' if len(moved) > 1 else ''}."


TRIGGER = Git()
