"""The scripted model server: real HTTP on loopback, three wires, answers from a script."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
import traceback
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self, cast

import orjson

from maquette.testing.models import http
from maquette.testing.models.anthropic import AnthropicWire
from maquette.testing.models.chat import ChatWire
from maquette.testing.models.plays import OffScript, Scripts, Thread, Threads, answer_in, call_ids
from maquette.testing.models.responses import ResponsesWire
from maquette.testing.models.shapes import NOTHING, Count, Gist, Json, Played
from maquette.testing.models.turns import Answer, Asked, Breaks, Fails, Faults, Garbles, Slow, Splits, Stalls, Turn

KEY = "sk-scripted-0123456789"
"""What clients are told to use; the server asks for none."""


class Wire(Protocol):
    """How one vendor's protocol is read and spoken."""

    @property
    def name(self) -> str: ...
    @property
    def path(self) -> str: ...
    def gist(self, body: Json) -> Gist: ...
    def misshapen(self, body: Json) -> Iterable[str]:
        """What is not as the vendor's SDK declares it."""
        ...

    def problems(self, body: Json, played: Sequence[Played]) -> Iterable[str]:
        """What breaks the wire's rules, in a request of the right shape."""
        ...

    def events(self, played: Played, count: Count, body: Json) -> Iterator[bytes]: ...
    def whole(self, played: Played, count: Count, body: Json) -> Json: ...
    def failure(self, status: int, message: str, code: str | None) -> Json: ...
    def overflow(self, tokens: int, window: int) -> Json: ...
    def fault(self, message: str) -> bytes: ...


@dataclass
class _TooLong(Exception):
    tokens: int
    window: int


