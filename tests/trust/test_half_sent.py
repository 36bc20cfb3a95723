"""S9: who asks by halves, or only connects, is given up, while others are answered; nobody needs a key for that."""

from __future__ import annotations

import asyncio
import http.client
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack, closing
from typing import NamedTuple

import pytest

from house.homes import PATIENCE, a_home
from maquette.actions import projects, threads
from maquette.actions.home import Home
from maquette.web import patience
from maquette.web.listening import Listening

pytestmark = [pytest.mark.anyio, pytest.mark.needs("bwrap", "sudo apt-get install bubblewrap")]

HEAD = b"POST /enter HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\n"
HALVES = {
    "nothing": b"",
    "half a line": b"GET /v1",
    "half a head": HEAD,
    "half a form": HEAD + FORM + b"code=",
    "half of what was answered already": HEAD + FORM.replace(b"100", b"9999999") + b"x" * 5000,
}


class Base(NamedTuple):
    home: Home
    port: int


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def base(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Base]:
    async with a_home(tmp_path_factory.mktemp("h") / "state", {}) as home:
        with closing(Listening(home.settings, 0)) as listening:
            end = asyncio.Event()
            serving = asyncio.create_task(listening.until(end, home))
            yield Base(home, int((home.settings.state / "port").read_text().split()[1]))
            end.set()
            await serving


def connected(base: Base) -> socket.socket:
    return socket.create_connection(("127.0.0.1", base.port), timeout=PATIENCE)


def until_over(line: socket.socket, trickle: bytes = b"") -> None:
    """Returns once the other side has let go; until then a byte now and then is sent."""
    if trickle:
        line.settimeout(0.05)
    for _ in range(20 * PATIENCE):
        try:
            line.sendall(trickle)
            while line.recv(65536):
                pass
            return
        except ConnectionError:
            return
        except TimeoutError:
            assert trickle, "it is waited for"
    raise AssertionError("it is waited for")


def until_said(line: socket.socket, words: bytes) -> None:
    said = b""
    while words not in said:
        more = line.recv(65536)
        assert more, said
        said += more


def answered(base: Base) -> int:
    with closing(http.client.HTTPConnection("127.0.0.1", base.port, timeout=PATIENCE)) as line:
        line.request("GET", "/static/mark.svg")
        return line.getresponse().status


@pytest.mark.parametrize("half", HALVES)
async def test_s9_who_sends_half_a_request_is_let_go(base: Base, half: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 0.2)
    with connected(base) as line:
        line.sendall(HALVES[half].replace(b"%d", str(base.port).encode()))
        await asyncio.to_thread(until_over, line)


async def test_s9_a_head_that_comes_byte_by_byte_has_no_longer(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 0.5)
    with connected(base) as line:
        line.sendall(b"GET / HTTP/1.1\r\nX: ")
        await asyncio.to_thread(until_over, line, b"a")


async def test_s9_many_who_only_connect_make_room_for_those_who_ask(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "WAITING", 5)
    with ExitStack() as lines:
        first, *_ = [lines.enter_context(connected(base)) for _ in range(6)]
        await asyncio.to_thread(until_over, first)
        assert await asyncio.to_thread(answered, base) == 200


async def test_a_stream_is_kept_however_long_who_reads_it_says_nothing(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 0.1)
    token = (base.home.settings.state / "token").read_text().strip()
    with connected(base) as stream, connected(base) as later:
        asked = f"GET /v1/feed HTTP/1.1\r\nHost: 127.0.0.1:{base.port}\r\nAuthorization: Bearer {token}\r\n\r\n"
        stream.sendall(asked.encode())
        assert (await asyncio.to_thread(stream.recv, 65536)).startswith(b"HTTP/1.1 200")
        await asyncio.to_thread(until_over, later)
        desk = await projects.resolve(base.home, None)
        await threads.start(base.home, "words of it", project=desk.id)
        await asyncio.to_thread(until_said, stream, b"words of it")
