"""Hooks: where somebody else's server tells what happened there, signed with a secret of ours.

One belongs to an automation that waits for a webhook, or to a source that may be told; its address ends in their id.
"""

from __future__ import annotations

import asyncio
import re
import secrets as chance
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from maquette.actions.home import Home
from maquette.domain.automations import Automation, State
from maquette.domain.errors import Refused
from maquette.domain.events import DeliveryCame
from maquette.domain.posts import Source
from maquette.domain.triggers import Heard
from maquette.kinds.connectors import Hearing
from maquette.kinds.triggers import Delivery, Listens
from maquette.store import Conflict, deliveries
from maquette.store.projections import automations, sources

TOLD = 16_000
"""Characters of a body that a run is told: more than GitHub's mostly have."""
_OURS = re.compile(r"(?:automation|src)_[0-9a-z]{8,24}")


@dataclass(frozen=True)
class Hook:
    """`of`: the id of whose it is. `secret`: whether one is kept, without which nothing is taken; `last`: when
    something was taken last.
    """

    of: str
    name: str
    means: str
    secret: bool
    last: datetime | None


@dataclass(frozen=True)
class _Hook:
    whose: Automation | Source
    trigger: Listens
    options: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.whose.plan.name if isinstance(self.whose, Automation) else self.whose.name


@dataclass(frozen=True)
class Signed:
    """What came signed as it should be. `heard` is None where nobody waits for it."""

    hook: _Hook
    heard: Heard | None
    body: bytes


async def listed(home: Home) -> list[Hook]:
    """By name; also those without a secret."""
    found = [_of(home, one) for one in await home.store.query(automations.automations)]
    found += [_of(home, one.source) for one in await home.store.query(sources.sources)]
    return await _told(home, [one for one in found if one is not None])


async def show(home: Home, named: str) -> Hook:
    """By the id or name of an automation or a source. Refused: `unknown-hook`."""
    return (await _told(home, [await _find(home, named)]))[0]


async def of(home: Home, whose: Automation) -> Hook | None:
    """An automation's, if it waits for a webhook."""
    hook = _of(home, whose)
    return (await _told(home, [hook]))[0] if hook else None


async def make_secret(home: Home, named: str) -> str:
    """Another one, which is given this once. What is signed with the one before no longer counts.

    Refused: `unknown-hook`, `no-vault`.
    """
    hook = await _find(home, named)
    standard = hook.options["scheme"] == "standard"
    secret = f"whsec_{b64encode(chance.token_bytes(32)).decode()}" if standard else chance.token_hex(32)
    await asyncio.to_thread(home.secrets.keep, kept(hook.whose.id), secret)
    return secret


async def revoke(home: Home, named: str) -> None:
    """Nothing is taken any more, until there is another secret. Refused: `unknown-hook`."""
    await asyncio.to_thread(home.secrets.forget, kept((await _find(home, named)).whose.id))


def kept(of: str) -> str:
    """What its secret is kept by; nothing else in the vault is named so."""
    return f"hook:{of}"


async def signed(home: Home, address: str, delivery: Delivery) -> Signed | None:
    """What was sent to an address, if it is signed with its secret. None: it isn't, or there is no such address;
    which of both takes as long, and is told nobody. Refused: `too-large`; `odd-event`, only if it is signed.
    """
    trigger = _listens(home)
    if trigger is None or not _OURS.fullmatch(address):
        return None
    hook = await _at(home, address)
    secret = await asyncio.to_thread(home.secrets.get, kept(address))
    scheme = "github" if "x-hub-signature-256" in delivery.headers else "standard"
    options = hook.options if hook else {"scheme": scheme}
    key = secret.encode() or chance.token_bytes(32)
    try:
        heard = await asyncio.to_thread(trigger.hear, options, key, delivery, datetime.now(UTC))
    except Refused as refused:
        if refused.code in ("too-large", "odd-event"):
            raise
        return None
    return Signed(hook, heard, delivery.body) if hook else None


async def take(home: Home, came: Signed) -> None:
    """On disk when this returns, so that a run begins, or the source has it. The same again changes nothing.

    Refused: `not-on`, `odd-payload`; Unwritable.
    """
    whose, heard = came.hook.whose, came.heard
    if heard is None:
        return
    if isinstance(whose, Automation) and whose.state is not State.ON:
        raise Refused("This automation isn't on: nothing is heard of for it.", code="not-on")
    sent = DeliveryCame(heard=heard, brought=_legible(came.body) if isinstance(whose, Automation) else "")
    if isinstance(whose, Source):
        if await home.store.query(deliveries.came, whose.id, sent):  # older words would be put over newer ones
            return
        await home.reader.hear(whose, heard.about.get("event", ""), came.body)
    with suppress(Conflict):
        await home.store.log.append(whose.id, sent)


def _legible(body: bytes) -> str:
    text = body[: 4 * TOLD].decode("utf-8", "replace")
    told = "".join(c for c in text[:TOLD] if c.isprintable() or c in "\n\t")
    return told if len(text) <= TOLD else f"{told}… (cut: {len(body):,} bytes)"


def _listens(home: Home) -> Listens | None:
    return next((one for one in home.triggers.values() if isinstance(one, Listens)), None)


def _of(home: Home, whose: Automation | Source) -> _Hook | None:
    """Where it has one."""
    trigger = _listens(home)
    if trigger is None:
        return None
    if isinstance(whose, Source):
        connector = home.reader.connectors.get(whose.kind)
        return _Hook(whose, trigger, {"scheme": connector.scheme}) if isinstance(connector, Hearing) else None
    wakes = [one for one in whose.plan.when.wakes if one.trigger == trigger.name]
    return _Hook(whose, trigger, wakes[0].options) if wakes else None


async def _at(home: Home, id: str) -> _Hook | None:
    """By exactly this id."""
    whose: Automation | Source
    try:
        if id.startswith("src_"):
            whose = (await home.store.query(sources.source, id)).source
        else:
            whose = await home.store.query(automations.find, id)
    except Refused:
        return None
    return _of(home, whose) if whose.id == id else None


async def _find(home: Home, named: str) -> _Hook:
    found: list[Automation | Source] = []
    with suppress(Refused):
        found.append(await home.store.query(automations.find, named))
    with suppress(Refused):
        found.append((await home.store.query(sources.source, named)).source)
    for one in found:
        if (hook := _of(home, one)) is not None:
            return hook
    why = (
        f"“{named}” waits for no webhook: give it --wake 'webhook scheme=github'."
        if found
        else f"There is no automation or source “{named}”."
    )
    raise Refused(why, code="unknown-hook")


async def _told(home: Home, hooks: list[_Hook]) -> list[Hook]:
    last = await home.store.query(deliveries.last, [one.whose.id for one in hooks])

    def told() -> list[Hook]:
        return [
            Hook(
                of=one.whose.id,
                name=one.name,
                means=one.trigger.means(one.options),
                secret=bool(home.secrets.get(kept(one.whose.id))),
                last=last.get(one.whose.id),
            )
            for one in hooks
        ]

    return await asyncio.to_thread(told)