class ScriptedModels:
    """A model server on a free loopback port, playing `scripts`.

    Use it as a context manager, `with` or `async with`; it runs in a thread of its own, so that code which blocks
    can be tested too. `keep` bounds how many requests are remembered; `checked=False` saves the time of checking
    them (for benchmarks). `pace` is the pause between the events of a stream, in seconds. What has more than `window`
    tokens is refused as too long, as the vendor refuses it. `offers` is what it lists at `/v1/models`.
    """

    def __init__(
        self,
        scripts: Scripts = (),
        *,
        keep: int | None = None,
        checked: bool = True,
        pace: float = 0,
        window: int | None = None,
        offers: Sequence[Json] = (),
    ) -> None:
        self.requests: deque[Asked] = deque(maxlen=keep)
        self.problems: list[str] = []
        self.url = ""
        """`http://127.0.0.1:…`, for ANTHROPIC_BASE_URL; with `/v1` added, for OPENAI_BASE_URL."""
        self._threads = Threads(scripts)
        self._checked = checked
        self._pace = pace
        self._window = window
        self._offers = list(offers)
        self._wires: dict[str, Wire] = {w.path: w for w in (ChatWire(), ResponsesWire(), AnthropicWire())}
        self._runner = threading.Thread(target=self._run, name="scripted-models", daemon=True)
        self._up = threading.Event()
        self._loop: asyncio.AbstractEventLoop
        self._down = asyncio.Event()
        self._talking: set[asyncio.Task[None]] = set()

    @property
    def variables(self) -> dict[str, str]:
        """The environment that leads both vendors' clients here."""
        return {
            "OPENAI_BASE_URL": f"{self.url}/v1",
            "OPENAI_API_KEY": KEY,
            "ANTHROPIC_BASE_URL": self.url,
            "ANTHROPIC_API_KEY": KEY,
        }

    def check(self) -> None:
        """Raises `AssertionError` with whatever was wrong with a request so far."""
        if self.problems:
            raise AssertionError("the model server was sent bad requests:\n- " + "\n- ".join(self.problems))

    def start(self) -> Self:
        self._runner.start()
        self._up.wait()
        return self

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._down.set)
        self._runner.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.stop()
        if error is None:
            self.check()

    async def __aenter__(self) -> Self:
        return self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=1 << 20)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._up.set()
        await self._down.wait()
        server.close()
        for task in self._talking:
            task.cancel()
        await asyncio.gather(*self._talking, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = cast("asyncio.Task[None]", asyncio.current_task())
        self._talking.add(task)
        try:
            while (arrived := await http.read_request(reader)) and await self._answer(arrived, reader, writer):
                await writer.drain()
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
            self._talking.discard(task)

    async def _answer(self, arrived: http.Arrived, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection may go on."""
        wire = self._wires.get(arrived.path)
        if arrived.path == "/v1/models" and self._offers:
            writer.write(http.whole(200, {"object": "list", "data": self._offers}))
            return True
        if wire is None:
            writer.write(http.whole(404, {"error": {"message": f"nothing at {arrived.path}"}}))
            return True
        try:
            thread, place, turn, body = self._turn(wire, arrived)
        except _TooLong as long:
            writer.write(http.whole(400, wire.overflow(long.tokens, long.window)))
            return True
        except OffScript as problem:
            self.problems.append(str(problem))
            writer.write(http.whole(400, wire.failure(400, str(problem), None)))
            return True
        except Exception as mistake:  # of ours, or of a script's function: the test must hear of it
            self.problems.append("".join(traceback.format_exception(mistake)))
            writer.write(http.whole(500, wire.failure(500, f"the scripted server failed: {mistake!r}", None)))
            return True
        match turn:
            case Fails(status, message, retry_after, code):
                wait = {} if retry_after is None else {"retry-after": f"{retry_after:g}"}
                writer.write(http.whole(status, wire.failure(status, message, code), wait))
                return True
            case Garbles(garbage, kind, status):
                writer.write(http.begun(kind, status) + http.piece(garbage) + http.END)
                return True
            case _:
                answer = cast("Answer", answer_in(turn))
        played = Played(str(place), answer, tuple(call_ids(place, answer)))
        thread.played[place] = played
        spoken = len(answer.text) + len(answer.thinking) + sum(len(c.name) + len(c.arguments) for c in answer.calls)
        count = thread.count(arrived.body, spoken) if answer.counted else NOTHING
        if isinstance(turn, Slow):
            await asyncio.sleep(turn.seconds)
        if not body.get("stream"):
            writer.write(http.whole(200, wire.whole(played, count, body)))
            return True
        return await self._stream(turn, list(wire.events(played, count, body)), wire, reader, writer)

    def _turn(self, wire: Wire, arrived: http.Arrived) -> tuple[Thread, int, Turn, Json]:
        try:
            body: Json = orjson.loads(arrived.body)
        except orjson.JSONDecodeError as error:
            raise OffScript(f"{arrived.path}: the request is no JSON: {error}") from error
        if self._checked and (problems := list(wire.misshapen(body))):
            raise OffScript(f"{arrived.path}: {'; '.join(problems)}")
        gist = wire.gist(body)
        thread = self._threads.of(wire.name, gist.began, arrived.body)
        asked = Asked(
            wire=wire.name,
            path=arrived.path,
            raw=arrived.body,
            headers=arrived.headers,
            arrived=time.time(),
            body=body,
            thread=gist.began,
            number=thread.asked,
            said=gist.said,
            results=gist.results,
        )
        thread.asked += 1
        self.requests.append(asked)
        if self._checked and (problems := list(wire.problems(body, list(thread.played.values())))):
            raise OffScript(f"{arrived.path}: {'; '.join(problems)}")
        if self._window is not None and (tokens := len(arrived.body) // 4) > self._window:
            thread.too_long(gist.answers)
            raise _TooLong(tokens, self._window)
        place, turn = thread.next(asked, gist.answers)
        return thread, place, turn, body

    async def _stream(
        self,
        turn: Turn,
        events: list[bytes],
        wire: Wire,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> bool:
        if isinstance(turn, Breaks) and turn.within:
            text, character = b"".join(events), turn.within.encode()
            events = [text[: text.rindex(character) + len(character) // 2]]
        elif isinstance(turn, Stalls | Breaks | Faults):
            events = events[: turn.after]
        if isinstance(turn, Faults):
            events.append(wire.fault(turn.message))
        if isinstance(turn, Splits):
            text = b"".join(events)
            events = [text[i : i + turn.size] for i in range(0, len(text), turn.size)]
        await self._send(events, writer, parted=isinstance(turn, Splits))
        match turn:
            case Stalls():
                await reader.read()
                return False
            case Breaks(clean=False):
                writer.transport.abort()
                return False
            case _:
                writer.write(http.END)
                return True

    async def _send(self, events: list[bytes], writer: asyncio.StreamWriter, *, parted: bool) -> None:
        writer.write(http.begun())
        if not parted and not self._pace:
            writer.write(b"".join(map(http.piece, events)))
            await writer.drain()
            return
        for event in events:
            writer.write(http.piece(event))
            await writer.drain()
            await asyncio.sleep(self._pace)
