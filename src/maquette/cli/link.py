"""The line to the base: HTTP over its socket. Starts the base when there is none."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from maquette.cli import starting
from maquette.cli.asking import Answer, ask
from maquette.cli.endings import GONE, REFUSED, Failed
from maquette.settings import Settings, address

PATIENCE = 600.0
"""Seconds for an answer: a merge runs git, and may wait for another's lock."""
SILENCE = 60.0
"""Seconds without even a sign of life in a stream (they come every 15)."""
LOST = "The base went away in the middle of this. Nothing is lost: the next command starts it, and work goes on there."
BROKEN = (OSError, ValueError)
"""What comes of a connection that breaks, or that speaks no HTTP."""
NOT_OPEN = (FileNotFoundError, ConnectionRefusedError, NotADirectoryError)

Json = dict[str, Any]
"""An object as the base sends it; `/v1/openapi.json` describes each."""
Body = Mapping[str, object] | None


def segment(text: str) -> str:
    """As a part of an address. No id and no name has a slash in it."""
    if "/" in text or text in ("", ".", ".."):
        raise Failed(f"{text!r} names nothing here.")
    return quote(text, safe="")


class Link:
    """To the base of `settings.state`. Everything raises `Failed` with what the base says."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def get(self, path: str, **query: object) -> Any:
        return self._call("GET", path, query)

    def post(self, path: str, body: Body = None) -> Any:
        return self._call("POST", path, {}, body)

    def put(self, path: str, body: Body) -> Any:
        return self._call("PUT", path, {}, body)

    def patch(self, path: str, body: Body) -> Any:
        return self._call("PATCH", path, {}, body)

    def up(self) -> bool:
        """Whether a base answers; starts none."""
        try:
            self._request("GET", "/health", {}, None, 5).close()
        except (*BROKEN, Failed):
            return False
        return True

    def events(self, *, after: int, thread: str) -> Iterator[tuple[str, Json]]:
        """What happens from `after` on: ("entry", …) and ("passing", …), until the stream is left or the base ends."""
        response = self._open("GET", "/feed", {"after": after, "thread": thread}, None, SILENCE)
        with response:
            yield from _events(response)

    def pieces(self, path: str, **query: object) -> Iterator[bytes]:
        """An answer as it comes, whole or not at all: one that breaks off raises."""
        with self._open("GET", path, query, None, PATIENCE) as response:
            try:
                while piece := response.read1(1 << 16):
                    yield piece
            except BROKEN as error:
                raise Failed(LOST, GONE) from error

    def _call(self, method: str, path: str, query: Mapping[str, object], body: Body = None) -> Any:
        with self._open(method, path, query, body, PATIENCE) as response:
            try:
                text = response.read()
            except BROKEN as error:
                raise Failed(LOST, GONE) from error
        return json.loads(text) if text else None

    def _open(self, method: str, path: str, query: Mapping[str, object], body: Body, patience: float) -> Answer:
        try:
            return self._request(method, path, query, body, patience)
        except NOT_OPEN:
            starting.start(self.settings)
        except TimeoutError as error:
            raise Failed(f"The base did not answer within {patience:.0f} seconds.", GONE) from error
        except PermissionError as error:
            raise Failed(f"{self.settings.socket} is somebody else's: {error.strerror}.", GONE) from error
        except BROKEN as error:
            raise Failed(LOST, GONE) from error
        try:
            return self._request(method, path, query, body, patience)
        except BROKEN as error:
            raise Failed(LOST, GONE) from error

    def _request(self, method: str, path: str, query: Mapping[str, object], body: Body, patience: float) -> Answer:
        given = {name: str(value).lower() if isinstance(value, bool) else value for name, value in query.items()}
        given = {name: value for name, value in given.items() if value is not None}
        at = f"/v1{path}?{urlencode(given, doseq=True)}" if given else f"/v1{path}"
        data = None if body is None and method == "GET" else json.dumps(body or {}).encode()
        typed = {"Content-Type": "application/json"} if data else {}
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line, address(self.settings.socket) as name:
            line.settimeout(patience)
            line.connect(name)
            response = ask(line, method, at, typed, data)
        if response.status >= 400:
            with response:
                raise _problem(response)
        return response


def _problem(response: Answer) -> Failed:
    try:
        told = json.loads(response.read())
        sentence, code = str(told["detail"]), str(told["code"])
    except (ValueError, KeyError, TypeError, OSError):
        sentence, code = f"The base answered {response.status} {response.reason}.", ""
    return Failed(sentence, GONE if response.status >= 500 else REFUSED, code)


def _events(response: Answer) -> Iterator[tuple[str, Json]]:
    kind, data = "", ""
    try:
        while line := response.readline():
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name == "event":
                kind = value
            elif name == "data":
                data = value
            elif not name and data:
                yield kind, json.loads(data)
                kind, data = "", ""
    except BROKEN as error:
        raise Failed(LOST, GONE) from error
    raise Failed(LOST, GONE)
