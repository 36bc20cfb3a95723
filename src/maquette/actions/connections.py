"""Connections: models' servers that a person leads the base to, with a key or without; usable at once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from maquette.actions import models, offers, roles, trying
from maquette.actions.home import Home
from maquette.connections.connections import checked
from maquette.domain.errors import Refused, Unavailable
from maquette.domain.roles import Role
from maquette.kinds.providers import Connection, Wire
from maquette.settings import APPRENTICE

LOCAL = (
    ("Ollama", "ollama", "http://127.0.0.1:11434/v1"),
    ("LM Studio", "lm-studio", "http://127.0.0.1:1234/v1"),
    ("llama.cpp", "llama-cpp", "http://127.0.0.1:8080/v1"),
    ("vLLM", "vllm", "http://127.0.0.1:8000/v1"),
)
"""Servers that people run themselves: a title, a name, and where each listens if nobody says otherwise."""
SPOKEN = "openai-chat"
"""What all of these speak."""
LOOKS = 2.0
"""Seconds for one that is looked for."""


@dataclass(frozen=True)
class Connected:
    """`model` can be used now; `kept` says where its key is. `worker`: threads that name none get it from now on."""

    name: str
    model: str
    detail: str
    kept: str
    worker: bool


@dataclass(frozen=True)
class Found:
    """A server of models on this machine, at the port that `title` usually has."""

    title: str
    name: str
    address: str
    models: tuple[str, ...]
    connected: str
    """The name of the connection that leads there already, or ""."""


async def try_out(home: Home, wire: str, *, address: str, key: str, model: str, name: str = "") -> trying.Tried:
    """What `connect` would, without keeping anything. Refused: as there."""
    there = _there(home, wire, address.strip(), key.strip(), name.strip() or wire)
    return await trying.ask(there, model.strip(), learn=True)


async def connect(
    home: Home, wire: str, *, address: str, key: str, model: str, name: str = "", untested: bool = False
) -> Connected:
    """Asks the model something short, and keeps the connection where it answers; `untested`: without asking.

    Where only the apprentice was there to work, the model is the base's worker from now on.
    Refused: `unknown-wire`, `odd-name`, `taken-name`, `odd-address`, `odd-key`, `no-vault`, and by what came of asking.
    """
    address, key, model, name = address.strip(), key.strip(), model.strip(), name.strip() or wire
    there = _there(home, wire, address, key, name)
    if not model or not model.isprintable() or len(model) > models.LONGEST:
        raise Refused("Name the model, as its server calls it.", code="odd-name")
    if not untested and (tried := await trying.ask(there, model)).came != "works":
        raise Refused(f"{tried.said} Nothing was kept.", code=tried.came)
    kept = await asyncio.to_thread(home.providers.connections.keep, name, wire, address, key)
    full = f"{name}:{model}"
    alone = not home.settings.insists and await roles.worker(home) == APPRENTICE
    if alone:
        await roles.give(home, Role.WORKER, [full])
    else:
        await offers.offer(home, full, "connected")
    return Connected(name, full, home.providers[name].connected().detail, kept.kept, alone)


def _there(home: Home, wire: str, address: str, key: str, name: str) -> Wire:
    wires = home.providers.wires
    if wire not in wires:
        raise Refused(f"No wire is called {wire!r}. There are: {', '.join(sorted(wires))}.", code="unknown-wire")
    checked(name, address, key)
    if name in home.providers and name != wire and name not in home.providers.connections.all():
        raise Refused(f"{name!r} is a way to reach models already: give this one another name.", code="taken-name")
    if home.providers.shadowed(name):
        why = f"The environment of the base says already where {name!r} leads, and goes before what is kept here."
        raise Refused(f"{why} Give this one a name of its own.", code="taken-name")
    return wires[wire].at(Connection(name, wire, address, "your hands" if key else "", lambda: key))


async def forget(home: Home, name: str) -> None:
    """The connection and its key. Threads that name its models are told so when they ask. Refused:
    `unknown-connection`.
    """
    await asyncio.to_thread(home.providers.connections.forget, name)


async def found(home: Home) -> list[Found]:
    """Asks the usual ports of this machine, and no other, which models are there."""
    at = {one.address: one.name for one in home.providers.connections.all().values()}
    wire = home.providers.wires[SPOKEN]
    looked = await asyncio.gather(*(_look(wire, *place, at.get(place[2], "")) for place in LOCAL))
    return [one for one in looked if one is not None]


async def _look(wire: Wire, title: str, name: str, address: str, connected: str) -> Found | None:
    try:
        offered = await wire.at(Connection(name, SPOKEN, address, "", str)).offered(LOOKS)
    except (Refused, Unavailable):
        return None
    return Found(title, name, address, tuple(one.name for one in offered), connected)
