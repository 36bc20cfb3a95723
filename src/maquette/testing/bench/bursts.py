"""Much at once: a flood of output, calls side by side, words that stream."""

from __future__ import annotations

from pathlib import Path

from maquette.testing.bench.bases import Base
from maquette.testing.bench.peers import FLOOR
from maquette.testing.bench.rig import Measure, Rig
from maquette.testing.bench.rows import Row
from maquette.testing.bench.subjects import Subject

OUTPUT = 10_000_000
DELTAS = 20_000

OUTPUT_CPU = Row("command output of 10 MB, CPU", "ms", "<= 50")
OUTPUT_MEMORY = Row("command output of 10 MB, memory of the base", "MB", "<= 5")
OUTPUT_BYTES = Row("command output of 10 MB, added to the request", "bytes", "<= 20000")
EIGHT = Row("8 calls of sleep 0.2 in one turn", "s", "<= 0.25")
DELTA = Row("CPU per streamed text delta", "us", "<= 50")


def _output(rig: Rig) -> None:
    with rig.base() as base:
        for subject in rig.in_turn([base, *rig.peers]):
            with rig.bearing(subject.name):
                _one_output(rig, base, subject)


def _one_output(rig: Rig, base: Base, subject: Subject) -> None:
    wire = subject.wires[0]
    least = rig.do(subject, "steps", 1, wire).cpu
    lowest = _forget_highest(base) if isinstance(subject, Base) else 0
    done = rig.do(subject, "output", OUTPUT, wire)
    if isinstance(subject, Base):
        rig.add(OUTPUT_MEMORY, subject, _resident(base, "VmHWM") - lowest)
    rig.add(OUTPUT_CPU, subject, done.cpu - least)
    rig.add(OUTPUT_BYTES, subject, done.run.bytes[1] - done.run.bytes[0])


def _forget_highest(base: Base) -> float:
    """From here on the kernel notes anew how much the base held at most; what it holds now, in megabytes."""
    Path(f"/proc/{base.pid}/clear_refs").write_text("5")
    return _resident(base, "VmRSS")


def _resident(base: Base, which: str) -> float:
    lines = Path(f"/proc/{base.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(which)) / 1024


def _side_by_side(rig: Rig) -> None:
    with rig.base() as base:
        for subject in rig.in_turn([base, *rig.peers]):
            with rig.bearing(subject.name):
                rig.add(EIGHT, subject, rig.do(subject, "eight", 8, subject.wires[0]).run.gaps(2, 2)[0] / 1000)


def _streamed(rig: Rig) -> None:
    with rig.base() as base:
        for subject in rig.in_turn([base, *(peer for peer in rig.peers if peer.name != FLOOR)]):  # it doesn't stream
            with rig.bearing(subject.name):
                least, most = (rig.do(subject, "text", count, subject.wires[0]).cpu for count in (1, DELTAS))
                rig.add(DELTA, subject, 1000 * (most - least) / (DELTAS - 1))


MEASURES = (
    Measure([OUTPUT_CPU, OUTPUT_MEMORY, OUTPUT_BYTES], _output),
    Measure([EIGHT], _side_by_side),
    Measure([DELTA], _streamed),
)
