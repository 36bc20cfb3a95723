"""Where a provider is, with which key, by the usual variables or a connection; and the provider, which loads late."""

from __future__ import annotations

import asyncio
import importlib
import os
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, nullcontext
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from ipaddress import ip_address
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

from maquette.domain.errors import Refused
from maquette.domain.messages import Usage
from maquette.kinds.providers import Answered, Connected, Connection, Conversation, Delta, Known, Offered, Request
from maquette.providers.wires.breaker import Breaker

PLACEHOLDER = "none-needed"
"""Sent as the key to a server of one's own, which asks for none; the SDKs insist on one."""


@dataclass(frozen=True)
class Patience:
    """How long to wait, in seconds. Pings of a server count as chunks."""

    connect: float = 10
    first_byte: float = 120
    between_chunks: float = 120
    whole: float = 1800
    """For all of an answer, however much of it keeps coming."""


@dataclass(frozen=True)
class Vendor:
    """The variables that lead to a vendor, and where it is without them."""

    title: str
    home: str
    keys: tuple[str, ...]
    """Variables that hold a key; the first is the usual one."""
    address: str
    """The variable that leads elsewhere."""


OPENAI = Vendor("OpenAI", "https://api.openai.com/v1", ("OPENAI_API_KEY",), "OPENAI_BASE_URL")
ANTHROPIC = Vendor(
    "Anthropic", "https://api.anthropic.com", ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"), "ANTHROPIC_BASE_URL"
)


