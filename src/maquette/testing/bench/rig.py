"""What every measure stands on: models, a base that is up and warm, peers, and a place to put what was found."""

from __future__ import annotations

import secrets
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from maquette.testing.bench import plays
from maquette.testing.bench.bases import Base
from maquette.testing.bench.models import Models, Run
from maquette.testing.bench.peers import Peer
from maquette.testing.bench.processes import cpu
from maquette.testing.bench.rows import OURS, Found, Row
from maquette.testing.bench.subjects import Ended, Subject, Wire

ENOUGH = 20.0
"""Seconds that a peer may take for a row, before the last of its rounds begins."""
LONG = 40.0
"""Seconds that a peer's long run may take, before it is told that all is done."""


@dataclass(frozen=True)
class Rig:
    """`steps` is how long the long runs are; `rounds`, how often what is short is done, for a median."""

    folder: Path
    models: Models
    peers: Sequence[Peer]
    steps: int
    rounds: int
    found: Found = field(default_factory=Found)

    @contextmanager
    def base(self, *, warm: bool = True) -> Generator[Base]:
        """On a new state. A warm one has done a turn on each wire."""
        folder = self.folder / f"base-{secrets.token_hex(4)}"
        folder.mkdir()
        with Base(folder, self.models.variables) as base:
            self.found.sandbox = base.sandbox
            for wire in base.wires if warm else ():
                base.done(plays.words(self.name(), "steps", 3), wire)
            yield base

    def subjects(self, base: Base, wire: Wire) -> list[Subject]:
        """Ours, then the peers that belong beside it: those of this wire, and on Chat whoever speaks neither."""
        mine = [peer for peer in self.peers if peer.wires[0] == wire or (wire, peer.wires[0]) == CHAT_WITH]
        return [base, *mine]

    def name(self) -> str:
        """Of a run: not used before."""
        return secrets.token_hex(6)

    def in_turn(self, subjects: Sequence[Subject]) -> Iterator[Subject]:
        """Each, then each again: ours in all rounds, a slow peer in fewer."""
        took = defaultdict[str, float](float)
        for _ in range(self.rounds):
            for subject in subjects:
                if took[subject.name] < ENOUGH:
                    began = time.monotonic()
                    yield subject
                    took[subject.name] += 0 if isinstance(subject, Base) else time.monotonic() - began

    def do(self, subject: Subject, kind: str, count: int, wire: Wire, at: Iterable[int] = ()) -> Done:
        """One run, from its command to its end; `at` are the requests, from 0, at which its CPU is noted."""
        name = self.name()
        before = cpu([subject.pid]) if isinstance(subject, Base) else 0
        begun = subject.begin(plays.words(name, kind, count), wire)
        self.models.watch(name, begun.pids, at, None if isinstance(subject, Base) else LONG)
        ended = begun.end()
        spent = cpu([subject.pid]) - before if isinstance(subject, Base) else ended.cpu
        return Done(self.models.run(name), ended, spent, begun.at)

    def working(self) -> list[Peer]:
        """Those peers whose commands really run here: a step that fails costs less than one that doesn't."""
        found: list[Peer] = []
        for peer in self.peers:
            try:
                ran, why = self.do(peer, "tries", 1, peer.wires[0]).run.ran, "its command did not run"
            except AssertionError as error:
                ran, why = False, str(error)
            if ran:
                found.append(peer)
            else:
                say(f"{peer.name} is left out: {why}")
        return found

    @contextmanager
    def bearing(self, who: str) -> Generator[None]:
        """Where it ends badly, there is no figure, and the rest goes on."""
        try:
            yield
        except AssertionError as error:
            self.found.without[who] = str(error)
            say(f"no figure for {who}: {error}")

    def add(self, row: Row, subject: Subject | None, value: float) -> None:
        name = subject.name if subject else OURS
        self.found.add(row, name, value)
        say(f"{row.name}: {value:.4g} {row.unit} ({name})")


CHAT_WITH = ("openai-chat", "anthropic")


@dataclass(frozen=True)
class Done:
    """A run that was done. `cpu` in milliseconds: of the base, or else of the whole command."""

    run: Run
    ended: Ended
    cpu: float
    began: float


@dataclass(frozen=True)
class Measure:
    """Finds values for its rows, in one go."""

    rows: Sequence[Row]
    take: Callable[[Rig], None]


def say(sentence: str) -> None:
    sys.stderr.write(f"{datetime.now(UTC):%H:%M:%S} {sentence}\n")
