"""Commands: what the model gets, what is kept, what is left behind."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from maquette.domain.cards import TerminalCard
from maquette.domain.errors import Refused
from maquette.kinds.tools import Result
from maquette.testing.tools import call, result, tool_context
from maquette.tools.by_hand import Hand
from maquette.tools.commands import capture as captures
from maquette.tools.commands import processes
from maquette.tools.commands.capture import Capture

pytestmark = pytest.mark.anyio
boxed = pytest.mark.boxed
LONG = f"sleep 1000.{os.getpid()}"
"""Nobody else's: a box may see which processes the host runs."""


class Watcher:
    """Whoever watches a call."""

    def __init__(self) -> None:
        self.text = ""
        self._more = asyncio.Event()

    def __call__(self, output: str) -> None:
        self.text += output
        self._more.set()

    async def saw(self, text: str) -> None:
        async with asyncio.timeout(10):
            while text not in self.text:
                self._more.clear()
                await self._more.wait()


@pytest.fixture
def watcher() -> Watcher:
    return Watcher()


@pytest.fixture
async def context(tmp_path: Path, watcher: Watcher) -> AsyncIterator[Hand]:
    async with tool_context(tmp_path / "tree", watch=watcher) as made:
        yield made


def contents(path: str | None) -> bytes:
    assert path
    return Path(path).read_bytes()


def terminal(came: Result) -> TerminalCard:
    assert isinstance(came.card, TerminalCard)
    return came.card


async def others(context: Hand) -> set[str]:
    """What else runs in the box of what these tests start."""
    listed = await result("shell", context, command="for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline; echo; done")
    return {line for line in listed.text.splitlines() if LONG in line}


async def test_output_and_exit_status_are_told(context: Hand) -> None:
    came = await result("shell", context, command="pwd; echo oops >&2; exit 3")
    assert came.text == f"{context.files.root}\noops\n[exit 3]"
    assert came.error
    card = terminal(came)
    assert (card.exit, card.output, card.file) == (3, f"{context.files.root}\noops\n", None)


async def test_a_command_that_prints_nothing_says_how_it_ended(context: Hand) -> None:
    came = await result("shell", context, command="true")
    assert (came.text, came.error) == ("[exit 0]", False)


async def test_output_is_shown_as_it_comes(context: Hand, watcher: Watcher) -> None:
    await result("shell", context, command="mkfifo gate")
    running = asyncio.ensure_future(result("shell", context, command="echo first; read x < gate; echo $x"))
    await watcher.saw("first\n")
    await result("shell", context, command="echo second > gate")
    await running
    assert watcher.text == "first\nsecond\n"


async def test_of_a_long_output_the_model_gets_both_ends_and_the_file_has_all(context: Hand) -> None:
    came = await result("shell", context, command="seq 1 200000")
    assert len(came.text) < 17_000
    head, gap, tail = re.split(r"(\[….*…\])\n", came.text)
    assert head.startswith("1\n2\n")
    assert tail.endswith("\n199999\n200000\n[exit 0]")
    assert all(re.fullmatch(r"\d+", line) for line in head.split() + tail.removesuffix("[exit 0]").split())
    file = terminal(came).file
    data = contents(file)
    assert str(file) in gap
    assert data == b"".join(b"%d\n" % n for n in range(1, 200_001))
    left_out = re.search(r"([\d,]+) bytes left out", gap)
    assert left_out
    assert int(left_out[1].replace(",", "")) == pytest.approx(len(data) - len(came.text), abs=200)
    assert (await result("shell", context, command=f"tail -n 1 {file}")).text == "200000\n[exit 0]"
    assert (await result("read", context, path=file, **{"from": 2, "lines": 1})).text.startswith("2\t2\n")


async def test_e12_one_line_of_100_mb_and_escapes_are_bounded_and_inert(context: Hand) -> None:
    came = await result(
        "shell", context, command="head -c 100000000 /dev/zero | tr '\\0' x; printf '\\033]0;title\\007'"
    )
    assert len(came.text) < 17_000
    assert set(came.text.replace("x", "")) & set("\x1b\x07\x00") == set()


async def test_e12_terminal_escapes_are_taken_out(context: Hand, watcher: Watcher) -> None:
    printed = r"\033[31mred\033[0m \033]8;;http://a/\033\\link\033]8;;\007 "
    printed += r"\033]52;c;aGk=\007\033P1$q\033\\ \r\n10%%\r50%%\r100%%\n"
    came = await result(
        "shell", context, command=f"printf '{printed}'; printf 'caf\\303'; sleep 0.1; printf '\\251\\n'"
    )
    assert came.text == "red link  \n100%\ncafé\n[exit 0]"
    assert terminal(came).output == "red link  \n100%\ncafé\n"
    assert "\x1b" not in watcher.text
    assert "café" in watcher.text


