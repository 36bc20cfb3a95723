"""What is known of an attempt's result, gathered alike for all, from its commit alone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass

from maquette.curation.briefs import summary_of
from maquette.domain.checks import Check, Probe
from maquette.domain.errors import MaquetteError, Unavailable
from maquette.domain.events import AnswerGiven, EvidenceGathered
from maquette.domain.explorations import Attempt, Evidence, Exploration, Frame, Picture
from maquette.domain.labels import HOUSE, Label
from maquette.domain.projects import Project
from maquette.kinds.sandboxes import Sandbox
from maquette.store import Store
from maquette.store.projections import projects
from maquette.workspace import Workspace, pictures
from maquette.workspace.pictures import Place, Taken

MOST = 200
"""Files that are named of one result."""
_REQUIREMENT = re.compile(r"^\s*\"?([A-Za-z0-9][\w.@/-]*)\"?\s*(?:[=<>~!:^;\[(,\"]|$)")
_MANIFESTS = re.compile(r"(^|/)(requirements[\w.-]*\.txt|pyproject\.toml|package\.json|Cargo\.toml|go\.mod)$")


@dataclass(frozen=True)
class Gathering:
    """Changes nothing but the store's own refs, so that doing it again does no harm."""

    store: Store
    workspace: Workspace
    sandbox: Sandbox

    async def of(self, exploration: Exploration, attempt: Attempt) -> EvidenceGathered:
        """Of what was last kept of it. Raises `Unavailable` when a box can't be brought up."""
        commit = attempt.result
        assert commit is not None
        project = await self.store.query(projects.project, exploration.project)
        troubles: list[str] = []
        shown, film = tuple[Picture, ...](), tuple[Frame, ...]()
        checked, probed = tuple[Check, ...](), tuple[Probe, ...]()
        async with (
            self.workspace.exhibits.laid_out(project, commit) as root,
            pictures.opened(self.sandbox, root) as place,
        ):
            try:
                done = await self.workspace.check(place.box, project.setup, root, lambda _: None)
                troubles += [f"The set-up failed at {one.command!r}." for one in done if not one.passed]
                shown, film = await self._pictures(exploration, attempt, project, place)
                checked = await self.workspace.check(place.box, exploration.brief.checks, root, lambda _: None)
                probed = await self.workspace.probe(place.box, exploration.brief.probes, root)
            except Unavailable:
                raise
            except MaquetteError as error:
                troubles.append(str(error))
        known = await self.workspace.account(attempt.thread, project, commit)
        ways = [size.complexity for size in known.sizes if size.complexity is not None]
        summary, label = await asyncio.to_thread(self._words, attempt.thread)
        evidence = Evidence(
            commit=commit,
            tree=known.tree,
            checks=checked,
            probes=probed,
            pictures=shown,
            film=film,
            files=tuple(change.path.encode(errors="replace").decode() for change in known.changes)[:MOST],
            added=sum(change.added for change in known.changes),
            removed=sum(change.removed for change in known.changes),
            lines=sum(size.lines for size in known.sizes),
            complexity=sum(ways) if ways else None,
            dependencies=named_anew(known.diff),
            summary=summary,
            troubles=tuple(troubles),
        )
        return EvidenceGathered(attempt=attempt.number, evidence=evidence, label=label)

    async def _pictures(
        self, exploration: Exploration, attempt: Attempt, project: Project, place: Place
    ) -> tuple[tuple[Picture, ...], tuple[Frame, ...]]:
        brief = exploration.brief
        if not brief.views and brief.film is None:
            return (), ()
        seen = await pictures.take(place, brief.views, brief.preview, brief.film)
        taken, film = seen.pictures, seen.film
        files = {f"{number}.png": one.png for number, one in enumerate(taken) if one.png}
        files |= {f"{number}-small.png": one.small for number, one in enumerate(taken) if one.small}
        files |= {f"film-{number}.png": one.png for number, one in enumerate(film) if one.png}
        blobs = await self.workspace.exhibits.keep(project, f"{exploration.id}/{attempt.number}", files)
        frames = tuple(
            Frame(step=one.step, blob=blobs.get(f"film-{number}.png", ""), why=one.why)
            for number, one in enumerate(film)
        )
        return tuple(_picture(number, one, blobs) for number, one in enumerate(taken)), frames

    def _words(self, thread: str) -> tuple[str, Label]:
        """Its last answer, and what those words are worth."""
        text, label = "", HOUSE
        for entry in self.store.log.read(thread):
            label = label.join(entry.event.label)
            if isinstance(entry.event, AnswerGiven):
                text = entry.event.answer.text or text
        return summary_of(text), label


def _picture(number: int, taken: Taken, blobs: Mapping[str, str]) -> Picture:
    view = taken.view
    blob = blobs.get(f"{number}.png")
    if blob is None:
        return Picture(view=view.name, why=taken.why)
    small = blobs.get(f"{number}-small.png", "")
    return Picture(view=view.name, blob=blob, width=view.width, height=view.height, small=small, look=taken.look)


def named_anew(diff: str) -> tuple[str, ...]:
    """The packages that a diff adds to files which list some, by their names."""
    found: dict[str, None] = {}
    gone: set[str] = set()
    listing = False
    for line in diff.splitlines():
        if line.startswith("+++ "):
            listing = _MANIFESTS.search(line.strip()) is not None
        elif listing and line[:1] in "+-" and not line.startswith("---"):
            name = _REQUIREMENT.match(line[1:])
            if name and line[0] == "+":
                found[name[1]] = None
            elif name:
                gone.add(name[1])
    return tuple(name for name in found if name not in gone)
