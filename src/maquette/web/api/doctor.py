"""How the base is, and what its machine lacks."""

from __future__ import annotations

import os

from maquette import __version__
from maquette.actions import doctor, models, roles
from maquette.domain.labels import Fact
from maquette.kinds.sandboxes import Tier
from maquette.web import routes
from maquette.web.api.home import Here

router = routes.api("doctor")


class Health(Fact):
    """A base that answers. `tier` says how much its sandbox holds; `silent` which providers don't answer now; `halted`
    why nothing can be written now; `workers` run turns, the base among them.
    """

    version: str
    pid: int
    tier: Tier
    state: str
    silent: tuple[str, ...] = ()
    halted: str
    workers: int


@router.get("/health")
async def health(home: Here) -> Health:
    tier = next(probe.tier for probe in home.probes if probe.works)
    silent = tuple(wire.silent for wire in models.listed(home) if wire.silent)
    return Health(
        version=__version__,
        pid=os.getpid(),
        tier=tier,
        state=str(home.settings.state),
        silent=silent,
        halted=home.store.log.standing.why,
        workers=len(await doctor.workers(home)),
    )


@router.get("/doctor")
async def examine(home: Here) -> list[doctor.Finding]:
    """What is there and what is missing, with the command that mends it."""
    of = home.settings._replace(model=await roles.worker(home))
    found = doctor.examine(of, home.probes, home.providers.values(), home.store.log.standing.why)
    return [*found, doctor.working(await doctor.workers(home))]
