"""The base as the command line sees it: started when needed, one a state, gone in the middle; what works without."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from house.bases import Machine, a_machine, refused
from maquette.cli import NOUNS, all_commands
from maquette.cli.endings import Failed
from maquette.cli.link import Link
from maquette.cli.run import budget
from maquette.cli.screen import inert
from maquette.cli.telling import summary
from maquette.settings import settings
from maquette.testing.models import Fails, Says, ScriptedModels, Stalls

MODEL = "openai-chat:scripted"


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """With no model connected."""
    with a_machine(tmp_path_factory.mktemp("m")) as one:
        one.ok("threads")
        yield one


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["run", "-p", "nowhere", "x"], "No project is called 'nowhere'"),
        (["run", "-p", "./nowhere", "x"], "There is no folder"),
        (["run", "--model", "gpt-5", "x"], "No model is called 'gpt-5'"),
        (["run", "--model", "openai:gpt-5", "x"], "Set OPENAI_API_KEY"),
        (["run", "  "], "Say what is to be done"),
        (["run", "--mode", "worktree", "x"], "isn't a git repo"),
        (["show", "nope"], "There is no thread"),
        (["show", "latest"], "There is no thread"),
        (["stop", "thread_0"], "There is no thread"),
        (["diff", "a/b?c"], "'a/b?c' names nothing"),
        (["skills", "juggling"], "No skill is called 'juggling'"),
        (["approve", "nope", "--yes"], "There is no thread"),
        (["cost", "--by", "moon"], "by: input should be"),
        (["cost", "--since", "yesterday"], "since: input should be a valid date"),
        (["set", "latest"], "Say what to change"),
        (["projects", "set", "desk"], "Say what to set"),
        (["projects", "add", "./nowhere"], "There is no folder"),
        (["tool", "hammer", "--root", "."], "No tool is called 'hammer'"),
        (["tool", "read", "{}", "--root", "./nowhere"], "There is no folder"),
        (["tool", "read", "{", "--root", "."], "no valid JSON"),
        (["when", "at", "7"], "can mean several things"),
        (["when", "daily", "--tz", "Berlin"], "Did you mean Europe/Berlin?"),
        (["when", "daily", "--after", "yesterday"], "is no time"),
        (["serve"], "A base is up already"),
        (["rebuild"], "A base is up already"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_one_sentence(machine: Machine, words: list[str], sentence: str) -> None:
    ended = machine.run(*words)
    assert ended.returncode not in (0, 130)
    assert sentence in refused(ended, ended.returncode)
    assert ended.stderr.count("\n") == 1 or words[0] == "serve"


def test_what_a_schedule_means_is_told_to_programs_by_the_clocks_of_this_machine(machine: Machine) -> None:
    told = json.loads(
        machine.ok("when", "30 2 * * *", "--after", "2026-03-29T00:00", "-n", "1", "--json", TZ="Europe/Berlin")
    )
    assert told["zone"] == "Europe/Berlin"
    assert told["slots"] == [
        {"local": "2026-03-29T02:30", "at": "2026-03-29T01:00:00Z", "clock": "2026-03-29T03:00+02:00"}
    ]
    there = ("--tz", "America/New_York", "--after", "2026-03-06T12:00", "--count", "2")
    told = json.loads(machine.ok("when", "weekdays at 7", *there, "--json", TZ="Europe/Berlin"))
    assert [slot["at"] for slot in told["slots"]] == ["2026-03-09T11:00:00Z", "2026-03-10T11:00:00Z"]


@pytest.mark.parametrize(
    "words",
    ["run", "juggle", "run x --budget steps", "run x --budget usd=-1", "run x --mode y", "completion csh"],
)
def test_wrong_usage_ends_with_2(machine: Machine, words: str) -> None:
    ended = machine.run(*words.split())
    assert ended.returncode == 2
    assert "usage: maquette" in ended.stderr


def test_a_second_base_says_which_process_is_the_first_and_is_none(machine: Machine) -> None:
    ended = machine.run("serve")
    assert ended.returncode == 75
    assert f"as process {machine.pid};" in refused(ended, 75)
    machine.ok("threads")


def test_nobody_else_can_open_the_state(machine: Machine) -> None:
    assert stat.S_IMODE(machine.state.stat().st_mode) == 0o700
    assert stat.S_IMODE((machine.state / "base.sock").stat().st_mode) == 0o600
    assert stat.S_IMODE((machine.state / "base.log").stat().st_mode) == 0o600


def test_models_skills_projects_and_threads_are_listed(machine: Machine) -> None:
    assert "✓ apprentice:" in machine.ok("models")
    assert "dead-code" in machine.ok("skills")
    asked = machine.run("run", "what can you do")
    assert "By rule" in asked.stdout
    assert asked.returncode == 1, "by rule it can't be done"
    assert machine.json("projects")[0]["kind"] == "desk"
    assert machine.ok("threads").split("\t")[3] == "what can you do"
    assert "what can you do" in machine.ok("search", "what can")


def test_the_base_goes_down_and_comes_up_with_everything(machine: Machine) -> None:
    machine.run("run", "what can you do")
    before, pid = machine.json("threads"), machine.pid
    assert "down" in machine.ok("down")
    assert not machine.pid
    assert not (machine.state / "base.sock").exists()
    assert "No base is up" in machine.ok("down")
    assert "All is as the log says" in machine.ok("rebuild")
    assert machine.json("threads") == before
    assert machine.pid not in (0, pid)


def test_a_refusal_that_comes_before_all_was_sent_is_heard(tmp_path: Path) -> None:
    """What answers here reads nothing of a request that no buffer holds whole."""
    told = b'{"detail": "Too much.", "code": "too-much"}'
    with socket.socket(socket.AF_UNIX) as base, ThreadPoolExecutor() as beside:
        base.bind(str(tmp_path / "base.sock"))
        base.listen()
        asking = beside.submit(Link(settings({"MAQUETTE_HOME": str(tmp_path)})).post, "/threads", {"text": "x" * 10**7})
        answering, _ = base.accept()
        with answering:
            answering.sendall(
                b"HTTP/1.1 413 Much\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(told), told)
            )
        with pytest.raises(Failed, match="Too much"):
            asking.result(20)


def serving(machine: Machine) -> list[str]:
    """The processes that are a base of this machine's, or are about to be."""
    found: list[str] = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            is_base = b"maquette.app" in (process / "cmdline").read_bytes()
            if is_base and machine.env["HOME"].encode() in (process / "environ").read_bytes():
                found.append(process.name)
    return found


