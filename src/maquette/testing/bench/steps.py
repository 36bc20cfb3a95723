"""What a step costs, early and late in a thread; what a request holds; how soon the first is there."""

from __future__ import annotations

import subprocess
from statistics import median

from maquette.testing.bench import plays
from maquette.testing.bench.bases import Base
from maquette.testing.bench.rig import Measure, Rig
from maquette.testing.bench.rows import Row
from maquette.testing.bench.subjects import Subject, Wire

SOME = 50
"""Steps over which a median or a mean is taken, at the beginning and at the end of a run."""
QUICK = 2 * SOME
WIRES: dict[Wire, tuple[str, int]] = {"openai-chat": ("Chat", 8), "openai": ("Responses", 10)}
"""What each is called, and how many milliseconds a step may take on it."""

START = Row("run to first request", "ms", "<= 120")
START_REPO = Row("run to first request, in a repo", "ms")
BYTES = Row("first request", "bytes", "<= 6000")
EXTENDS = {wire: Row(f"requests that extend the former, {name}", "%", "== 100") for wire, (name, _) in WIRES.items()}
GAP_FIRST = {wire: Row(f"gap per step, first 50, {name}", "ms", f"<= {ms}") for wire, (name, ms) in WIRES.items()}
GAP_LAST = {wire: Row(f"gap per step, last 50, {name}", "ms", f"<= {ms}") for wire, (name, ms) in WIRES.items()}
CPU_FIRST = {wire: Row(f"CPU per step, first 50, {name}", "ms", f"<= {ms}") for wire, (name, ms) in WIRES.items()}
CPU_LAST = {wire: Row(f"CPU per step, last 50, {name}", "ms", f"<= {ms}") for wire, (name, ms) in WIRES.items()}
GROWTH = {wire: Row(f"CPU per step, last 50 to first, {name}", "x", "<= 1.3") for wire, (name, _) in WIRES.items()}
FOLLOWER = {wire: Row(f"CPU per step of whoever follows, {name}", "ms") for wire, (name, _) in WIRES.items()}


def _start(rig: Rig) -> None:
    with rig.base() as base:
        repo = _repo(base)
        for subject in rig.in_turn([*rig.subjects(base, "openai-chat"), *rig.subjects(base, "openai")[1:]]):
            with rig.bearing(subject.name):
                done = rig.do(subject, "steps", 0, subject.wires[0])
                rig.add(START, subject, 1000 * (done.run.arrived[0] - done.began))
                rig.add(BYTES, subject, done.run.bytes[0])
        for _ in range(rig.rounds):
            name = rig.name()
            begun = base.begin(plays.words(name, "steps", 0), project=repo)
            begun.end()
            rig.add(START_REPO, base, 1000 * (rig.models.run(name).arrived[0] - begun.at))


def _repo(base: Base) -> str:
    repo = base.folder / "repo"
    repo.mkdir()
    (repo / "notes.txt").write_text("words\n")
    person = ("-c", "user.name=Person", "-c", "user.email=person@localhost")
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-qm", "first")):
        subprocess.run(["git", "-C", str(repo), *person, *words], check=True)
    return str(repo)


def _long(rig: Rig, wire: Wire) -> None:
    with rig.base() as base:
        for subject in rig.subjects(base, wire):
            with rig.bearing(subject.name):
                _one(rig, subject, wire if isinstance(subject, Base) else subject.wires[0], wire)


def _one(rig: Rig, subject: Subject, spoken: Wire, wire: Wire) -> None:
    done = rig.do(subject, "steps", rig.steps, spoken, at=range(0, rig.steps + 1, SOME))
    run = done.run
    steps = (len(run.arrived) - 1) // SOME * SOME
    assert steps >= QUICK, f"it was too slow for {QUICK} steps"
    if steps < rig.steps // SOME * SOME:
        rig.found.lengths[subject.name] = steps
    first, last = ((run.cpu[str(upto)] - run.cpu[str(upto - SOME)]) / SOME for upto in (SOME, steps))
    rig.add(GAP_FIRST[wire], subject, median(run.gaps(1, SOME)))
    rig.add(GAP_LAST[wire], subject, median(run.gaps(steps - SOME + 1, steps)))
    rig.add(CPU_FIRST[wire], subject, first)
    rig.add(CPU_LAST[wire], subject, last)
    rig.add(GROWTH[wire], subject, last / first)
    rig.add(EXTENDS[wire], subject, 100 * run.extends / (len(run.arrived) - 1))
    if isinstance(subject, Base):
        rig.add(FOLLOWER[wire], subject, done.ended.cpu / rig.steps)


def _rows(wire: Wire) -> list[Row]:
    return [of[wire] for of in (GAP_FIRST, GAP_LAST, CPU_FIRST, CPU_LAST, GROWTH, FOLLOWER, EXTENDS)]


MEASURES = (
    Measure([START, START_REPO, BYTES], _start),
    Measure(_rows("openai-chat"), lambda rig: _long(rig, "openai-chat")),
    Measure(_rows("openai"), lambda rig: _long(rig, "openai")),
)
