"""Groups of attempts that are alike, and why: by what they change, how their checks come out, how they look."""

from __future__ import annotations

import asyncio
import re
from base64 import b64decode
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from maquette.actions import explorations, projects
from maquette.actions.home import Home
from maquette.curation import grouping, looks, shingles
from maquette.curation.grouping import By, Traits
from maquette.curation.looks import Look
from maquette.curation.shingles import Words
from maquette.domain.explorations import Attempt
from maquette.workspace.pictures import LOOK

KEPT = 1_000
"""Changes whose words are kept in memory."""
_VARIES = re.compile(r"\d+(\.\d+)? ?m?s\b|0x[0-9a-f]+")
"""What differs in the output of a check each time that it runs."""
_words: OrderedDict[tuple[str, str], Words] = OrderedDict()


@dataclass(frozen=True)
class Group:
    """Attempts that belong together, by their numbers. One alone has no reason."""

    members: tuple[int, ...]
    why: tuple[str, ...]


FOUND = 20
"""Explorations whose groups are kept in memory."""
_Key = tuple[By, tuple[str, ...], tuple[int, ...]]
_found: OrderedDict[str, tuple[_Key, list[Group]]] = OrderedDict()


async def grouped(home: Home, exploration: str, by: By = "all") -> list[Group]:
    """Larger ones first; by all that is known of them, or by one thing. What isn't known yet is in none."""
    at = await explorations.find(home, exploration)
    known = [one for one in await explorations.listed(home, at.id) if one.evidence and not one.shelved]
    project = await projects.resolve(home, at.project)
    base = at.brief.base
    commits = [one.evidence.commit for one in known if one.evidence]
    new = [commit for commit in dict.fromkeys(commits) if (base, commit) not in _words]
    if new:
        for commit, changed in (await home.workspace.all_changed(project, base, new)).items():
            _words[base, commit] = await asyncio.to_thread(shingles.of_files, changed)
            while len(_words) > KEPT:
                _words.popitem(last=False)
    of = by, tuple(commits), tuple(one.number for one in known)
    if at.id not in _found or _found[at.id][0] != of:
        _found[at.id] = of, await asyncio.to_thread(_grouped, base, known, by)
        while len(_found) > FOUND:
            _found.popitem(last=False)
    return _found[at.id][1]


def _grouped(base: str, known: Sequence[Attempt], by: By) -> list[Group]:
    traits = [
        Traits(str(one.number), _words.get((base, one.evidence.commit)), _outputs(one), _look(one))
        for one in known
        if one.evidence
    ]
    found = grouping.grouped([one.name for one in traits], grouping.compared(traits), grouping.BY[by])
    return [Group(tuple(map(int, group.members)), group.why) for group in found]


def _look(one: Attempt) -> Look | None:
    """Of its first view."""
    shown = one.evidence.pictures if one.evidence else ()
    if not shown or not shown[0].look:
        return None
    return looks.seen(*LOOK, b64decode(shown[0].look))


def _outputs(one: Attempt) -> dict[str, str]:
    checks = one.evidence.checks if one.evidence else ()
    return {check.command: f"{check.status} {_VARIES.sub('', check.output)}" for check in checks}