def test_two_commands_at_once_start_one_base_also_in_a_folder_named_from_where_one_is_and_too_long_for_a_socket(
    tmp_path: Path,
) -> None:
    with a_machine(tmp_path / ("long" * 25), {"MAQUETTE_HOME": "state"}, cold=True) as machine:
        both = [machine.begin("models") for _ in range(2)]
        ended = [(one.communicate(timeout=40), one.returncode) for one in both]
        assert [status for _, status in ended] == [0, 0], ended
        until = time.monotonic() + 20
        while len(running := serving(machine)) != 1:  # one that came late, once the first is gone, would be up instead
            assert time.monotonic() < until, running
            time.sleep(0.05)
        assert running == [str(machine.pid)]
        log = (machine.state / "base.log").read_text()
        assert log.count("listening on /") == 1


def test_a_state_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    with a_machine(tmp_path) as machine:
        machine.ok("threads")
        machine.ok("down")
        with sqlite3.connect(machine.state / "maquette.db") as db:
            db.execute("UPDATE alembic_version SET version_num = '9999'")
        db.close()
        machine.cold = True
        assert "newer version of Maquette" in refused(machine.run("threads"), 7)
        machine.cold = False
        assert "newer version of Maquette" in refused(machine.run("serve"))


def test_a_state_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with a_machine(tmp_path, cold=True) as machine:
        assert "MAQUETTE_HOME names another" in refused(machine.run("threads"))
        found = {one["what"]: one for one in machine.json("doctor")}
        assert not found["state"]["ok"]
        assert "MAQUETTE_HOME" in found["state"]["mend"]


