"""A key that was given to the base is where it was put, and nowhere else."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from house.bases import Line, a_machine, refused
from maquette.testing.models import Asked, Call, Calls, Fails, Says, ScriptedModels, Turn

pytestmark = pytest.mark.boxed
KEY = "sk-canary-2468013579"


def processes_of(base: int) -> list[Path]:
    """The base and all that came of it."""
    parents = {int(at.name): at for at in Path("/proc").iterdir() if at.name.isdigit()}
    ours, grew = {base}, True
    while grew:
        found = {pid for pid, at in parents.items() if _parent(at) in ours}
        grew = not found <= ours
        ours |= found
    return [parents[pid] for pid in ours]


def _parent(at: Path) -> int:
    try:
        return int((at / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def words_of(processes: Iterable[Path]) -> Iterator[bytes]:
    """Their environments and arguments, but for what is closed even to the person as whom they run."""
    for at in processes:
        for what in (at / "environ", at / "cmdline"):
            with suppress(FileNotFoundError, PermissionError):
                yield what.read_bytes()


def test_s26_a_key_that_was_connected_is_in_no_file_page_argument_or_environment(tmp_path: Path) -> None:
    """S26: nor in what a server's error tells; and no box sees the file in which it is sealed, or the seal."""
    state = tmp_path / "m/state"
    look = f"cat {state}/keys.sealed {state}.seal {state}/connections.json; env; touch begun; "
    look += "while [ ! -e go ]; do sleep 0.02; done"

    def play(asked: Asked) -> Turn:
        if asked.body["model"] == "locked":
            return Fails(401, f"Wrong: {asked.headers['authorization']}")
        return Says("done") if asked.results else Calls(Call("shell", {"command": look, "seconds": 30}))

    with ScriptedModels(play) as server, a_machine(tmp_path / "m") as machine:
        connect = ("models", "--connect", "openai-chat", "--address", f"{server.url}/v1", "--model")
        assert KEY not in refused(machine.run(*connect, "locked", "--name", "other", stdin=KEY))
        told = machine.ok(*connect, "scripted", "--name", "mine", "--untested", stdin=f"{KEY}\n")
        assert "a sealed file" in told
        assert machine.run("models", "--test", "mine:locked").returncode == 2
        under_way = machine.begin("run", "look around", "--model", "mine:scripted")
        until = time.monotonic() + 30
        while not (state / "desk/begun").exists() and time.monotonic() < until:
            time.sleep(0.02)
        seen = [*words_of(processes_of(machine.pid))]
        assert len(seen) > 4, "the base, the box, and the command in it"
        assert not any(KEY.encode() in words for words in seen)
        (state / "desk/go").touch()
        said, _ = under_way.communicate(timeout=30)
        assert under_way.returncode == 0, said
        assert server.requests[-1].headers["authorization"] == f"Bearer {KEY}"
        seal = state.with_name("state.seal").read_bytes()
        for path in ("/models", "/v1/models", "/v1/doctor", "/v1/openapi.json"):
            with closing(Line(machine)) as line:
                line.request("GET", path, headers={"Accept": "*/*"})
                assert KEY.encode() not in line.getresponse().read()
        machine.ok("backup", str(tmp_path / "all.tar"))
        exported = machine.ok("export", "--to", str(tmp_path / "all.jsonl"))
        assert KEY not in said + exported
        machine.ok("down")
        written = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        assert [path.name for path, held in written.items() if KEY.encode() in held] == []
        assert [path.name for path, held in written.items() if seal in held] == ["state.seal"]
        assert len(re.findall("No such file or directory|Permission denied", (tmp_path / "all.jsonl").read_text())) >= 3
        for path in (state / "keys.sealed", state / "connections.json", state.with_name("state.seal")):
            assert (path.stat().st_mode & 0o777, path.stat().st_uid) == (0o600, os.geteuid())


def test_s26_a_key_comes_from_a_prompt_or_standard_input_and_is_no_argument(tmp_path: Path) -> None:
    """S26: there is no option that takes one, and a mistake in the others doesn't repeat it."""
    with a_machine(tmp_path) as machine:
        ended = machine.run("models", "--connect", "openai-chat", "--key", KEY, "--model", "m")
        assert ended.returncode == 2
        assert "unrecognized arguments" in ended.stderr
        told = machine.run("models", "--connect", "telepathy", "--model", "m", stdin=KEY)
        assert KEY not in refused(told)
