"""Baby versions: have one made, take it as what explorations begin with, see how far it has drifted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from maquette.actions import projects, reviews, threads
from maquette.actions.home import Home
from maquette.curation.babies import drift
from maquette.domain.errors import Refused
from maquette.domain.events import BabyMade, TreeMade
from maquette.domain.labels import PERSON
from maquette.domain.projects import Baby, Project
from maquette.store.projections import projects as stored

TASK = """\
Make the baby version of this project: a small one that behaves as the real one does where it matters, for prototypes \
to begin with. Keep these and what they lead to, and cut the rest; its checks must pass as before: {}"""


@dataclass(frozen=True)
class Drifted:
    """A project's baby version, and how far the real one, at `now`, has gone on since. `share` of its lines."""

    baby: Baby
    now: str
    share: float
    changed: tuple[str, ...]
    gone: tuple[str, ...]
    own: tuple[str, ...]
    says: str


async def make(home: Home, project: str, keep: Sequence[str], *, model: str | None = None) -> threads.Sent:
    """A thread that makes it, by the skill; when it is done, look at it, and `take` it. Refused: `nothing-named`."""
    if not any(path.strip() for path in keep):
        raise Refused("Name what matters: the files that the baby version keeps.", code="nothing-named")
    of = await projects.resolve(home, project)
    return await threads.start(home, TASK.format(" ".join(keep)), project=of.id, model=model, baby=True)


async def take(home: Home, thread: str, *, unchecked: bool = False) -> Project:
    """What a thread made as its project's baby version, instead of the one there was.

    Refused: `no-result`, `nothing-cut`, `checks-failed` unless `unchecked`.
    """
    at = await threads.find(home, thread)
    last = await reviews.latest(home, at)
    project = await home.store.query(stored.project, at.project)
    made = next((e.event for e in await threads.history(home, at.id) if isinstance(e.event, TreeMade)), None)
    if made is None or not made.base:
        raise Refused("It worked in no tree of its own: only what is made in one can be taken.", code="no-result")
    found = await home.workspace.babies.make(project, last.kept.commit, made.base)
    if found.files >= found.of_files:
        raise Refused("It holds as many files as the real one: nothing was cut.", code="nothing-cut")
    failed = [check.command for check in last.checks.checks if not check.passed] if last.checks else []
    if not unchecked and (failed or (project.checks and last.checks is None)):
        which = ", ".join(failed) or "they didn't run"
        raise Refused(
            f"Its checks must pass as before: {which}. Take it all the same: --unchecked.", code="checks-failed"
        )
    baby = Baby(of=made.base, thread=at.id, **vars(found))
    await home.store.log.append(project.id, BabyMade(baby=baby, label=PERSON))
    return await home.store.query(stored.project, project.id)


async def drifted(home: Home, project: str) -> Drifted:
    """Refused: `no-baby`."""
    of = await projects.resolve(home, project)
    baby = baby_of(of)
    now = await home.workspace.brought.base(of)
    real = await home.workspace.changed(of, baby.of, now)
    found = drift(real, await home.workspace.changed(of, baby.of, baby.commit), baby.files, baby.lines)
    return Drifted(baby, now, found.share, found.changed, found.gone, found.own, str(found))


def baby_of(project: Project) -> Baby:
    if project.baby is None:
        why = f"{project.name} has no baby version yet: `maquette baby make FILE… -p {project.name}`."
        raise Refused(why, code="no-baby")
    return project.baby
