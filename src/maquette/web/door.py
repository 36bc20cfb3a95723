"""The door of the TCP port: nobody comes in without a key, and no web page of somebody else's."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request, cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from maquette.web.guard import ON_EVERY_ANSWER, SAFE, Guard
from maquette.web.keys import Keys, Pass
from maquette.web.launches import ENTER
from maquette.web.problems import problem
from maquette.web.views import entrance

FORM = 4096
"""Bytes of the form with a code."""
KEPT = 400 * 24 * 3600
"""Seconds that a browser keeps its cookie, at most; whether it still counts is ours to say."""


class Door:
    """Lets through what has a key of `keys` (then `scope["pass"]`) and comes from a page of ours or a program."""

    def __init__(self, inside: ASGIApp, keys: Keys) -> None:
        self._inside, self._keys = inside, keys
        self._guard = Guard(keys.port)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        headers = Headers(scope=scope)
        answer = _headed(send)
        came = await self._judged(scope, headers, receive)
        if isinstance(came, Response):
            await came(scope, receive, answer)
        elif came is not None and scope["method"] in SAFE:
            scope["pass"] = came
            await self._while_it_counts(came, scope, receive, answer)
        else:
            scope["pass"] = came
            await self._inside(scope, receive, answer)

    async def _judged(self, scope: Scope, headers: Headers, receive: Receive) -> Response | Pass | None:
        """What to answer at once; or by what it comes in, None for what anybody may see."""
        method, path = scope["method"], scope["path"]
        refusal = self._guard.misdirected(headers) or self._guard.misshapen(method, headers)
        if refusal is not None:
            return refusal
        if (method, path) == ("POST", ENTER):
            return await self._enter(scope, headers, receive)
        if self._guard.foreign(headers):
            return _foreign(scope, headers)
        if path in entrance.SEEN and method in SAFE:
            return None
        cookies = cookie_parser(headers.get("cookie", ""))
        came = self._keys.let_in(headers.getlist("authorization"), cookies)
        if came is None:
            return self._unknown(scope, headers, bool(headers.get("authorization") or self._keys.cookie in cookies))
        if came.session is not None and self._guard.unvouched(method, headers):
            return _foreign(scope, headers)
        return came

    def _unknown(self, scope: Scope, headers: Headers, tried: bool) -> Response:
        wait = self._keys.wrong.one_more() if tried else 0
        if _by_a_person(scope, headers):
            answer: Response = entrance.outside(_asked(scope))
        elif wait:
            answer = _wait(wait)
        else:
            how = "Send the token: Authorization: Bearer …"
            answer = problem(401, "no-token", how, {"WWW-Authenticate": "Bearer"})
        if self._keys.cookie in headers.get("cookie", ""):
            answer.delete_cookie(self._keys.cookie, path="/", httponly=True, samesite="strict")
        return answer

    async def _enter(self, scope: Scope, headers: Headers, receive: Receive) -> Response:
        """Also from the file that a browser was given, which has no origin: what counts is the code."""
        origin = headers.get("origin")
        if (origin not in (None, "null") and self._guard.foreign(headers)) or headers.get(
            "sec-fetch-dest", "document"
        ) != "document":
            return _foreign(scope, headers)
        form = await _form(scope, receive)
        if form is None:
            return problem(413, "too-large", "That is no code.")
        then = form.get("then", "/")
        then = then if then.startswith("/") and then[1:2] not in ("/", "\\") and then.isprintable() else "/"
        if self._keys.launches.use(form.get("code", "")):
            answer = entrance.entered(then)
            shown = self._keys.sessions.begin(_browser(headers))
            answer.set_cookie(self._keys.cookie, shown, max_age=KEPT, path="/", httponly=True, samesite="strict")
            return answer
        if wait := self._keys.wrong.one_more():
            return entrance.outside(then, status=429, wrong=f"Too many wrong codes. Try again in {wait} seconds.")
        return entrance.outside(then, wrong="That code is wrong, was used, or is over two minutes old.")

    async def _while_it_counts(self, came: Pass, scope: Scope, receive: Receive, send: Send) -> None:
        """What only looks, such as a stream, ends with what it came in by."""
        begun = False

        async def sends(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        work = asyncio.ensure_future(self._inside(scope, receive, sends))
        over = asyncio.ensure_future(came.ended.wait())
        try:
            await asyncio.wait({work, over}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            over.cancel()
            ended = not work.done()
            if ended:
                work.cancel()
                with suppress(asyncio.CancelledError):
                    await work
        if not ended:
            await work
        elif begun:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            await self._unknown(scope, Headers(scope=scope), False)(scope, receive, send)


def _headed(send: Send) -> Send:
    async def sends(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in ON_EVERY_ANSWER.items():
                headers.setdefault(name, value)
        await send(message)

    return sends


def _foreign(scope: Scope, headers: Headers) -> Response:
    followed = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    if scope["method"] == "GET" and followed and "origin" not in headers:
        return entrance.elsewhere(_asked(scope))
    return problem(403, "other-origin", "A page of somebody else's may not ask this.")


def _wait(seconds: int) -> Response:
    return problem(
        429, "too-many-tries", f"Too many wrong keys. Wait {seconds} seconds.", {"Retry-After": str(seconds)}
    )


def _by_a_person(scope: Scope, headers: Headers) -> bool:
    return scope["method"] == "GET" and "text/html" in headers.get("accept", "")


def _asked(scope: Scope) -> str:
    """The address that was asked for, to come back to. Never one that another host could be read from."""
    path = (scope.get("raw_path") or b"/").decode("ascii", "replace").partition("?")[0]
    query = scope["query_string"].decode("ascii", "replace")
    return "/" + path.lstrip("/\\") + (f"?{query}" if query else "")


def _browser(headers: Headers) -> str:
    """What it calls itself, in letters that steer nothing."""
    return "".join(letter for letter in headers.get("user-agent", "")[:200] if " " <= letter <= "~")


async def _form(scope: Scope, receive: Receive) -> dict[str, str] | None:
    """Its fields; None for what is larger than any of ours."""
    body = b""
    with suppress(ClientDisconnect):
        async for piece in Request(scope, receive).stream():
            body += piece
            if len(body) > FORM:
                return None
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
