"""A page that has stopped reading, while much goes by: the base holds none of it for its sake."""

from __future__ import annotations

import socket
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from house.bases import Machine, a_machine, ask
from maquette.settings import address
from maquette.testing.models import Asked, Call, Calls, Says, ScriptedModels, Turn

PASSED, MOST = 50_000_000, 16
"""Bytes that go by; megabytes that the base may take meanwhile."""


def play(asked: Asked) -> Turn:
    if "flood" in asked.said and len(asked.results) == 0:
        return Calls(Call("shell", {"command": f"yes 'a line of output like many others' | head -c {PASSED}"}))
    return Says("It is done.")


@contextmanager
def stalled(machine: Machine, path: str) -> Generator[None]:
    """Asks for a stream, and reads nothing of it but that it has begun."""
    with socket.socket(socket.AF_UNIX) as line, address(machine.state / "base.sock") as name:
        line.settimeout(20)
        line.connect(name)
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert line.recv(64).startswith(b"HTTP/1.1 200")
        yield


def resident(machine: Machine, which: str) -> float:
    lines = Path(f"/proc/{machine.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(which)) / 1024


@pytest.mark.needs("bwrap", "sudo apt-get install bubblewrap")
def test_f17_pages_that_stopped_reading_cost_the_base_no_memory_while_much_goes_by(tmp_path: Path) -> None:
    with ScriptedModels(play) as models:
        variables = {**models.variables, "MAQUETTE_MODEL": "openai-chat:scripted"}
        with a_machine(tmp_path, variables) as machine:
            thread = machine.ok("run", "say hello", "--no-wait").strip()
            machine.run("show", "--follow", thread)
            paths = (f"/threads/{thread}/stream?after=1", f"/v1/feed?thread={thread}", "/stream")
            with stalled(machine, paths[0]), stalled(machine, paths[1]), stalled(machine, paths[2]):
                Path(f"/proc/{machine.pid}/clear_refs").write_text("5")
                before = resident(machine, "VmRSS")
                ask(machine, "POST", f"/v1/threads/{thread}/messages", {"text": "flood"})
                assert "It is done." in machine.ok("show", "--follow", thread)
                grown = resident(machine, "VmHWM") - before
            print("GROWN", grown)
            assert grown < MOST, f"{grown:.0f} MB"
