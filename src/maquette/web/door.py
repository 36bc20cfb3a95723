"""The door of the TCP port: nobody comes in without the token, and no web page of somebody else's."""

from __future__ import annotations

import hmac

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from maquette.web.problems import problem


class Door:
    """Lets through what bears the token and speaks to us by a name of this machine. `port` is the one bound."""

    def __init__(self, inside: ASGIApp, token: str, port: int) -> None:
        self._inside = inside
        self._bearer = f"Bearer {token}".encode()
        self._hosts = {f"{name}:{port}".encode() for name in ("127.0.0.1", "localhost", "[::1]")}
        self._origins = {b"http://" + host for host in self._hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope)
        await (refusal or self._inside)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        if not self._bears_token(scope):
            return problem(401, "no-token", "Send the token: Authorization: Bearer …", {"WWW-Authenticate": "Bearer"})
        if not set(_all(scope, b"host")) <= self._hosts or len(_all(scope, b"host")) != 1:
            return problem(421, "other-host", "This base answers to 127.0.0.1 and localhost only.")
        if not set(_all(scope, b"origin")) <= self._origins:
            return problem(403, "other-origin", "A page of somebody else's may not ask this.")
        return None

    def _bears_token(self, scope: Scope) -> bool:
        borne = _all(scope, b"authorization")
        return len(borne) == 1 and hmac.compare_digest(borne[0], self._bearer)


def _all(scope: Scope, name: bytes) -> list[bytes]:
    return [value for key, value in scope["headers"] if key == name]
