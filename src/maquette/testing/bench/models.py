"""The model server of a benchmark, in a process of its own: it notes when requests come, and what they cost until then.

`python -m maquette.testing.bench.models` takes a line of JSON for each order, and answers with one.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, cast

import orjson

from maquette.testing.bench import plays
from maquette.testing.bench.processes import cpu
from maquette.testing.models import Asked, ScriptedModels, Turn
from maquette.testing.models.http import Arrived

_CACHES = re.compile(rb',"cache_control":{[^{}]*}')


@dataclass
class Run:
    """One run of one harness. Times are of the machine's monotonic clock, in seconds."""

    arrived: list[float] = field(default_factory=list[float])
    answered: list[float] = field(default_factory=list[float])
    bytes: list[int] = field(default_factory=list[int])
    extends: int = 0
    """How many requests begin with all of the former."""
    ran: bool = False
    """Whether the first command of "tries" did what it should."""
    cpu: dict[str, float] = field(default_factory=dict[str, float])
    """Milliseconds so far of whoever is watched, when request so-and-so came, from 0."""

    def gaps(self, first: int, last: int) -> list[float]:
        """Milliseconds from the end of an answer to the next request, for steps `first` to `last`, from 1."""
        steps = list(zip(self.answered, self.arrived[1:], strict=False))
        return [1000 * (asked - told) for told, asked in steps[first - 1 : last]]


@dataclass
class _Watched:
    pids: list[int] = field(default_factory=list[int])
    at: list[int] = field(default_factory=list[int])
    longest: float | None = None
    """Seconds after which it is told that all is done."""
    former: bytes = b""
    run: Run = field(default_factory=Run)


class Measured(ScriptedModels):
    """Notes each request before it is read and again once it is answered, so that its own work is in no figure."""

    def __init__(self) -> None:
        super().__init__(self._played, keep=1, checked=False)
        self.watched: dict[str, _Watched] = {}

    def watch(self, name: str) -> _Watched:
        return self.watched.setdefault(name, _Watched())

    def _played(self, asked: Asked) -> Turn:
        mark = plays.MARK.search(asked.raw)
        if mark is None or not plays.asks_for_work(asked.body):
            return plays.turn({}, "", 0, 0)
        name, kind, count = (part.decode() for part in mark.groups())
        watched = self.watch(name)
        run, longest = watched.run, watched.longest
        over = longest is not None and run.arrived[-1] - run.arrived[0] > longest
        return plays.turn(asked.body, kind, 0 if over else int(count), len(run.arrived) - 1)

    async def _answer(self, arrived: Arrived, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        at = time.monotonic()
        mark = plays.MARK.search(arrived.body)
        if mark is None or not plays.asks_for_work(orjson.loads(arrived.body)):
            return await super()._answer(arrived, reader, writer)
        watched = self.watch(mark[1].decode())
        run, number = watched.run, len(watched.run.arrived)
        run.arrived.append(at)
        run.bytes.append(len(arrived.body))
        if number in watched.at:
            run.cpu[str(number)] = cpu(watched.pids)
        if number == 1:
            run.ran = plays.RAN in arrived.body
        if number:
            run.extends += extends(watched.former, arrived.body)
        watched.former = arrived.body
        went_on = await super()._answer(arrived, reader, writer)
        run.answered.append(time.monotonic())
        return went_on


def extends(former: bytes, body: bytes) -> bool:
    """Whether a prompt cache finds all of `former` at the beginning of `body`, byte for byte.

    A harness may write other things behind what was said; then they may not change, and what was said is compared.
    Marks for the cache are no part of the prompt.
    """
    return body.startswith(former.rstrip(b"]}")) or _said(body).startswith(_said(former).rstrip(b"]"))


def _said(body: bytes) -> bytes:
    said: dict[str, Any] = orjson.loads(body)
    name = "messages" if "messages" in said else "input"
    before = {key: said[key] for key in ("model", "tools", "system", "instructions") if key in said}
    return _CACHES.sub(b"", orjson.dumps([before, said[name]]))


class Models:
    """The server, from outside. `variables` lead clients to it."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.variables: Mapping[str, str] = self._told()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)

    @property
    def url(self) -> str:
        return self.variables["ANTHROPIC_BASE_URL"]

    def watch(self, name: str, pids: Iterable[int], at: Iterable[int], longest: float | None = None) -> None:
        """Note what these processes have cost when the run's requests `at`, from 0, come. After `longest` seconds it
        is told that all is done.
        """
        self._order({"watch": name, "pids": list(pids), "at": list(at), "longest": longest})

    def run(self, name: str) -> Run:
        """What was noted of a run so far."""
        return Run(**self._order({"take": name}))

    def _order(self, order: Mapping[str, object]) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(orjson.dumps(order) + b"\n")
        self._process.stdin.flush()
        return self._told()

    def _told(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        return cast("dict[str, Any]", orjson.loads(self._process.stdout.readline()))


def main() -> None:
    with Measured() as models:
        _say(models.variables)
        for line in sys.stdin.buffer:
            order = orjson.loads(line)
            if "watch" in order:
                watched = models.watch(order["watch"])
                watched.pids, watched.at, watched.longest = order["pids"], order["at"], order["longest"]
                _say({})
            else:
                _say(models.watch(order["take"]).run)
        models.problems.clear()


def _say(what: object) -> None:
    sys.stdout.buffer.write(orjson.dumps(what) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
