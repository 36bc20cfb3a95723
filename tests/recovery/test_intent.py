"""What the kernel saw of a call: shown from outside, by a trace of the base's system calls."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from house.bases import Machine, bear
from maquette.testing.models import Call, Calls, Says, ScriptedModels

# Into what Landlock holds, strace may not look.
pytestmark = [
    pytest.mark.needs("bwrap", "sudo apt-get install bubblewrap"),
    pytest.mark.needs("strace", "sudo apt-get install strace"),
]
MARK = "echo the-effect-begins"
WAL = "maquette.db-wal"


def place(lines: list[str], pattern: str, after: int = 0) -> int:
    """Which line is the first to match."""
    found = (n for n, line in enumerate(lines) if n >= after and re.search(pattern, line))
    number = next(found, None)
    assert number is not None, f"nothing matches {pattern} after line {after} of {len(lines)}"
    return number


def traced(machine: Machine, trace: Path) -> list[str]:
    """A thread with one command, by a base under strace: every write to the log's file, every sync, every program."""
    machine.state.mkdir(mode=0o700)
    base = bear("recovery.traceable:serve", out=2, **machine.env)
    try:
        machine.wait_for(base.pid)
        strace = ["strace", "-f", "-y", "-s", "100000", "-o", str(trace), "-p", str(base.pid)]
        strace += ["-e", "trace=execve,pwrite64,fsync,fdatasync"]
        with subprocess.Popen(strace, stderr=subprocess.PIPE, text=True) as tracing:
            assert tracing.stderr
            assert "attached" in tracing.stderr.readline()
            machine.ok("run", "do it", "--model", "openai-chat:scripted")
            machine.kill()
    finally:
        base.kill()
    return trace.read_text(errors="replace").splitlines()


def test_f2_intent_is_on_disk_before_the_command_is_spawned(tmp_path: Path) -> None:
    with ScriptedModels([Calls(Call("shell", {"command": MARK})), Says("done")]) as models:
        lines = traced(Machine(tmp_path, models.variables), tmp_path / "trace")
    written = place(lines, rf"pwrite64\(\d+<[^>]*{WAL}>.*call\.started")
    # Where threads overlap, strace tells of a call's beginning and of its end in two lines.
    begun = place(lines, rf"fdatasync\(\d+<[^>]*{WAL}>", after=written)
    thread = lines[begun].split()[0]
    synced = begun if lines[begun].endswith("= 0") else place(lines, rf"^{thread} .*fdatasync resumed.*= 0", begun)
    spawned = place(lines, rf"execve\(.*{MARK}")
    assert written < synced < spawned