@dataclass(frozen=True)
class Endpoint:
    """Where to send requests. `secrets` never gets into a text for people, or into a representation."""

    vendor: Vendor
    url: str = field(repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """By the variable they came from, or would have come from."""
    connection: str = ""
    """Which leads here; "": the environment does."""
    kept: str = ""
    """Where its key is kept, in words."""

    @classmethod
    def of(cls, vendor: Vendor, environment: Mapping[str, str] | None = None) -> Endpoint:
        env = os.environ if environment is None else environment
        secrets = {name: env[name] for name in vendor.keys if env.get(name)}
        return cls(vendor, env.get(vendor.address) or vendor.home, secrets)

    @classmethod
    def to(cls, vendor: Vendor, connection: Connection, *, key: bool = False) -> Endpoint:
        """Where a connection leads; with its `key` only when that is needed, since reading it blocks."""
        secret = connection.key() if key else ""
        secrets = {vendor.keys[0]: secret} if secret else {}
        return cls(vendor, connection.address or vendor.home, secrets, connection.name, connection.kept)

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def wrong(self) -> str:
        """Why this is no address at all; "" when it is one."""
        try:
            parts = urlsplit(self.url)
            if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
                return ""
        except ValueError:
            pass
        shown = self.url.rpartition("@")[2]
        return f"{self.vendor.address} is {shown!r}, which is no address. Set it like {self.vendor.home}."

    @property
    def hint(self) -> str:
        """What is missing most often, where it is missing."""
        ends = urlsplit(self.vendor.home).path
        return "" if urlsplit(self.url).path.rstrip("/").endswith(ends) else f"; most end in {ends}"

    @property
    def at_home(self) -> bool:
        """It is the vendor's own service, and not one that speaks like it."""
        return self.host == urlsplit(self.vendor.home).hostname

    @property
    def on_loopback(self) -> bool:
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def place(self) -> str:
        """The address as it may be shown: without a name and password in it."""
        parts = urlsplit(self.url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()

    @property
    def unencrypted(self) -> bool:
        return urlsplit(self.url).scheme == "http"

    @property
    def leads(self) -> str:
        """What leads here, to begin a sentence with."""
        return self.connection or self.vendor.address

    @property
    def key_mend(self) -> str:
        """What to do about a key that is refused."""
        if self.connection:
            return f"Connect {self.connection} anew, with another key."
        return f"Check {' or '.join(self.vendor.keys)}."

    @property
    def address_mend(self) -> str:
        if self.connection:
            return "To change where it leads, forget it and connect anew."
        return "A changed variable counts once the base was started anew (`maquette down`)."

    @property
    def connected(self) -> Connected:
        if self.wrong:
            return Connected(False, self.wrong)
        if self.connection:
            return self._kept()
        keys = " or ".join(self.vendor.keys)
        if self.secrets:
            return Connected(True, f"{self.vendor.title} at {self.place}, with {next(iter(self.secrets))}")
        if not self.at_home:
            return Connected(True, f"{self.place}, without a key")
        return Connected(
            False, f"Set {keys} to use {self.vendor.title}, or {self.vendor.address} for a server of your own."
        )

    def _kept(self) -> Connected:
        where = f"{self.vendor.title} at {self.place}" if self.at_home else self.place
        if self.kept:
            return Connected(True, f"{where}, with a key in {self.kept}")
        if self.at_home:
            return Connected(False, f"{where} needs a key: connect {self.connection} anew, with one.")
        return Connected(True, f"{where}, without a key")


class _Module(Protocol):
    """A module of a wire, once it is loaded."""

    converse: Callable[[Endpoint, str], Conversation]


_loading = threading.Lock()
_made = set[str]()
"""Wires that a conversation was made of: the next takes less than going to a thread for it."""


def _loaded(module: str) -> Any:
    """One thread at a time: of two that import parts of one package, one may be given half a module."""
    with _loading:
        return importlib.import_module(module)


def _conversation(module: str, endpoint: Endpoint, model: str) -> Conversation:
    """Loads the wire, one thread at a time, as well. One that was made of it before waits for nobody."""
    with nullcontext() if module in _made else _loading:
        conversation = cast("_Module", importlib.import_module(module)).converse(endpoint, model)
    _made.add(module)
    return conversation


@dataclass
class _Late:
    """A conversation that loads its wire with its first request, beside the event loop."""

    module: str
    endpoint: Callable[[], Endpoint]
    """With its key, read with the first request."""
    model: str
    breaker: Breaker
    _conversation: Conversation | None = None

    async def stream(self, request: Request) -> AsyncIterator[Delta]:
        if self._conversation is None:
            endpoint = await asyncio.to_thread(self.endpoint)
            if not (state := endpoint.connected).ready:
                raise Refused(state.detail, code="not-connected")
            make = partial(_conversation, self.module, endpoint, self.model)
            self._conversation = make() if self.module in _made else await asyncio.to_thread(make)
        with self.breaker.asking():
            async with aclosing(cast("AsyncGenerator[Delta]", self._conversation.stream(request))) as deltas:
                async for delta in deltas:
                    self.breaker.heard(whole=isinstance(delta, Answered))
                    yield delta

    async def close(self) -> None:
        if self._conversation is not None:
            await self._conversation.close()


@dataclass(frozen=True)
class WireProvider:
    """A provider over one wire; `module` is what to load to speak it. With a connection it is had there."""

    wire: str
    """In models' names: of a connection, its name."""
    vendor: Vendor
    module: str
    breakers: dict[str, Breaker] = field(default_factory=dict[str, Breaker], compare=False, repr=False)
    """By address; one of a connection is its own."""
    connection: Connection | None = None

    def at(self, connection: Connection) -> WireProvider:
        return replace(self, wire=connection.name, connection=connection)

    def is_led(self) -> bool:
        return any(os.environ.get(name) for name in (*self.vendor.keys, self.vendor.address))

    def connected(self) -> Connected:
        endpoint = self._endpoint()
        return replace(endpoint.connected, silent=self._breaker(endpoint).told)

    def _endpoint(self, *, key: bool = False) -> Endpoint:
        if self.connection is None:
            return Endpoint.of(self.vendor)
        return Endpoint.to(self.vendor, self.connection, key=key)

    def _breaker(self, endpoint: Endpoint) -> Breaker:
        return self.breakers.setdefault(f"{endpoint.connection} {endpoint.url}", Breaker(self.wire))

    async def offered(self, seconds: float) -> Sequence[Offered]:
        endpoint = await asyncio.to_thread(self._endpoint, key=True)
        listing = await asyncio.to_thread(_loaded, "maquette.providers.wires.listing")
        return await listing.offered(endpoint, seconds)

    def known(self, model: str) -> Known:
        return _loaded("maquette.providers.wires.listing").known(self._endpoint(), model)

    def preload(self) -> None:
        """The SDKs load much of themselves only when a client is made, so one is made."""
        _conversation(self.module, Endpoint(self.vendor, self.vendor.home), "none")

    def price(self, model: str, usage: Usage) -> Decimal | None:
        prices = _loaded("maquette.providers.wires.prices")
        return prices.price(self.vendor.title.lower(), self._endpoint().url, model, usage)

    def open(self, model: str) -> Conversation:
        return _Late(self.module, lambda: self._endpoint(key=True), model, self._breaker(self._endpoint()))
