"""`maquette run` and what follows from it, with a real base and a scripted model over HTTP."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from house.bases import Machine, a_machine, refused
from house.checkouts import Checkout
from maquette.cli.run import project_of
from maquette.testing.models import Asked, Call, Calls, Fails, Says, ScriptedModels, Stalls, Turn

pytestmark = pytest.mark.boxed
MODEL = "openai-chat:scripted"
ESCAPES = "\x1b]8;;http://evil.example\x07click\x1b]8;;\x07 \x9b31m \x1b]52;c;aGk=\x07 a\u202eb"
FOREVER = Stalls(Says("I begin, and then I say nothing more at all for a long while."), after=4)
SCRIPTS: dict[str, list[Turn]] = {
    "greet": [Calls(Call("shell", {"command": "echo hello > greeting; cat greeting"})), Says("It says hello.")],
    "fail": [Fails(400, "no such thing")],
    "loop": [Calls(Call("shell", {"command": "true"}))] * 9,
    "forever": [FOREVER],
    "choose": [Calls(Call("ask", {"question": "Tea or coffee?", "choices": ["tea", "coffee"]})), Says("So be it.")],
    "escape": [Calls(Call("shell", {"command": f"printf '{ESCAPES}'"})), Says(f"Look: {ESCAPES}")],
    "write": [Calls(Call("write", {"path": "new.txt", "text": "made\n"})), Says("Written.")],
    "again": [Calls(Call("write", {"path": "other.txt", "text": "made\n"})), Says("Written."), Says("More.")],
    "picture": [Says("I see it.")],
    "halfway": [Calls(Call("write", {"path": "half.txt", "text": "made\n"})), FOREVER],
}


def play(asked: Asked) -> Turn:
    """The turn of the script that the thread's first words name, by how many answers there are already."""
    script = next(turns for marker, turns in SCRIPTS.items() if marker in asked.thread)
    said = cast("list[dict[str, object]]", asked.body["messages"])
    return script[sum(message["role"] == "assistant" for message in said)]


@pytest.fixture(scope="module")
def models() -> Iterator[ScriptedModels]:
    with ScriptedModels(play) as server:
        yield server


