"""What the kernel saw of a call: shown from outside, by a trace of the base's system calls."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from house.bases import Machine
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
    strace = ["strace", "--seccomp-bpf", "-f", "-y", "-s", "100000", "-o", str(trace)]
    strace += ["-e", "trace=execve,pwrite64,fsync,fdatasync"]
    with (machine.folder / "serve.log").open("w") as log:
        serving = subprocess.Popen(
            [*strace, *machine.command("serve")], env=machine.env, cwd=machine.folder, stdout=log, stderr=log
        )
    try:
        until = time.monotonic() + 50
        while not machine.pid or not (machine.state / "base.sock").exists():
            assert serving.poll() is None, (machine.folder / "serve.log").read_text()
            assert time.monotonic() < until
            time.sleep(0.05)
        machine.ok("run", "do it", "--model", "openai-chat:scripted")
    finally:
        if machine.pid:
            os.kill(machine.pid, signal.SIGTERM)
        serving.wait(timeout=30)
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