def test_a_setting_that_is_no_number_is_one_sentence(machine: Machine) -> None:
    for wrong in ("many", "0", "-1"):
        assert f"MAQUETTE_TURNS is '{wrong}'" in refused(machine.run("threads", MAQUETTE_TURNS=wrong))


def test_a_base_killed_in_the_middle_is_said_and_the_next_command_picks_the_work_up(tmp_path: Path) -> None:
    script = [Stalls(Says("I begin, and then I say nothing more for a while."), after=4), Says("Done now.")]
    with ScriptedModels(lambda asked: script[min(asked.number, 1)]) as models:
        variables = {**models.variables, "MAQUETTE_MODEL": MODEL}
        with a_machine(tmp_path, variables) as machine:
            with machine.under_way("run", "work") as running:
                assert running.stdout
                read = ""
                while "I begin" not in read:
                    read += running.stdout.read(1)
                machine.kill(signal.SIGKILL)
                _, told = running.communicate(timeout=20)
            assert running.returncode == 7
            assert "The base went away in the middle of this. Nothing is lost" in told
            assert "Traceback" not in told
            assert "Done now." in machine.ok("show", "--follow", "latest")


def test_a_model_server_that_is_down_is_said_while_it_is_tried_again(tmp_path: Path) -> None:
    """F8: to who follows the thread, and in the lists of threads and models."""
    with (
        ScriptedModels([Fails(503, "Down.")] * 99) as models,
        a_machine(tmp_path, models.variables) as machine,
        machine.under_way("run", "work", "--model", MODEL) as running,
    ):
        assert running.stdout
        silent = r"openai-chat: not answering since \d\d:\d\d"
        tried: list[str] = []
        while not tried or not re.search(silent, tried[-1]):
            line = running.stdout.readline()
            assert line, tried
            tried += [line] if "Trying again in" in line else []
        assert models.url in tried[0]
        for command in ("models", "threads"):
            ended = machine.run(command)
            assert re.search(rf"{silent}, (tried again in \d+ s|being tried again now)\n", ended.stdout + ended.stderr)
        running.send_signal(signal.SIGINT)
        told, complaint = running.communicate(timeout=20)
        assert running.returncode == 5, told
        assert "Traceback" not in told + complaint


def test_a_key_set_after_the_base_was_started_is_explained(machine: Machine) -> None:
    ended = machine.run("run", "--model", "openai:gpt-5", "x", OPENAI_API_KEY="later")
    assert "the base was started without it: `maquette down`" in refused(ended)


def test_a_noun_by_itself_tells_what_there_is_and_half_a_sentence_how_it_goes_on(machine: Machine) -> None:
    for noun in ("automations", "baby", "explore", "horizons", "projects", "sessions", "sources"):
        ended = machine.run(noun)
        assert ended.returncode == 0 or refused(ended), noun
    told = refused(machine.run("automations", "add", "weekdays at 7: what changed"))
    assert 'in a thread: maquette run "weekdays at 7: what changed"' in told