@pytest.fixture(scope="module")
def machine(models: ScriptedModels, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with a_machine(tmp_path_factory.mktemp("m"), {**models.variables, "MAQUETTE_MODEL": MODEL}) as one:
        one.ok("threads")
        yield one


def repo(machine: Machine, name: str, check: str) -> Path:
    """A project of the machine, a repo with one check."""
    path = machine.folder / name
    Checkout.made(path, {"a.txt": "a\n"})
    machine.ok("projects", "add", str(path))
    machine.ok("projects", "set", name, "--check", check)
    return path


def test_run_tells_what_happens_and_ends_with_0(machine: Machine) -> None:
    told = machine.ok("run", "greet", "me")
    assert "› greet me" in told
    assert "✓ shell echo hello > greeting; cat greeting" in told
    assert told.count("It says hello.") == 1
    assert "Done after 2 steps" in told
    assert "\x1b" not in told


def test_with_json_run_prints_one_event_a_line_and_the_finished_item_after_what_passed_by(machine: Machine) -> None:
    lines = [json.loads(line) for line in machine.ok("run", "greet", "--json").splitlines()]
    entries = [line["event"]["type"] for line in lines if "event" in line]
    assert entries[0] == "thread.started"
    assert entries[-1] == "turn.finished"
    cursors = [line["cursor"] for line in lines if "event" in line]
    assert cursors == sorted(set(cursors))
    passed = [line for line in lines if "event" not in line and line["kind"] == "text"]
    assert "It says hello.".startswith(passed[-1]["text"]) or passed[-1]["text"] in "It says hello."


def test_the_task_may_come_from_standard_input(machine: Machine) -> None:
    assert "It says hello." in machine.ok("run", "-", stdin="greet me from a pipe")


def test_without_waiting_run_says_where_the_work_goes_on(machine: Machine) -> None:
    thread = machine.ok("run", "greet", "--no-wait").strip()
    assert thread.startswith("thread_")
    assert "It says hello." in machine.ok("show", "--follow", thread[-5:])


def test_a_failed_turn_ends_with_1_and_says_why(machine: Machine) -> None:
    ended = machine.run("run", "fail")
    assert ended.returncode == 1
    assert "no such thing" in ended.stdout
    assert "maquette resume" in ended.stdout


def test_failing_checks_end_with_3_and_keep_the_result_from_being_merged(machine: Machine) -> None:
    path = repo(machine, "failing", "echo it is broken; false")
    ended = machine.run("run", "write", "-p", "failing")
    assert ended.returncode == 3, ended.stdout + ended.stderr
    assert "✗ echo it is broken; false" in ended.stdout
    assert "    it is broken" in ended.stdout
    assert "Mend it: maquette send" in ended.stdout
    assert "maquette merge" not in ended.stdout
    assert machine.json("threads", "-p", "failing")[0]["checked"] is False
    assert "Checks failed" in refused(machine.run("merge", "latest"))
    assert not (path / "new.txt").exists()
    assert "Merged" in machine.ok("merge", "latest", "--unchecked")
    assert (path / "new.txt").read_text() == "made\n"


def test_a_result_is_looked_at_merged_and_merged_only_once(machine: Machine) -> None:
    path = repo(machine, "passing", "test -e new.txt")
    told = machine.ok("run", "write", "-p", str(path), "--mode", "worktree")
    assert "✓ test -e new.txt" in told
    assert "1 file, +1 −0  new.txt" in told
    assert not (path / "new.txt").exists()
    assert "+made" in machine.ok("diff", "latest")
    assert "1 file, +1 −0" in machine.ok("diff", "latest", "--stat")
    assert "Merged into main" in machine.ok("merge", "latest")
    assert (path / "new.txt").read_text() == "made\n"
    assert "already" in refused(machine.run("merge", "latest"))
    listed = machine.json("threads", "-p", "passing")
    assert [(one["merged"], one["checked"]) for one in listed] == [(True, True)]


def test_a_discarded_result_is_kept_at_a_rescue_ref_and_its_thread_put_away(machine: Machine) -> None:
    repo(machine, "unwanted", "true")
    machine.ok("run", "again", "-p", "unwanted")
    assert "refs/" in machine.ok("discard", "latest")
    assert machine.json("threads", "-p", "unwanted") == []
    assert len(machine.json("threads", "-p", "unwanted", "--archived")) == 1


def test_a_question_without_a_terminal_ends_with_4_and_goes_on_when_answered(machine: Machine) -> None:
    ended = machine.run("run", "choose")
    assert ended.returncode == 4
    assert "Tea or coffee?" in ended.stdout
    assert "2. coffee" in ended.stdout
    assert "maquette answer" in ended.stdout
    thread = machine.json("waits")[0]["thread"]
    again = machine.run("show", "--follow", thread)
    assert again.returncode == 4, "it waits already when one begins to follow"
    assert again.stdout.count("Tea or coffee?") == ended.stdout.count("Tea or coffee?")
    lines = machine.run("show", "--follow", "--json", thread)
    assert lines.returncode == 4
    assert lines.stdout.count('"turn.waiting"') == 1
    machine.ok("answer", thread, "coffee")
    told = machine.ok("show", "--follow", thread)
    assert "› coffee" in told
    assert "So be it." in told
    assert machine.json("waits") == []
    assert "asks nothing" in refused(machine.run("answer", thread, "tea"))


def test_a_spent_budget_ends_with_6(machine: Machine) -> None:
    ended = machine.run("run", "loop", "--budget", "steps=2,minutes=10")
    assert ended.returncode == 6
    assert "budget of 2 steps" in ended.stdout


def stopped(machine: Machine, *words: str) -> str:
    """What a command tells that is stopped with Ctrl-C once it has begun."""
    with machine.under_way(*words) as running:
        assert running.stdout
        read = ""
        while "I begin" not in read:
            read += running.stdout.read(1)
        running.send_signal(signal.SIGINT)
        told = read + running.communicate(timeout=20)[0]
    assert running.returncode == 5, told
    return told


def test_a_stopped_turn_offers_to_go_on_and_no_merge_that_would_be_refused(machine: Machine) -> None:
    told = stopped(machine, "run", "halfway", "-p", str(repo(machine, "halfway", "true")))
    assert "half.txt" in told
    assert "Go on: maquette resume" in told
    assert "maquette merge" not in told


def test_ctrl_c_stops_the_turn_and_not_the_base(machine: Machine) -> None:
    pid = machine.pid
    assert "Stopped" in stopped(machine, "run", "forever")
    assert machine.pid == pid
    assert machine.json("threads", "-n", "1")[0]["outcome"] == "stopped"


def test_nothing_that_a_model_or_a_tool_wrote_steers_the_terminal(machine: Machine) -> None:
    told = machine.ok("run", "escape")
    told += machine.ok("show", "latest") + machine.ok("show", "latest", "--json") + machine.ok("search", "click")
    assert "\\u{1b}]8;;http://evil.example\\u{7}click" in told
    assert "a\\u{202e}b" in told
    steering = {char for char in told if ord(char) < 32 or 127 <= ord(char) < 160 or char == "\u202e"}
    assert steering == {"\n"}


def test_a_picture_reaches_the_model(machine: Machine, models: ScriptedModels, tmp_path: Path) -> None:
    picture = tmp_path / "dot.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(20))
    machine.ok("run", "picture", "--image", str(picture))
    assert b"data:image/png;base64," in models.requests[-1].raw
    (tmp_path / "no.png").write_text("not a picture")
    assert "no PNG" in refused(machine.run("run", "picture", "--image", str(tmp_path / "no.png")))


def test_more_is_said_in_a_thread_and_a_fork_has_its_past(machine: Machine) -> None:
    machine.ok("run", "again")
    thread = machine.json("threads", "-n", "1")[0]["id"]
    assert "More." in machine.ok("send", thread, "go on")
    fork = machine.ok("fork", thread).strip()
    assert fork != thread
    assert "› go on" in machine.ok("show", fork)
    machine.ok("set", fork, "--title", "another one", "--pin")
    first = machine.json("threads", "-n", "1")[0]
    assert (first["id"], first["title"], first["pinned"]) == (fork, "another one", True)
    machine.ok("set", fork, "--archive", "--unpin")
    assert "another one" not in machine.ok("threads")


def test_a_pipe_that_is_closed_early_is_no_drama(machine: Machine) -> None:
    machine.ok("run", "greet")
    script = f"{subprocess.list2cmdline(machine.command('threads', '--json'))} | head -c 1"
    ended = subprocess.run(
        ["sh", "-c", script], env=machine.env, capture_output=True, text=True, timeout=20, check=False
    )
    assert ended.stdout == "["
    assert ended.stderr == ""


def test_what_it_cost_is_told_by_model(machine: Machine) -> None:
    machine.ok("run", "greet")
    costs = {cost["key"]: cost for cost in machine.json("cost")}
    assert costs[MODEL]["input"] > 0
    assert costs[MODEL]["unpriced"] == costs[MODEL]["requests"] > 0


def test_an_empty_folder_named_git_makes_no_repo_of_what_it_lies_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in (tmp_path / ".git", tmp_path / "sub"):
        folder.mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    assert project_of(None) is None
    (tmp_path / ".git/HEAD").touch()
    assert project_of(None) == str(tmp_path)
