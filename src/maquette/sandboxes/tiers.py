"""Which sandbox to use: the best that works here, tried for real."""

from __future__ import annotations

import os
from collections.abc import Iterable

from maquette.domain.errors import Refused
from maquette.kinds.sandboxes import Probe, Sandbox, Tier

FORCED = "MAQUETTE_SANDBOX"
"""Names a sandbox to use whatever works better, for tests and for looking into trouble."""


async def probed(sandboxes: Iterable[Sandbox]) -> dict[str, Probe]:
    """By name, best tier first. What is weaker than the one to use is spared the trial."""
    tiers, name = list(Tier), os.environ.get(FORCED)
    probes: dict[str, Probe] = {}
    for sandbox in sorted(sandboxes, key=lambda sandbox: tiers.index(sandbox.tier)):
        probe = probes[sandbox.name] = await sandbox.probe()
        if sandbox.name == name or (probe.works and not name):
            break
    return probes


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
    probes = await probed(known.values()) if probes is None else probes
    said = {name: probe for name, probe in probes.items() if name in known}
    working = next((name for name, probe in said.items() if probe.works), None)
    if working is None:
        told = "; ".join(f"{name}: {probe.detail}{mend(probe)}" for name, probe in said.items())
        raise Refused(f"No sandbox works here. {told}", code="no-sandbox")
    return known[working]


def mend(probe: Probe) -> str:
    return f" ({probe.mend} mends it)" if probe.mend else ""
