"""What this machine can do for Maquette, what is missing, and the command that mends it."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from maquette.actions.home import Home
from maquette.kinds.providers import Provider
from maquette.kinds.sandboxes import Probe, Tier
from maquette.settings import Settings
from maquette.store.workers import Worker

FOR_SKILLS = ("vulture", "ruff", "libcst", "openpyxl")
LITTLE = 100 << 20
"""Bytes left on a disk that are worth a word."""
HELD = {
    Tier.FULL: "commands are held: no network, and only the work tree can be written",
    Tier.LANDLOCK: "commands are held, but more weakly than by bubblewrap",
    Tier.NONE: "nothing holds commands, so each one asks you first",
}


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `mend` is a command that would make it better, or empty."""

    what: str
    ok: bool
    detail: str
    mend: str = ""


def examine(
    settings: Settings, probes: Sequence[Probe], providers: Iterable[Provider], halted: str = ""
) -> list[Finding]:
    """All that can be found out without a base, without the network and without writing anything.

    `halted`: why a base that is up can't write its state now.
    """
    return [
        Finding("python", True, f"{sys.version.split()[0]} at {sys.executable}"),
        Finding("state", False, halted) if halted else _state(settings.state),
        _sandbox(probes),
        _git(),
        *_models(settings, list(providers)),
        _skills(),
    ]


async def workers(home: Home) -> list[Worker]:
    """Who runs turns: those who share the log, or the base alone."""
    shared = home.store.workers
    return await asyncio.to_thread(shared.alive) if shared else [Worker("base", platform.node(), os.getpid())]


def working(alive: Sequence[Worker]) -> Finding:
    who = ", ".join(f"process {worker.pid} on {worker.host.partition(' ')[0]}" for worker in alive)
    return Finding("workers", bool(alive), f"{len(alive)} at work: {who}")


def _state(folder: Path) -> Finding:
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return Finding("state", False, f"{folder} can't be written", "export MAQUETTE_HOME=… (a folder of yours)")
    free = shutil.disk_usage(there).free
    if free < LITTLE:
        return Finding("state", False, f"{folder}: its disk is almost full, {free >> 20} MB are left", f"df -h {there}")
    return Finding("state", True, str(folder))


def _sandbox(probes: Sequence[Probe]) -> Finding:
    working = next((probe for probe in probes if probe.works), None)
    best = working is not None and working.tier is Tier.FULL
    better = next((p for p in probes if not p.works and p.mend), None)
    if working is None:
        told = "; ".join(probe.detail for probe in probes) or "there is none for this machine"
        return Finding("sandbox", False, f"none works: {told}", better.mend if better else "")
    why = "" if best or better is None else f" ({better.detail})"
    held = f": {working.detail}" if working.tier is Tier.LANDLOCK else ""
    detail = f"tier {working.tier.value}: {HELD[working.tier]}{held}{why}"
    return Finding("sandbox", best, detail, "" if best or better is None else better.mend)


def _git() -> Finding:
    path = shutil.which("git")
    if path is None:
        return Finding("git", False, "not found, so there are no work trees", "sudo apt-get install git")
    return Finding("git", True, path)


def _models(settings: Settings, providers: Sequence[Provider]) -> list[Finding]:
    states = [(provider.wire, provider.connected()) for provider in providers]
    wire = settings.model.partition(":")[0]
    ready = any(state.ready and not state.is_rules for _, state in states)
    default = dict(states).get(wire)
    usable = default is not None and default.ready
    why = "" if usable else f", which can't be used: {default.detail if default else f'no wire is called {wire!r}'}"
    mend = "" if ready else "maquette models --connect WIRE, or --find; or export OPENAI_API_KEY or ANTHROPIC_API_KEY"
    said = f"threads that name none get {settings.model}{why}"
    if default is not None and default.ready and default.is_rules:
        said = f"no language model is connected; {settings.model} does by rule what rules can do"
        if ready:
            said = (
                f"{settings.model} does by rule what rules can do; `maquette models --role worker NAME` names another"
            )
    return [
        Finding("model", usable and ready, said, mend),
        *(Finding(f"{name}:", state.ready, state.detail) for name, state in states),
    ]


def _skills() -> Finding:
    lacking = [name for name in FOR_SKILLS if importlib.util.find_spec(name) is None]
    if lacking:
        return Finding("skills", False, f"built-in skills lack {', '.join(lacking)}", "pip install 'maquette[skills]'")
    return Finding("skills", True, "the built-in skills have what they need")
