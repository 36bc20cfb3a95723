"""Explorations: begin, extend, set, shelve; what attempts the same already."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from maquette.actions import models, projects, roles, threads
from maquette.actions.babies import baby_of
from maquette.actions.home import Home
from maquette.curation import briefs
from maquette.domain.errors import Refused
from maquette.domain.events import AttemptAdded, ExplorationSet, ExplorationShelved, ExplorationStarted
from maquette.domain.explorations import MOST, Attempt, Brief, Exploration, Film, Medium, Variation, View
from maquette.domain.ids import new_id
from maquette.domain.labels import PERSON
from maquette.domain.projects import Budget, Project, ProjectKind
from maquette.store import explorations as stored
from maquette.store.explorations import Whole

BABY = "baby"
"""As a base: the project's baby version."""
PROBES, LETTERS = 20, 1_000
"""Probes of one exploration, and letters of one."""
AT_ONCE = 4
"""Attempts at work at a time, where nothing else is said: a base has eight turns by default, and a person waits too."""
STARTS = ("index.html", "public/index.html", "docs/index.html", "site/index.html", "web/index.html")
"""Pages that are looked at where nobody says which."""


@dataclass(frozen=True)
class Wish:
    """What an exploration is to be; what is left out is chosen by rule."""

    question: str
    project: str | None = None
    attempts: int = 6
    medium: Medium | None = None
    base: str = "HEAD"
    models: Sequence[str] = ()
    approaches: Sequence[str] = ()
    checks: Sequence[str] | None = None
    """None: the project's."""
    probes: Sequence[str] = ()
    preview: str = ""
    views: Sequence[View] | None = None
    """None: the page that the project begins with, if it has one."""
    film: Film | None = None
    budget: Budget = field(default_factory=Budget)
    """Of all attempts together."""
    at_once: int = AT_ONCE


async def start(home: Home, wish: Wish) -> Exploration:
    """Refused: `empty-question`, `too-many`, `unknown-project`, `unknown-model`, `unknown-commit`, `no-view`,
    `no-baby`, `too-many-probes`, `bad-probe`, and whatever keeps a work tree from being made.
    """
    if not wish.question.strip():
        raise Refused("Say what is to be explored.", code="empty-question")
    _bounded(wish.attempts)
    probes = _probes(wish.probes)
    project = await projects.resolve(home, wish.project)
    if project.kind is not ProjectKind.REPO:
        why = "Attempts are made in a git repo: go to one, or name it (-p); `maquette explore sample` brings one."
        raise Refused(why, code="not-a-repo")
    await home.workspace.check_base(project)
    base = baby_of(project).commit if wish.base == BABY else await home.workspace.brought.base(project, wish.base)
    named = await _models(home, project, wish.models)
    medium, why = briefs.medium_of(wish.question)
    views = tuple(wish.views) if wish.views is not None else await asyncio.to_thread(_views, project)
    if wish.medium is not None and wish.medium is not medium:
        medium, why = wish.medium, "you chose it"
    brief = Brief(
        question=wish.question.strip(),
        medium=medium,
        why=why,
        base=base,
        checks=project.checks if wish.checks is None else tuple(wish.checks),
        probes=probes,
        preview=wish.preview,
        views=views,
        film=_placed(wish.film, views),
    )
    plans = briefs.plans(named, wish.approaches or briefs.APPROACHES[medium], wish.attempts)
    started = ExplorationStarted(
        project=project.id, brief=brief, at_once=max(wish.at_once, 1), budget=wish.budget, label=PERSON
    )
    id = new_id("exploration")
    share = _share(wish.budget, wish.attempts)
    await home.store.log.append(id, started, *added(plans, 0, share), expected=0)
    return await find(home, id)


async def extend(
    home: Home, exploration: str, attempts: int, *, models: Sequence[str] = (), approaches: Sequence[str] = ()
) -> Exploration:
    """So many attempts more, of the same approaches and models or of others."""
    of = (await find(home, exploration)).id

    async def more() -> list[AttemptAdded]:
        at, known = await find(home, of), await listed(home, of)
        _bounded(len(known) + attempts)
        project = await projects.resolve(home, at.project)
        former = [one.plan for one in known if one.source.kind == "agent"]
        named = await _models(home, project, models or dict.fromkeys(plan.model for plan in former))
        ways = approaches or [*dict.fromkeys(plan.approach for plan in former)] or briefs.APPROACHES[at.brief.medium]
        plans = briefs.plans(named, ways, attempts, former)
        last = max((one.number for one in known), default=0)
        return added(plans, last, _share(at.budget, len(known) + attempts))

    await home.store.log.decide(of, more)
    return await find(home, of)


def added(plans: Sequence[Variation], last: int, budget: Budget) -> list[AttemptAdded]:
    return [
        AttemptAdded(
            attempt=number, thread=new_id("thread"), begins=new_id("turn"), plan=plan, budget=budget, label=PERSON
        )
        for number, plan in enumerate(plans, last + 1)
    ]


