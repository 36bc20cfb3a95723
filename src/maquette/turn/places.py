"""Where a turn works, from the outside: its tree is made, its room opened, and what came of it is kept and checked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from maquette.approvals import trust
from maquette.domain.automations import Terms
from maquette.domain.budgets import tighter
from maquette.domain.errors import Refused
from maquette.domain.events import ChecksRan, InstructionsGiven, SetupRan, ThreadStarted
from maquette.domain.labels import Integrity, Label
from maquette.domain.projects import Budget, Project
from maquette.domain.threads import Mode, Outcome
from maquette.kinds.providers import Provider, SkillSpec
from maquette.kinds.sandboxes import Sandbox, Tier
from maquette.kinds.tools import Effect, Tool
from maquette.skills import folders
from maquette.store import Store
from maquette.store.posts import Reader as Sources
from maquette.store.projections import projects
from maquette.turn import unattended
from maquette.turn.budgets import Allowance
from maquette.turn.fold import Place
from maquette.turn.prompt import advice_text, instructions
from maquette.turn.reading import Reader
from maquette.turn.reports import Desk
from maquette.turn.room import Room
from maquette.turn.telling import Record, Show
from maquette.turn.toolbox import Toolbox
from maquette.workspace import Workspace
from maquette.workspace.files import BeneathFiles

UNHELD = (
    "No sandbox holds on this machine, so nothing runs here unwatched: `maquette doctor` says what would mend that."
)
HEAD_START = 0.02
"""Seconds for a turn's first request to be on its way before boxes are brought up: the model takes longer to answer."""


@dataclass
class Prepared:
    """All that a turn has at hand."""

    project: Project
    mode: Mode
    room: Room
    toolbox: Toolbox
    skills: Sequence[SkillSpec]
    tier: Tier
    budget: Budget
    trusted: bool
    terms: Terms | None = None
    """Of a turn that nobody watches."""

    def read_label(self, origin: str) -> Label:
        """What text read in this place is worth."""
        return Label(integrity=Integrity.REPO if self.trusted else Integrity.EXTERNAL, origin=origin)


@dataclass(frozen=True)
class Bounds:
    """How far work may be given on: to so many children a turn, so many generations deep."""

    children: int
    depth: int


