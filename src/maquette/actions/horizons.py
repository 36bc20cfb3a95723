"""Horizons: what a project does now, next and later, and what hangs from each aim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from maquette.actions import explorations, projects, threads
from maquette.actions.home import Home
from maquette.curation.horizons import why_not
from maquette.domain.errors import Refused
from maquette.domain.events import AimDropped, AimHung, AimSet
from maquette.domain.horizons import Aim, Horizon
from maquette.domain.ids import new_id
from maquette.domain.labels import PERSON
from maquette.store import horizons as stored

SHORTEST = 4
"""Characters of the end of an id, by which an aim may be named."""


@dataclass(frozen=True)
class Hung:
    """What works toward an aim: an exploration (`shelved`: or what is on the shelf), or a thread."""

    kind: Literal["exploration", "thread"]
    id: str
    told: str
    shelved: bool = False


@dataclass(frozen=True)
class Shown:
    aim: Aim
    hung: tuple[Hung, ...]


async def listed(home: Home, project: str, *, dropped: bool = False) -> list[Shown]:
    """The near ones first, then as they came in. Refused: `unknown-project`."""
    of = await projects.resolve(home, project)
    order = [*Horizon]
    found = [aim for aim in await stored.aims(home.store, of.id) if dropped or not aim.dropped]
    found.sort(key=lambda aim: order.index(aim.horizon))
    return [Shown(aim, tuple([await _hung(home, id) for id in aim.hangs])) for aim in found]


async def _hung(home: Home, id: str) -> Hung:
    if id.startswith("exploration_"):
        at = await explorations.find(home, id)
        shelved = bool(at.shelved) or any(one.shelved for one in await explorations.listed(home, id))
        return Hung("exploration", id, at.brief.question, shelved)
    return Hung("thread", id, (await threads.find(home, id)).title)


async def add(
    home: Home, project: str, text: str, horizon: Horizon, *, owner: str = "", checks: Sequence[str] = ()
) -> Aim:
    """Refused: `empty-aim`; `too-vague` for what is near without an owner and checks, `too-definite` for what is far
    with a date, a number or more than a line.
    """
    of = await projects.resolve(home, project)
    aim = Aim(
        id=new_id("aim"),
        project=of.id,
        text=text,
        horizon=horizon,
        owner=owner,
        checks=tuple(checks),
        since=datetime.now(UTC),
    )
    return await _put(home, aim)


async def change(
    home: Home,
    aim: str,
    *,
    text: str | None = None,
    horizon: Horizon | None = None,
    owner: str | None = None,
    checks: Sequence[str] | None = None,
) -> Aim:
    """What is left out stays; but what goes far off lets go of its owner and checks. Refused: also `unknown-aim`."""
    former = await find(home, aim)
    to = horizon or former.horizon
    changes: dict[str, object] = {"text": former.text if text is None else text, "horizon": to}
    if owner is not None:
        changes["owner"] = owner
    if checks is not None:
        changes["checks"] = tuple(checks)
    if to is Horizon.LATER and former.horizon is not to:
        changes = {
            "owner": "",
            "checks": (),
            **{name: new for name, new in changes.items() if new != getattr(former, name)},
        }
    return await _put(home, former.model_copy(update=changes))


async def _put(home: Home, aim: Aim) -> Aim:
    checks = tuple(check.strip() for check in aim.checks if check.strip())
    aim = aim.model_copy(update={"text": aim.text.strip(), "owner": aim.owner.strip(), "checks": checks})
    if not aim.text:
        raise Refused("Say what is aimed at.", code="empty-aim")
    if why := why_not(aim):
        raise Refused(why, code="too-vague" if aim.horizon is Horizon.NOW else "too-definite")
    said = aim.model_dump(include={"id", "text", "horizon", "owner", "checks"})
    await home.store.log.append(aim.project, AimSet(label=PERSON, **said))
    return await find(home, aim.id)


async def hang(home: Home, aim: str, of: str, *, hangs: bool = True) -> Aim:
    """An exploration or thread of the project works toward it; or does no longer. Refused: `unknown-aim`,
    `unknown-thread`, `unknown-exploration`, `other-project`.
    """
    at = await find(home, aim)
    if of.startswith("exploration"):
        exploration = await explorations.find(home, of)
        id, project = exploration.id, exploration.project
    else:
        thread = await threads.find(home, of)
        id, project = thread.id, thread.project
    if project != at.project:
        raise Refused("It belongs to another project.", code="other-project")
    await home.store.log.append(at.project, AimHung(id=at.id, of=id, hangs=hangs, label=PERSON))
    return await find(home, at.id)


async def drop(home: Home, aim: str, why: str) -> Aim:
    """It isn't aimed at any more, with the reason; without one, it is again. Refused: `no-reason`, `unknown-aim`."""
    at = await find(home, aim)
    if not why.strip() and not at.dropped:
        raise Refused("Say why it isn't aimed at any more: that is asked again.", code="no-reason")
    await home.store.log.append(at.project, AimDropped(id=at.id, why=why.strip(), label=PERSON))
    return await find(home, at.id)


async def find(home: Home, aim: str) -> Aim:
    """By id, or by the end of one. Refused: `unknown-aim`."""
    known = [one for of in await projects.listed(home) for one in await stored.aims(home.store, of.id)]
    found = [one for one in known if one.id == aim or (len(aim) >= SHORTEST and one.id.endswith(aim))]
    if len(found) == 1:
        return found[0]
    raise Refused(f"There is no aim “{aim}”, or more than one; `maquette horizons` lists them.", code="unknown-aim")
