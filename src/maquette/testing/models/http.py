"""As much HTTP/1.1 as a scripted server needs, with the reins in hand: it must be able to break off anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import orjson


@dataclass(frozen=True)
class Arrived:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


async def read_request(reader: asyncio.StreamReader) -> Arrived | None:
    """The next request of a connection; None when the other side is done."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head[:-4].split("\r\n")
        method, path, _ = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return Arrived(method, path.partition("?")[0], headers, body)


def whole(status: int, body: object, headers: Mapping[str, str] | None = None) -> bytes:
    data = orjson.dumps(body)
    lines = {"content-type": "application/json", "content-length": str(len(data)), **(headers or {})}
    return _head(status, lines) + data


def begun(kind: str = "text/event-stream", status: int = 200) -> bytes:
    """The head of a stream."""
    return _head(status, {"content-type": kind, "transfer-encoding": "chunked"})


def piece(data: bytes) -> bytes:
    """A part of a stream; an empty one would end it."""
    return data and b"%x\r\n%b\r\n" % (len(data), data)


END = b"0\r\n\r\n"


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Scripted"
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} {phrase}\r\n{lines}\r\n".encode("latin-1")
