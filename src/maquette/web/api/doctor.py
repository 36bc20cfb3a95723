"""How the base is, and what its machine lacks."""

from __future__ import annotations

import os

from fastapi import APIRouter

from maquette import __version__
from maquette.actions import doctor
from maquette.domain.labels import Fact
from maquette.kinds.sandboxes import Tier
from maquette.web.api.home import Here

router = APIRouter(tags=["doctor"])


class Health(Fact):
    """A base that answers. `tier` says how much its sandbox holds; `workers` run turns, the base among them."""

    version: str
    pid: int
    tier: Tier
    state: str
    workers: int


@router.get("/health")
async def health(home: Here) -> Health:
    tier = next(probe.tier for probe in home.probes if probe.works)
    alive = len(await doctor.workers(home))
    return Health(version=__version__, pid=os.getpid(), tier=tier, state=str(home.settings.state), workers=alive)


@router.get("/doctor")
async def examine(home: Here) -> list[doctor.Finding]:
    """What is there and what is missing, with the command that mends it."""
    found = doctor.examine(home.settings, home.probes, home.providers.values())
    return [*found, doctor.working(await doctor.workers(home))]
