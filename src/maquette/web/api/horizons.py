"""Horizons: what a project does now, next and later.

An aim is named by its id, or by four or more of its last characters.
"""

from __future__ import annotations

from maquette.actions import horizons
from maquette.domain.horizons import Aim, Horizon
from maquette.domain.labels import Fact
from maquette.web import routes
from maquette.web.api.home import Here

router = routes.api("horizons")


class NewAim(Fact):
    """What is near needs an owner and checks; what is far has neither."""

    project: str
    text: str
    horizon: Horizon = Horizon.LATER
    owner: str = ""
    checks: tuple[str, ...] = ()


class ChangedAim(Fact):
    """What is left out stays."""

    text: str | None = None
    horizon: Horizon | None = None
    owner: str | None = None
    checks: tuple[str, ...] | None = None


class Hanging(Fact):
    """The id of an exploration or of a thread; `hangs` false: it works toward it no longer."""

    of: str
    hangs: bool = True


class Dropping(Fact):
    """The reason; empty, where it is aimed at again."""

    why: str = ""


@router.get("/horizons")
async def list_horizons(home: Here, project: str, dropped: bool = False) -> list[horizons.Shown]:
    """A project's aims, the near ones first, each with what works toward it."""
    return await horizons.listed(home, project, dropped=dropped)


@router.post("/horizons", status_code=201)
async def add_aim(home: Here, new: NewAim) -> Aim:
    """What it is after, and how near that is."""
    return await horizons.add(home, new.project, new.text, new.horizon, owner=new.owner, checks=new.checks)


@router.patch("/horizons/{aim}")
async def change_aim(home: Here, aim: str, changed: ChangedAim) -> Aim:
    """Put it otherwise, or bring it nearer or farther: far off it has no owner and no checks any more."""
    given = {name: getattr(changed, name) for name in type(changed).model_fields}
    return await horizons.change(home, aim, **given)


@router.post("/horizons/{aim}/hung")
async def hang_from_aim(home: Here, aim: str, hanging: Hanging) -> Aim:
    """An exploration or a thread works toward it."""
    return await horizons.hang(home, aim, hanging.of, hangs=hanging.hangs)


@router.post("/horizons/{aim}/drop")
async def drop_aim(home: Here, aim: str, dropping: Dropping) -> Aim:
    """It isn't aimed at any more, and why; without a reason, it is again."""
    return await horizons.drop(home, aim, dropping.why)
