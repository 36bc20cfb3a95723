"""Sources: what others wrote elsewhere, read by a person's leave; add, list, read, remove."""

from __future__ import annotations

import asyncio
import secrets as chance
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from maquette.actions import hooks
from maquette.actions.home import Home
from maquette.domain.errors import Refused
from maquette.domain.events import SourceAdded, SourceRead, SourceRemoved
from maquette.domain.posts import Source
from maquette.store.projections import sources

LONGEST = 4_096


@dataclass(frozen=True)
class Kind:
    """What can be read. `at` says what an address of it is; `options` what else may be said."""

    kind: str
    at: str
    options: Mapping[str, str]
    wants_secret: bool


@dataclass(frozen=True)
class Listed:
    """A source as it stands. `posts`: how many are kept; `reading`: how far it is being read just now, or ""."""

    source: Source
    added: datetime
    posts: int
    read: datetime | None
    came: SourceRead
    reading: str


def kinds(home: Home) -> list[Kind]:
    return [
        Kind(one.kind, one.about, one.options, one.wants_secret)
        for one in sorted(home.reader.connectors.values(), key=lambda one: one.kind)
    ]


async def named(home: Home) -> list[str]:
    return [one.source.name for one in await home.store.query(sources.sources)]


async def listed(home: Home) -> list[Listed]:
    """By name."""
    found = await home.store.query(sources.sources)
    if not found:
        return []
    counts: dict[str, int] = {}
    for channel in await asyncio.to_thread(home.reader.posts.channels):
        counts[channel.source] = counts.get(channel.source, 0) + channel.posts
    return [_listed(home, one, counts.get(one.source.id, 0)) for one in found]


async def find(home: Home, named: str) -> Source:
    """By its id or its name. Refused: `unknown-source`."""
    return (await home.store.query(sources.source, named)).source


async def add(
    home: Home, kind: str, at: str, *, name: str = "", options: Mapping[str, str] | None = None, secret: str = ""
) -> Source:
    """Looks whether it can be one, without reading it. A path begins with `/`.

    Refused: `unknown-connector`, `odd-source`, `odd-option`, `odd-name`, `taken-name`, `no-secret`, `no-vault`.
    """
    at, name, options = at.strip(), " ".join(name.split()), dict(options or {})
    if not at or not at.isprintable() or len(at) > LONGEST or any(len(value) > LONGEST for value in options.values()):
        raise Refused("Say where it is: a path, or an address.", code="odd-source")
    if "://" not in at and not Path(at).is_absolute():
        raise Refused(f"{at} could be anywhere: name its whole path.", code="odd-source")
    name = name or Path(at.rstrip("/")).name[:100] or kind
    if len(name) > 100 or not name.isprintable() or "/" in name:
        raise Refused("That is no name: at most 100 characters that can be read, and no slash.", code="odd-name")
    source = Source(id=f"src_{chance.token_hex(4)}", kind=kind, at=at, name=name, options=options)
    connector = home.reader.connector(source)
    if odd := sorted(options.keys() - connector.options.keys()):
        known = ", ".join(sorted(connector.options)) or "none"
        raise Refused(f"{kind} knows no option {odd[0]!r}. There are: {known}.", code="odd-option")
    if connector.wants_secret and not secret:
        raise Refused(f"{kind} needs a password.", code="no-secret")
    if any(one.source.name == name for one in await home.store.query(sources.sources)):
        raise Refused(f"{name!r} is a source already: give this one another name.", code="taken-name")
    try:
        await asyncio.to_thread(connector.check, source)
    except OSError as error:
        raise Refused(f"{at} can't be read: {error.strerror or error}.", code="odd-source") from error
    if secret:
        await asyncio.to_thread(home.secrets.keep, source.id, secret)
    await home.store.log.append(source.id, SourceAdded(source=source))
    return source


async def set_secret(home: Home, named: str, secret: str) -> None:
    """In place of the one there was. Refused: `unknown-source`, `no-secret`, `no-vault`."""
    source = await find(home, named)
    if not secret:
        raise Refused("There is no password in that.", code="no-secret")
    await asyncio.to_thread(home.secrets.keep, source.id, secret)


async def read(home: Home, named: str) -> Listed:
    """Now, to its end; what went wrong on the way stands in what comes of it. Refused: `unknown-source`,
    `being-read`.
    """
    source = await find(home, named)
    await home.reader.read(source)
    now = await home.store.query(sources.source, source.id)
    return _listed(home, now, await asyncio.to_thread(home.reader.posts.count, source.id))


async def remove(home: Home, named: str) -> None:
    """With all that was read of it, and its password. Nothing at the source changes. Refused: `unknown-source`,
    `being-read`.
    """
    source = await find(home, named)
    if source.id in home.reader.progress:
        raise Refused(f"{source.name} is being read just now.", code="being-read")
    await home.store.log.append(source.id, SourceRemoved())
    await asyncio.to_thread(home.reader.posts.forget, source.id)
    for kept in (source.id, hooks.kept(source.id)):
        await asyncio.to_thread(home.secrets.forget, kept)


def _listed(home: Home, one: sources.Subscription, posts: int) -> Listed:
    return Listed(one.source, one.added, posts, one.read, one.came, home.reader.progress.get(one.source.id, ""))