@dataclass(frozen=True)
class Places:
    """Makes and closes places. `state` is the base's folder, `home` the person's."""

    store: Store
    workspace: Workspace
    sandbox: Sandbox
    tier: Tier
    tools: Sequence[Tool[Any]]
    state: Path
    home: Path
    bounds: Bounds
    sources: Sources
    providers: Mapping[str, Provider]

    async def enter(self, thread: str, place: Place, record: Record) -> Prepared:
        """Make the thread's tree and instructions, if they aren't yet, and open its room."""
        started = place.started
        if started is None:
            raise Refused(f"There is no thread {thread}.", code="unknown-thread")
        terms = place.terms
        if terms is not None and self.tier is Tier.NONE:
            raise Refused(UNHELD, code="no-sandbox")
        project = await self.store.query(projects.project, started.project)
        if started.mode is Mode.LOCAL:
            await self.workspace.check_in_place(project)
        elif started.mode is Mode.WORKTREE and place.tree is None:
            await self._make_tree(thread, project, place, record)
        tree, mode = _seen(thread, started)
        root = self.workspace.root(tree, project, mode)
        if not await asyncio.to_thread(root.is_dir):
            why = "This thread's work tree was removed; what it held is kept. Reopen the thread to have it back."
            raise Refused(why, code="no-tree")
        trusted, skills, advice = await asyncio.to_thread(self._words, project)
        if place.instructions is None:
            today = datetime.now().astimezone().date().isoformat()
            text = instructions(project, started, self.tier, skills, advice, today, watched=terms is None)
            await record(InstructionsGiven(text=text))
        outputs = self.state / "outputs" / thread
        outputs.mkdir(mode=0o700, parents=True, exist_ok=True)
        readable = (outputs, *(Path(skill.folder) for skill in skills))
        profile = await asyncio.to_thread(self.workspace.profile, tree, project, mode, readable=readable)
        tools = self.tools
        if started.mode is Mode.READ:
            profile = replace(profile, writable=(), readable=(*profile.writable, *profile.readable))
            tools = [tool for tool in tools if Effect.WRITES not in tool.effects or Effect.RUNS in tool.effects]
        toolbox = Toolbox(tools)
        budget = tighter(started.budget, project.budget, terms.manifest.budget if terms else Budget())
        allowance = Allowance(self.store, thread, project, budget, terms)
        reader = Reader(self.store, self.providers, project, allowance, place, record)
        reports = Desk(self.store, self.sources, thread, terms.automation if terms else thread, reader)
        room = Room(thread, BeneathFiles(root), self.sandbox.box(profile), outputs, skills, toolbox.later, reports)
        room.make(self._make(room, project, started.mode))
        return Prepared(project, started.mode, room, toolbox, skills, self.tier, budget, trusted, terms)

    async def _make_tree(self, thread: str, project: Project, place: Place, record: Record) -> None:
        branches_off = place.started is not None and bool(place.started.child_of or place.started.base)
        make = self.workspace.branch_off if branches_off else self.workspace.make_tree
        made = await make(thread, project, place.base)
        if place.carried:
            await self.workspace.restore(thread, place.carried, "It was forked.")
        await record(made)

    async def _make(self, room: Room, project: Project, mode: Mode) -> None:
        """What a person's folder holds is kept before anything runs there; a model may be asked meanwhile."""
        await asyncio.sleep(HEAD_START)
        if mode is Mode.LOCAL:
            await self.workspace.begin(room.thread, project)
        room.warm()

    def _words(self, project: Project) -> tuple[bool, Sequence[SkillSpec], str]:
        """Whether the project's own files are trusted as they are now, the skills on offer, and the advice that counts.

        The advice is that of the person's folder, whose bytes are trusted; a tree's may differ.
        """
        home = Path(project.path)
        trusted = project.trusted is not None and project.trusted == trust.digest(home)
        skills, _ = folders.found(folders.places(project=home, trusted=trusted, user=self.home))
        return trusted, skills, advice_text(home, trust.advice(home)) if trusted else ""

    async def set_up(self, turn: str, prepared: Prepared, place: Place, record: Record, show: Show) -> bool:
        """Do what comes before any model is asked; False when there is nothing to ask one for.

        Refused: `setup-failed`.
        """
        if prepared.project.setup and prepared.mode is Mode.WORKTREE and not place.set_up:
            await self._set_up(turn, prepared, record, show)
        terms = prepared.terms
        if terms is not None and terms.look and place.looked is None:
            look = unattended.looked(self.workspace, turn, prepared.room, terms, partial(show, "output"))
            await record(await look)
        return place.looked is None or place.looked.news or place.unheard

    async def _set_up(self, turn: str, prepared: Prepared, record: Record, show: Show) -> None:
        root = prepared.room.files.root
        done = await self.workspace.check(prepared.room.box, prepared.project.setup, root, lambda t: show("output", t))
        await record(SetupRan(turn=turn, commands=done))
        if failed := [one for one in done if not one.passed]:
            why = f"The project's setup failed at {failed[0].command!r}:\n{failed[0].output[-2000:]}"
            raise Refused(why, code="setup-failed")

    async def keep(
        self, thread: str, turn: str, prepared: Prepared, place: Place, outcome: Outcome, record: Record, show: Show
    ) -> None:
        """Keep what the tree holds now; when the turn came to its end, run the project's checks on it, and its own."""
        if prepared.mode is Mode.READ:
            return
        if (why := prepared.room.spoiled) is not None:
            raise why
        await self._keep(thread, turn, prepared, outcome, record, show)
        silent = place.looked is not None and not place.looked.news
        if prepared.terms is not None and outcome is Outcome.DONE and not silent:
            shows = partial(show, "output")
            room = prepared.room
            await record(await unattended.proved(self.workspace, turn, room, prepared.terms, place.last, shows))

    async def _keep(
        self, thread: str, turn: str, prepared: Prepared, outcome: Outcome, record: Record, show: Show
    ) -> None:
        kept = await self.workspace.keep(thread, turn, prepared.project, prepared.mode)
        await record(kept)
        if outcome is Outcome.DONE and kept.files:
            await record(await self._check(turn, kept.commit, prepared, show))

    async def _check(self, turn: str, commit: str, prepared: Prepared, show: Show) -> ChecksRan:
        commands = prepared.project.checks
        if not commands:
            return ChecksRan(turn=turn, commit=commit, checks=(), why="This project names no checks.")
        root = prepared.room.files.root
        checks = await self.workspace.check(prepared.room.box, commands, root, lambda text: show("output", text))
        return ChecksRan(turn=turn, commit=commit, checks=checks)

    async def leave(self, prepared: Prepared | None) -> None:
        """Close the room; everything that still runs in it is ended."""
        if prepared is not None:
            await prepared.room.close()


def _seen(thread: str, started: ThreadStarted) -> tuple[str, Mode]:
    """Whose tree it works in, or only looks at, and in which mode that is."""
    of = started.child_of
    if started.mode is not Mode.READ or of is None:
        return thread, started.mode
    return of.tree, Mode.LOCAL if of.in_place else Mode.WORKTREE