async def change(
    home: Home, exploration: str, *, at_once: int | None = None, budget: Budget | None = None
) -> Exploration:
    """How many attempts are at work at a time, and what all may spend."""
    at = await find(home, exploration)
    await home.store.log.append(at.id, ExplorationSet(at_once=at_once, budget=budget, label=PERSON))
    return await find(home, at.id)


async def shelve(home: Home, exploration: str, why: str) -> Exploration:
    """Put it away with the reason, and with the checks that nothing in it passes. An empty `why` takes it up again.

    Refused: `no-reason`, where there is nothing to take up.
    """
    at = await find(home, exploration)
    if not why.strip() and not at.shelved:
        raise Refused("It isn't on the shelf. To put it there, say why.", code="no-reason")
    known = await listed(home, at.id)
    looked = [one.evidence for one in known if one.evidence]
    never = [check for check in at.brief.checks if looked and all(check in one.failed for one in looked)]
    await home.store.log.append(at.id, ExplorationShelved(why=why.strip(), failed=tuple(never), label=PERSON))
    return await find(home, at.id)


async def find(home: Home, exploration: str) -> Exploration:
    """By id, by the end of one, or as `latest`. Refused: `unknown-exploration`."""
    return await home.store.query(stored.find, exploration)


async def whole(home: Home, exploration: str) -> Whole:
    """All that is known of one, read at once. Refused: `unknown-exploration`."""
    return await home.store.query(stored.whole, exploration)


async def every(home: Home, project: str | None = None) -> list[Exploration]:
    of = await projects.resolve(home, project) if project else None
    return await home.store.query(stored.explorations, of.id if of else None)


async def listed(home: Home, exploration: str) -> list[Attempt]:
    """Its attempts, by number."""
    return await home.store.query(stored.attempts, (await find(home, exploration)).id)


@dataclass(frozen=True)
class Likeness:
    """A thread or branch that seems to attempt the same: `share` of the question's words are in its own."""

    kind: str
    name: str
    told: str
    share: float
    words: tuple[str, ...]


async def noticed(home: Home, exploration: str) -> list[Likeness]:
    """What attempts the same and isn't gathered yet, by the words in titles, names of branches and their commits."""
    at = await find(home, exploration)
    project = await projects.resolve(home, at.project)
    taken = {(one.source.kind, one.source.name) for one in await listed(home, at.id)}
    others = {("thread", one.id): one.title for one in await threads.listed(home, project=project.id)}
    branches = await home.workspace.brought.branches(project)
    others |= {("branch", name): f"{name} {said}" for name, said in branches.items()}
    keys = {f"{kind} {name}": (kind, name) for kind, name in others if (kind, name) not in taken}
    found = briefs.alike(at.brief.question, {key: others[place] for key, place in keys.items()})
    return [Likeness(*keys[key], told=others[keys[key]], share=share, words=words) for key, share, words in found]


def _placed(film: Film | None, views: Sequence[View]) -> Film | None:
    if film is None or film.path:
        return film
    if not views:
        raise Refused("Say where the film begins: nothing else is looked at.", code="no-view")
    first = views[0]
    return film.model_copy(update={"path": first.path, "width": first.width, "height": first.height})


def _bounded(count: int) -> None:
    if not 0 <= count <= MOST:
        raise Refused(f"An exploration has up to {MOST} attempts.", code="too-many")


def _probes(named: Sequence[str]) -> tuple[str, ...]:
    """Each once, without those that are empty."""
    found = tuple(dict.fromkeys(command for one in named if (command := one.strip())))
    if len(found) > PROBES:
        raise Refused(f"Up to {PROBES} probes are run on each attempt; these are {len(found)}.", code="too-many-probes")
    for number, command in enumerate(found, 1):
        if len(command) > LETTERS:
            why = f"Probe {number} has {len(command):,} letters; up to {LETTERS:,} are run: put it into a file."
            raise Refused(why, code="bad-probe")
        if "\0" in command:
            raise Refused(f"Probe {number} has a null character in it, which no command can.", code="bad-probe")
    return found


async def _models(home: Home, project: Project, named: Sequence[str] | dict[str, None]) -> list[str]:
    return [models.resolve(home, name) for name in named] or [models.resolve(home, await roles.worker(home, project))]


def _share(budget: Budget, count: int) -> Budget:
    """What one attempt may spend of what all may."""
    count = max(count, 1)
    return Budget(
        steps=budget.steps,
        tokens=None if budget.tokens is None else max(budget.tokens // count, 1),
        money=None if budget.money is None else budget.money / count,
        seconds=budget.seconds,
    )


def _views(project: Project) -> tuple[View, ...]:
    start = next((page for page in STARTS if (Path(project.path) / page).is_file()), None)
    return (View(name="start", path=start),) if start else ()