async def test_what_is_kept_in_memory_and_on_disk_has_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captures, "STORED", 200_000)
    live: list[str] = []
    capture = Capture(tmp_path / "out.txt", live.append)
    for _ in range(50):
        capture(b"y\n" * 32_768)
    taken = capture.take()
    assert (tmp_path / "out.txt").stat().st_size == 200_000
    assert "the first 200,000 of 3,276,800 bytes are in" in taken.text
    assert sum(map(len, live)) < 200_000


async def test_output_that_can_not_be_stored_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    capture = Capture(tmp_path / "file" / "out.txt")
    capture(b"x" * 200_000)
    assert "could not be stored" in capture.take().text
    assert capture.stored is None


@boxed
async def test_out_of_time_ends_the_whole_tree_of_processes(context: Hand) -> None:
    began = time.monotonic()
    came = await result("shell", context, command=f"setsid {LONG} & {LONG}; echo no", seconds=0.5)
    assert time.monotonic() - began < 5
    assert came.text == "[stopped: out of time]"
    assert came.error
    assert terminal(came).exit is None
    assert await others(context) == set()


@boxed
async def test_a_stopped_command_leaves_no_process(context: Hand, watcher: Watcher) -> None:
    running = asyncio.ensure_future(result("shell", context, command=f"(setsid {LONG} &) ; echo up; {LONG}"))
    await watcher.saw("up\n")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await others(context) == set()


async def test_a_server_put_into_the_background_by_hand_is_told_of(context: Hand) -> None:
    came = await result("shell", context, command="sleep 1000 >/dev/null 2>&1 &")
    assert came.text == "[exit 0; what it put into the background still runs]"


async def test_nothing_asks_and_nothing_pages(context: Hand) -> None:
    came = await result("shell", context, command="echo $PAGER; read -t 5 x; echo ${x:-nothing}")
    assert came.text == "cat\nnothing\n[exit 0]"


async def test_an_empty_command_is_refused(context: Hand) -> None:
    with pytest.raises(Refused, match="empty"):
        await result("shell", context, command="  ")


async def test_a_background_process_is_read_written_to_and_stopped(context: Hand) -> None:
    started = await result("shell", context, command="echo ready; while read x; do echo got $x; done", background=True)
    assert re.match(r'ready\n\[process 1: running for \d s\]\n.*process, \{"number": 1\}', started.text)
    answer = await result("process", context, number=1, input="one\n")
    assert answer.text.startswith("got one\n")
    listed = await result("process", context)
    assert re.match(r"1: running for \d s: echo ready", listed.text)
    stopped = await result("process", context, number=1, stop=True)
    assert stopped.text == "[process 1: stopped]"
    with pytest.raises(Refused, match="has ended"):
        await call("process", context, number=1, input="two\n")
    assert contents(terminal(stopped).file) == b"ready\ngot one\n"


async def test_a_background_process_is_waited_for(context: Hand) -> None:
    await result("shell", context, command="mkfifo gate")
    await result("shell", context, command="echo up; read x < gate; echo done $x; exit 4", background=True)
    waiting = asyncio.ensure_future(result("process", context, number=1, seconds=30))
    await result("shell", context, command="echo now > gate", seconds=10)
    assert (await waiting).text == "done now\n[process 1: exit 4]"


async def test_a_command_that_fails_at_once_in_the_background_says_so(context: Hand) -> None:
    came = await result("shell", context, command="nosuchprogram", background=True)
    assert "nosuchprogram" in came.text
    assert came.text.endswith("[process 1: exit 127]")


async def test_background_processes_are_counted(context: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "MOST", 2)
    for _ in range(2):
        await result("shell", context, command="echo up; sleep 1000", background=True)
    with pytest.raises(Refused, match="stop one first"):
        await result("shell", context, command="sleep 1000", background=True)
    await result("process", context, number=1, stop=True)
    came = await result("shell", context, command="echo up; sleep 1000", background=True)
    assert "[process 3: running" in came.text


async def test_an_unknown_process_is_refused_with_those_there_are(context: Hand) -> None:
    with pytest.raises(Refused, match="no process 7; there are: none"):
        await result("process", context, number=7)


@boxed
async def test_one_stopped_while_it_starts_in_the_background_is_ended(context: Hand) -> None:
    await result("shell", context, command="mkfifo gate")
    starting = asyncio.ensure_future(
        result("shell", context, command=f"while :; do echo up > gate; sleep 0.1; done & {LONG}", background=True)
    )
    await result("shell", context, command="read x < gate", seconds=10)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert await others(context) == set()


async def test_ten_megabytes_of_output_cost_little(context: Hand) -> None:
    await result("shell", context, command="true")
    spent: list[float] = []
    for _ in range(5):
        before = time.process_time()
        await result("shell", context, command="seq 1 1400000")
        spent.append(time.process_time() - before)
    assert min(spent) < 0.05
