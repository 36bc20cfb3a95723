"""Where a provider is and with which key, from the usual variables; and the provider itself, which loads late."""

from __future__ import annotations

import asyncio
import importlib
import os
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from decimal import Decimal
from ipaddress import ip_address
from typing import Protocol, cast
from urllib.parse import urlsplit

from maquette.domain.errors import Refused
from maquette.domain.messages import Usage
from maquette.kinds.providers import Answered, Connected, Conversation, Delta, Request
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
    """By the variable they came from."""

    @classmethod
    def of(cls, vendor: Vendor, environment: Mapping[str, str] | None = None) -> Endpoint:
        env = os.environ if environment is None else environment
        secrets = {name: env[name] for name in vendor.keys if env.get(name)}
        return cls(vendor, env.get(vendor.address) or vendor.home, secrets)

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
    def connected(self) -> Connected:
        if self.wrong:
            return Connected(False, self.wrong)
        keys = " or ".join(self.vendor.keys)
        if self.secrets:
            return Connected(True, f"{self.vendor.title} at {self.place}, with {next(iter(self.secrets))}")
        if not self.at_home:
            return Connected(True, f"{self.place}, without a key")
        return Connected(
            False, f"Set {keys} to use {self.vendor.title}, or {self.vendor.address} for a server of your own."
        )


class _Module(Protocol):
    """A module of a wire, once it is loaded."""

    converse: Callable[[Endpoint, str], Conversation]


_loading = threading.Lock()


def _conversation(module: str, endpoint: Endpoint, model: str) -> Conversation:
    """Loads the wire. One thread at a time: of two that import parts of one package, one may be given half a module."""
    with _loading:
        return cast("_Module", importlib.import_module(module)).converse(endpoint, model)


@dataclass
class _Late:
    """A conversation that loads its wire with its first request, beside the event loop."""

    module: str
    endpoint: Endpoint
    model: str
    breaker: Breaker
    _conversation: Conversation | None = None

    async def stream(self, request: Request) -> AsyncIterator[Delta]:
        if not (state := self.endpoint.connected).ready:
            raise Refused(state.detail, code="not-connected")
        if self._conversation is None:
            self._conversation = await asyncio.to_thread(_conversation, self.module, self.endpoint, self.model)
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
    """A provider over one wire; `module` is what to load to speak it."""

    wire: str
    vendor: Vendor
    module: str
    breakers: dict[str, Breaker] = field(default_factory=dict[str, Breaker], compare=False, repr=False)
    """By address."""

    def connected(self) -> Connected:
        endpoint = Endpoint.of(self.vendor)
        return replace(endpoint.connected, silent=self._breaker(endpoint).told)

    def _breaker(self, endpoint: Endpoint) -> Breaker:
        return self.breakers.setdefault(endpoint.url, Breaker(self.wire))

    def preload(self) -> None:
        """The SDKs load much of themselves only when a client is made, so one is made."""
        _conversation(self.module, Endpoint(self.vendor, self.vendor.home), "none")

    def price(self, model: str, usage: Usage) -> Decimal | None:
        with _loading:
            from maquette.providers.wires import prices
        return prices.price(self.vendor.title.lower(), Endpoint.of(self.vendor).url, model, usage)

    def open(self, model: str) -> Conversation:
        endpoint = Endpoint.of(self.vendor)
        return _Late(self.module, endpoint, model, self._breaker(endpoint))