def test_a_mistake_of_ours_is_one_sentence_and_its_trace_is_in_the_log(tmp_path: Path) -> None:
    """Whatever answers on the socket here isn't a base, and says what nobody expects."""
    with a_machine(tmp_path, cold=True) as machine:
        machine.state.mkdir()
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(str(machine.state / "base.sock"))
            other.listen()
            with machine.begin("threads") as asking:
                answering, _ = other.accept()
                with answering:
                    answering.recv(65_536)
                    answering.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 7\r\n\r\n[[null]")
                told = asking.communicate(timeout=20)[1]
        assert asking.returncode == 1
        assert re.fullmatch(
            r"maquette: Maquette itself made a mistake here \(\w+\); .*base.log has the details.\n", told
        )
        assert "Traceback" in (machine.state / "base.log").read_text()


def test_doctor_works_without_a_base_and_names_the_tier(tmp_path: Path) -> None:
    with a_machine(tmp_path) as machine:
        found = {one["what"]: one for one in machine.json("doctor")}
        assert found["base"]["detail"] == "not up"
        assert "tier " in found["sandbox"]["detail"] or found["sandbox"]["mend"]
        assert "no language model is connected" in found["model"]["detail"]
        assert found["model"]["mend"]
        assert not machine.pid
        assert not machine.state.exists()


def test_a_tool_by_hand_takes_json_and_standard_input(machine: Machine, tmp_path: Path) -> None:
    machine.ok("tool", "write", '{"path": "a.txt"}', "--root", str(tmp_path), stdin="one\n")
    assert (tmp_path / "a.txt").read_text() == "one\n"
    patch = "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+two\n*** End Patch\n"
    machine.ok("tool", "apply_patch", "--root", str(tmp_path), stdin=patch)
    assert (tmp_path / "a.txt").read_text() == "two\n"
    assert "two" in machine.ok("tool", "shell", '{"command": "cat a.txt"}', "--root", str(tmp_path))
    assert "nope.txt" in machine.run("tool", "read", '{"path": "nope.txt"}', "--root", str(tmp_path)).stderr


def test_code_that_lies_in_the_current_folder_is_not_run(machine: Machine, tmp_path: Path) -> None:
    for name in ("dbos.py", "orjson.py", "fastapi.py", "json.py", "cronsim.py"):
        (tmp_path / name).write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    cold = Machine(machine.folder, {}, cold=True)
    cold.run("serve", cwd=tmp_path)
    cold.ok("when", "daily", cwd=tmp_path)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_every_command(machine: Machine, shell: str) -> None:
    script = machine.ok("completion", shell)
    assert [name for name in all_commands().known if name not in script] == []
    assert "--budget" in script or "-l budget" in script


@pytest.mark.needs("bash", "apt-get install bash")
def test_bash_completes_commands_and_options(machine: Machine) -> None:
    asks = 'COMP_WORDS=(maquette run --bu); COMP_CWORD=2; _maquette; echo "${COMPREPLY[@]}"'
    asks += '; COMP_WORDS=(maquette dis); COMP_CWORD=1; _maquette; echo "${COMPREPLY[@]}"'
    ended = subprocess.run(
        ["bash", "-c", f"{machine.ok('completion', 'bash')}\n{asks}"], capture_output=True, text=True, check=True
    )
    assert ended.stdout.splitlines() == ["--budget", "discard"]


def test_a_command_loads_its_own_file_which_adds_what_it_is_known_to() -> None:
    assert {noun: tuple(all_commands(words[0]).known) for noun, words in NOUNS.items()} == NOUNS
    assert list(all_commands().known) == [word for words in NOUNS.values() for word in words]


def test_what_the_command_line_loads_before_it_connects_is_light() -> None:
    asks = "import sys, maquette.cli, maquette.cli.link; maquette.cli.all_commands(); print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True, env=os.environ)
    heavy = {
        "http.client",
        "ssl",
        "rich",
        "pydantic",
        "asyncio",
        "dataclasses",
        "inspect",
        "subprocess",
        "decimal",
        "unittest",
        "logging",
    }
    assert heavy & set(ended.stdout.split()) == set()


def test_a_budget_is_read_in_the_units_of_people() -> None:
    assert budget("steps=50,usd=1.50,tokens=200k,minutes=10") == {
        "steps": 50,
        "money": "1.50",
        "tokens": 200_000,
        "seconds": 600,
    }


def test_a_call_is_summed_up_by_its_texts_whatever_the_tool() -> None:
    call = {"arguments": '{"seconds": 60, "command": "make\\n test", "all": true}'}
    assert summary(call, "shell") == "shell make test seconds=60 all=true"
    assert summary({"arguments": "[1"}, "odd") == summary({"arguments": "[1]"}, "odd") == summary({}, "odd") == "odd"


def test_text_is_inert_and_otherwise_as_it_was() -> None:
    assert inert("a\tb\r\nc 👩‍💻 é 日本") == "a\tb\nc 👩‍💻 é 日本"
    assert inert("\x1b[2J\r\x08\x9b\u202e\u200b\x7f") == "\\u{1b}[2J\\u{d}\\u{8}\\u{9b}\\u{202e}\\u{200b}\\u{7f}"
