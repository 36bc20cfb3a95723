"""Where others' servers tell what happened: past the door, since who signs needs no key, and who doesn't gets nothing.

Any host will do in the address, as a tunnel or a proxy brings it: no cookie counts here, only the signature.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from maquette.actions import hooks
from maquette.actions.home import Home
from maquette.domain.errors import MaquetteError, Refused, without_room
from maquette.kinds.triggers import Delivery
from maquette.web import problems
from maquette.web.guard import ON_EVERY_ANSWER
from maquette.web.problems import problem

PATH = "/hooks/"
LARGEST = 25 << 20
"""Bytes of a body, at most; a trigger may take less."""
HELD = 100 << 20
"""Bytes of bodies that are read at once."""
SECONDS = 10.0
"""For a body: as long as GitHub waits for an answer."""
OFTEN = 120
"""Deliveries a minute that one address takes."""
STRANGE = 30
"""Unsigned ones a minute, by whomever to wherever, which are merely refused; then the person is told."""

log = logging.getLogger(__name__)


@dataclass
class Bucket:
    """Lets so many through a minute, in any order."""

    most: int
    level: float = 0.0
    at: float = field(default_factory=time.monotonic)

    def one_more(self) -> int:
        """Seconds to wait; 0: it may go through."""
        now = time.monotonic()
        self.level = max(0.0, self.level - (now - self.at) * self.most / 60)
        self.at = now
        if self.level + 1 > self.most:
            return 1 + round(60 / self.most)
        self.level += 1
        return 0


class Hooks:
    """Takes what is sent to an address of ours; whatever else is asked goes on to what is `beyond`."""

    def __init__(self, beyond: ASGIApp, home: Home) -> None:
        self._beyond, self._home = beyond, home
        self._held = 0
        self._strangers = Bucket(STRANGE)
        self._told = False
        self._often: dict[str, Bucket] = defaultdict(lambda: Bucket(OFTEN))
        """By address; of those that something signed was sent to, so there are no more than there are hooks."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith(PATH):
            await self._beyond(scope, receive, send)
            return
        try:
            answer = await self._answer(scope["path"].removeprefix(PATH), Request(scope, receive))
        except ClientDisconnect:
            return
        answer.headers.update(ON_EVERY_ANSWER)
        await answer(scope, receive, send)

    async def _answer(self, address: str, request: Request) -> Response:
        headers = request.headers
        if not _may_be_signed(headers):
            return self._stranger()
        announced = headers.get("content-length", "0")
        if not announced.isdigit() or int(announced) > LARGEST:
            return _too_large()
        pieces: list[bytes] = []
        try:
            async with asyncio.timeout(SECONDS):
                if refusal := await self._read(request, pieces):
                    return refusal
            return await self._taken(address, Delivery(dict(headers), b"".join(pieces)))
        except TimeoutError:
            return _closing(problem(408, "too-slow", f"This took more than {SECONDS:.0f} seconds to send."))
        finally:
            self._held -= sum(map(len, pieces))

    async def _read(self, request: Request, pieces: list[bytes]) -> Response | None:
        """No further than what is allowed."""
        size = 0
        async for piece in request.stream():
            size += len(piece)
            if size > LARGEST:
                return _too_large()
            if self._held + len(piece) > HELD:
                return _closing(problem(503, "busy", "Too much is being sent at once.", {"Retry-After": "30"}))
            self._held += len(piece)
            pieces.append(piece)
        return None

    async def _taken(self, address: str, delivery: Delivery) -> Response:
        try:
            came = await hooks.signed(self._home, address, delivery)
            if came is None:
                return self._stranger()
            if wait := self._often[address].one_more():
                told = "More is sent here than this address takes."
                return problem(429, "too-many", told, {"Retry-After": str(wait)})
            await hooks.take(self._home, came)
        except Refused as refused:
            return _too_large() if refused.code == "too-large" else problems.of(refused)
        except MaquetteError as error:
            return problems.of(error)
        except OSError as error:
            if (full := without_room(error)) is None:
                raise
            return problems.of(full)
        return Response(status_code=202)

    def _stranger(self) -> Response:
        """The same whatever is wrong, and wherever it was sent."""
        wait = self._strangers.one_more()
        if wait and not self._told:
            log.warning("unsigned webhooks come: more than %d in a minute", STRANGE)
        self._told = wait > 0
        if wait:
            told = problem(429, "too-many", "Too much came here unsigned.", {"Retry-After": str(wait)})
        else:
            told = problem(401, "unsigned", "This isn't signed as it should be.")
        return _closing(told)


def _may_be_signed(headers: Headers) -> bool:
    """Seen before anything of a body is read."""
    return "x-hub-signature-256" in headers or "webhook-signature" in headers


def _too_large() -> Response:
    return _closing(problem(413, "too-large", f"A webhook is {LARGEST >> 20} MB at most."))


def _closing(answer: Response) -> Response:
    """What was not read stays unread."""
    answer.headers["connection"] = "close"
    return answer
