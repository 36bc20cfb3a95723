"""As much HTTP as the command line needs, over a socket: `http.client` takes longer to load than all of the rest."""

from __future__ import annotations

import io
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Self

LONGEST = 1 << 16
"""Bytes of a line of an answer's head."""


class Answer(io.BufferedReader):
    """Its body is there to be read. One that breaks off raises ConnectionError."""

    def __init__(self, status: int, reason: str, body: _Body) -> None:
        super().__init__(body)
        self.status, self.reason = status, reason

    def __enter__(self) -> Self:
        return self


class _Body(io.RawIOBase):
    """`length` is None of one that comes in chunks."""

    def __init__(self, heard: io.BufferedReader, length: int | None) -> None:
        self._heard = heard
        self._chunked = length is None
        self._left = length or 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # all that is handed in
        if self._chunked and not self._left:
            self._left = int(_line(self._heard).partition(";")[0], 16)
            self._chunked = self._left > 0
        if not self._left:
            return 0
        got = self._heard.readinto1(memoryview(buffer)[: self._left])
        if not got:
            raise ConnectionError("The answer broke off.")
        self._left -= got
        if self._chunked and not self._left:
            _line(self._heard)
        return got

    def close(self) -> None:
        self._heard.close()
        super().close()


def ask(line: socket.socket, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
    """One request over a connection that is made for it. OSError, or ValueError for what is no HTTP."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}"] if body is not None else []
    with suppress(BrokenPipeError):  # it may have answered, and closed, before all was sent
        line.sendall("\r\n".join([*lines, "", ""]).encode() + (body or b""))
    heard = line.makefile("rb")
    try:
        _, status, *reason = _line(heard).split(" ", 2)
        told: dict[str, str] = {}
        while header := _line(heard):
            name, _, value = header.partition(":")
            told[name.lower()] = value.strip()
        if status == "204":  # whatever its head says of a body
            length = 0
        else:
            length = None if told.get("transfer-encoding") == "chunked" else int(told.get("content-length", ""))
        return Answer(int(status), " ".join(reason), _Body(heard, length))
    except BaseException:
        heard.close()
        raise


def _line(heard: io.BufferedReader) -> str:
    line = heard.readline(LONGEST)
    if not line.endswith(b"\n"):
        raise ConnectionError("The answer broke off.")
    return line.decode("latin-1").rstrip("\r\n")
