"""The command line at a terminal: what is asked is answered there and then, and what is drawn can be trusted."""

from __future__ import annotations

import io
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from house.bases import Machine, a_machine, played
from house.checkouts import Checkout
from house.terminals import PATIENCE, at_terminal
from maquette.cli.following import tell_size
from maquette.cli.screen import Screen
from maquette.cli.telling import summary
from maquette.testing.models import Asked, Call, Calls, Says, ScriptedModels, Stalls, Turn

boxed = pytest.mark.boxed
SAFE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r\n|\r")
"""What rich and we ourselves send: colours, cursor moves, line ends."""
SCRIPTS: dict[str, list[Turn]] = {
    "choose": [Calls(Call("ask", {"question": "Tea or coffee?", "choices": ["tea", "coffee"]})), Says("So be it.")],
    "escape": [
        Calls(
            Call("shell", {"command": "sleep 0.3; printf '\\033]52;c;aGk=\\007\\033[2J'"}),
            Call("shell", {"command": "echo \x1b]0;title\x07"}),
        ),
        Says("\x1b]8;;http://evil.example\x07click\x1b]8;;\x07 \x9b2J \x1bP1$r\x1b\\"),
    ],
    "forever": [Stalls(Says("I begin, and then I say nothing more at all for a long while."), after=4)],
    "command": [Calls(Call("shell", {"command": "echo it; echo ran"})), Says("It ran.")],
    "write": [Calls(Call("write", {"path": "new.txt", "text": "\x1b[31mline\n" * 200})), Says("Written.")],
}


def play(asked: Asked) -> Turn:
    script = next(turns for marker, turns in SCRIPTS.items() if marker in asked.thread)
    said = cast("list[dict[str, object]]", asked.body["messages"])
    return script[sum(message["role"] == "assistant" for message in said)]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with played(tmp_path_factory.mktemp("m"), play) as machine:
        yield machine


def test_a_question_is_asked_and_answered_by_its_number(machine: Machine) -> None:
    with at_terminal(machine, "run", "choose") as terminal:
        terminal.until("Answer: ")
        assert "2. coffee" in terminal.seen
        terminal.type("2\n")
        terminal.until("So be it.")
        assert terminal.status() == 0
    assert "› coffee" in machine.ok("show", "latest")


def test_a_question_that_is_left_open_ends_with_4(machine: Machine) -> None:
    with at_terminal(machine, "run", "choose") as terminal:
        terminal.until("Answer: ")
        terminal.type("\x04")
        assert terminal.status() == 4
        assert "\nIt waits for your answer: maquette answer" in re.sub(r"\x1b\[\d*m|\r", "", terminal.seen)


def test_ctrl_c_at_a_question_stops_the_turn(machine: Machine) -> None:
    with at_terminal(machine, "run", "choose") as terminal:
        terminal.until("Answer: ")
        terminal.press_ctrl_c()
        assert terminal.status() == 5


@boxed
def test_s24_nothing_that_was_written_elsewhere_steers_the_terminal(machine: Machine) -> None:
    """S24: OSC 8/52, DCS, titles and C1 are shown as what they are; only our own colours and cursor moves remain."""
    with at_terminal(machine, "run", "escape") as terminal:
        assert terminal.status() == 0
        seen = terminal.seen
    assert "\\u{1b}]8;;http://evil.example\\u{7}click" in seen
    left = SAFE.sub("", seen)
    assert {char for char in left if ord(char) < 32 or 127 <= ord(char) < 160} == set()
    assert "\x1b[2J" not in seen


def test_s24_a_files_name_takes_no_line_of_its_own() -> None:
    told = io.StringIO()
    tell_size(Screen(told), {"files": ["a\n✓ python -m pytest -q", "b"], "added": 1, "removed": 0})
    assert told.getvalue() == "2 files, +1 −0  a ✓ python -m pytest -q, b\n"


@pytest.mark.parametrize("arguments", ["[" * 100_000, '{"a":' * 50_000, "[1]", "", "{not json", '{"a": "b", "n": 1}'])
def test_a_call_is_told_on_a_line_whatever_its_arguments_are(arguments: str) -> None:
    assert re.fullmatch(r"shell( b n=1)?", summary({"arguments": arguments}, "shell"))


def test_ctrl_c_twice_leaves_and_says_what_becomes_of_the_work(machine: Machine) -> None:
    with at_terminal(machine, "run", "forever") as terminal:
        terminal.until("I begin")
        os.kill(machine.pid, signal.SIGSTOP)  # so that the stop isn't done before the second press
        try:
            terminal.press_ctrl_c()
            terminal.until("Stopping it")
            terminal.press_ctrl_c()
            terminal.until("It goes on without you")
        finally:
            os.kill(machine.pid, signal.SIGCONT)
        assert terminal.status() == 130
    assert machine.pid


def test_a_difference_is_coloured_by_us_alone(machine: Machine) -> None:
    path = machine.folder / "coloured"
    Checkout.made(path, {"a.txt": "a\n"})
    machine.ok("run", "write", "-p", str(path))
    with at_terminal(machine, "diff", "latest") as terminal:
        assert terminal.status() == 0
    assert "\x1b[32m+\\u{1b}[31mline\x1b[0m" in terminal.seen


def test_a_command_that_nothing_holds_is_shown_whole_and_runs_once_approved(tmp_path: Path) -> None:
    with ScriptedModels(play) as models:
        variables = {**models.variables, "MAQUETTE_MODEL": "openai-chat:scripted", "MAQUETTE_SANDBOX": "bare"}
        with a_machine(tmp_path, variables) as machine:
            with at_terminal(machine, "run", "command one") as terminal:
                terminal.until("Approve this? [y/N] ")
                assert "No sandbox holds on this machine" in terminal.seen
                assert "echo it; echo ran" in terminal.seen
                terminal.type("\n")
                terminal.until("declined")
                assert terminal.status() == 0
            assert machine.run("run", "command two").returncode == 4
            unasked = machine.run("approve", "latest")
            assert unasked.returncode == 2
            assert "nobody is there to ask" in unasked.stderr
            assert "echo it; echo ran" in machine.ok("approve", "latest", "--yes")
            assert "✓ shell" in machine.ok("show", "--follow", "latest")
            asked_again = machine.run("approve", "latest", "--yes")
            assert "asks for no approval" in asked_again.stderr


def test_threads_are_drawn_as_a_table(machine: Machine) -> None:
    machine.run("run", "choose")
    with at_terminal(machine, "threads") as terminal:
        assert terminal.status() == 0
    assert re.search(r"thread\s+state\s+project\s+title", SAFE.sub("", terminal.seen))


def test_a_base_in_the_foreground_opens_its_page_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    with a_machine(tmp_path) as machine, at_terminal(machine, "serve", "--open") as terminal:
        terminal.until("It lets in one browser")
        assert machine.pid
        with at_terminal(machine, "serve", "--open") as second:
            assert second.status() == 0
            assert "It lets in one browser" in second.seen, "the page of the base that is up already"
        terminal.press_ctrl_c()
        assert terminal.status() == 0
        assert not machine.pid


def test_a_base_in_the_foreground_opens_nothing_where_nobody_sees_it(tmp_path: Path) -> None:
    with a_machine(tmp_path) as machine:
        with machine.under_way("serve", "--open") as base:
            machine.wait_for(base.pid)
            machine.kill()
            out, _ = base.communicate(PATIENCE)
        assert "browser" not in out
