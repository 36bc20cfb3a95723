"""Which sandbox to use: the best that works here, tried for real."""

from __future__ import annotations

import os
from collections.abc import Iterable

from maquette.domain.errors import Refused
from maquette.kinds.sandboxes import Probe, Sandbox, Tier

FORCED = "MAQUETTE_SANDBOX"
"""Names a sandbox to use whatever works better, for tests and for looking into trouble."""


def ordered(sandboxes: Iterable[Sandbox], probes: dict[str, Probe]) -> list[Sandbox]:
    """Those that work, best tier first."""
    tiers = list(Tier)
    return sorted((s for s in sandboxes if probes[s.name].works), key=lambda s: tiers.index(probes[s.name].tier))


async def probed(sandboxes: Iterable[Sandbox]) -> dict[str, Probe]:
    """By name."""
    return {sandbox.name: await sandbox.probe() for sandbox in sandboxes}


async def best(sandboxes: Iterable[Sandbox], probes: dict[str, Probe] | None = None) -> Sandbox:
    """`probes`: what `probed` said, where it was asked already.

    Raises `Refused` where none works, or the one that `MAQUETTE_SANDBOX` names doesn't exist or work.
    """
    known = {sandbox.name: sandbox for sandbox in sandboxes}
    name = os.environ.get(FORCED)
    if name:
        if name not in known:
            raise Refused(f"{FORCED} names {name!r}; there are {', '.join(sorted(known))}.", code="unknown-sandbox")
        known = {name: known[name]}
    probes = await probed(known.values()) if probes is None else {name: probes[name] for name in known}
    working = ordered(known.values(), probes)
    if not working:
        told = "; ".join(f"{name}: {probe.detail}{mend(probe)}" for name, probe in probes.items())
        raise Refused(f"No sandbox works here. {told}", code="no-sandbox")
    return working[0]


def mend(probe: Probe) -> str:
    return f" ({probe.mend} mends it)" if probe.mend else ""
