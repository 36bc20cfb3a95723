"""What is known of an attempt's result, gathered alike for all, from its commit alone."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

from maquette.curation.briefs import summary_of
from maquette.domain.checks import Check
from maquette.domain.errors import MaquetteError, Unavailable
from maquette.domain.events import AnswerGiven, EvidenceGathered
from maquette.domain.explorations import Attempt, Evidence, Exploration, Picture
from maquette.domain.labels import HOUSE, Label
from maquette.domain.projects import Project
from maquette.kinds.sandboxes import Profile, Sandbox
from maquette.store import Store
from maquette.store.projections import projects
from maquette.workspace import Workspace, pictures

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
        shown: tuple[Picture, ...] = ()
        checked: tuple[Check, ...] = ()
        async with self.workspace.exhibits.laid_out(project, commit) as root:
            try:
                troubles += await self._set_up(project, root)
                shown = await self._pictures(exploration, attempt, project, root)
                checked = await self._run(project, exploration.brief.checks, root)
            except Unavailable:
                raise
            except MaquetteError as error:
                troubles.append(str(error))
        sizes = await self.workspace.sizes(attempt.thread, project, commit)
        ways = [size.complexity for size in sizes if size.complexity is not None]
        changes = await self.workspace.changes(attempt.thread, project, commit)
        summary, label = await asyncio.to_thread(self._words, attempt.thread)
        evidence = Evidence(
            commit=commit,
            tree=await self.workspace.exhibits.tree_of(project, commit),
            checks=checked,
            pictures=shown,
            files=tuple(change.path.encode(errors="replace").decode() for change in changes)[:MOST],
            added=sum(change.added for change in changes),
            removed=sum(change.removed for change in changes),
            lines=sum(size.lines for size in sizes),
            complexity=sum(ways) if ways else None,
            dependencies=named_anew(await self.workspace.diff(attempt.thread, project, commit)),
            summary=summary,
            troubles=tuple(troubles),
        )
        return EvidenceGathered(attempt=attempt.number, evidence=evidence, label=label)

    async def _set_up(self, project: Project, root: Path) -> list[str]:
        done = await self._run(project, project.setup, root)
        return [f"The set-up failed at {one.command!r}." for one in done if not one.passed]

    async def _run(self, project: Project, commands: tuple[str, ...], root: Path) -> tuple[Check, ...]:
        if not commands:
            return ()
        box = self.sandbox.box(Profile(root=root, writable=(root,)))
        try:
            return await self.workspace.check(box, commands, root, lambda _: None)
        finally:
            await box.close()

    async def _pictures(
        self, exploration: Exploration, attempt: Attempt, project: Project, root: Path
    ) -> tuple[Picture, ...]:
        brief = exploration.brief
        if not brief.views:
            return ()
        taken = await pictures.take(self.sandbox, root, brief.views, brief.preview)
        name = f"{exploration.id}/{attempt.number}"
        files = {f"{number}.png": one.png for number, one in enumerate(taken) if one.png}
        files |= {f"{number}-small.png": one.small for number, one in enumerate(taken) if one.small}
        blobs = await self.workspace.exhibits.keep(project, name, files)
        return tuple(
            Picture(
                view=one.view.name,
                blob=blobs[file],
                width=one.view.width,
                height=one.view.height,
                small=blobs.get(f"{number}-small.png", ""),
                look=one.look,
            )
            if (file := f"{number}.png") in blobs
            else Picture(view=one.view.name, why=one.why)
            for number, one in enumerate(taken)
        )

    def _words(self, thread: str) -> tuple[str, Label]:
        """Its last answer, and what those words are worth."""
        text, label = "", HOUSE
        for entry in self.store.log.read(thread):
            label = label.join(entry.event.label)
            if isinstance(entry.event, AnswerGiven):
                text = entry.event.answer.text or text
        return summary_of(text), label


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
