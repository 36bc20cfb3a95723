"""What every sandbox does alike, whatever it contains."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import pytest

from maquette.domain.errors import Refused
from maquette.kinds.sandboxes import Box, Profile, Sandbox
from maquette.sandboxes import bare, bubblewrap, landlock
from maquette.sandboxes.keeper import command
from maquette.workspace import git
from seams.boxes import BOUND, Heard, alive, eventually, forebears, keeper, names, sh, started, working

pytestmark = pytest.mark.anyio
SANDBOXES: list[Sandbox] = [bubblewrap.SANDBOX, landlock.SANDBOX, bare.SANDBOX]


@pytest.fixture(params=SANDBOXES, ids=lambda sandbox: sandbox.name)
async def sandbox(request: pytest.FixtureRequest, lacks: Callable[[str, str], NoReturn]) -> Sandbox:
    await working(request.param, lacks)
    return request.param


@pytest.fixture
async def box(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Box]:
    box = sandbox.box(Profile(root=tmp_path, writable=(tmp_path,)))
    yield box
    async with asyncio.timeout(BOUND):
        await box.close()


async def test_a_command_runs_in_its_root_and_tells_how_it_ended(box: Box, tmp_path: Path):
    came = await sh(box, "pwd; echo made > file; exit 7")
    assert (came.status, came.why, came.text) == (7, "", f"{tmp_path}\n")
    assert (tmp_path / "file").read_text() == "made\n"


async def test_both_outputs_come_in_the_order_they_were_written(box: Box):
    came = await sh(box, "for i in {1..200}; do echo out $i; echo err $i >&2; done")
    assert came.text.split("\n") == [f"{kind} {i}" for i in range(1, 201) for kind in ("out", "err")] + [""]


async def test_standard_error_goes_to_a_file_that_it_is_given_and_never_beyond_its_bound(box: Box):
    with os.fdopen(git.bounded(4096), "rb") as errors:
        heard = Heard()
        words = ["sh", "-c", "echo out; echo err >&2; yes >&2; truncate -s 1M /proc/self/fd/2; echo still"]
        ended = await box.run(words, sink=heard, stdin=b"", errors=errors.fileno())
        assert (ended.status, heard.text) == (0, "out\nstill\n")
        said = os.pread(errors.fileno(), 8192, 0)
        assert said.startswith(b"err\ny\n")
        assert len(said) == 4096


async def test_output_comes_while_the_command_runs(box: Box):
    running, heard = await started(box, "echo first; read; echo second", stdin=None)
    await heard.until("first")
    assert "second" not in heard.text
    await running.write(b"\n")
    await heard.until("second")
    assert (await running.wait()).status == 0


async def test_standard_input_is_given_and_ends(box: Box):
    assert (await sh(box, "cat", stdin=b"given")).text == "given"
    assert (await sh(box, "cat")).text == ""
    whole = os.urandom(3_000_000).hex().encode()
    assert (await sh(box, "wc -c", stdin=whole)).text.strip() == str(len(whole))


async def test_standard_input_kept_open_takes_more_than_a_pipe_holds(box: Box):
    running, heard = await started(box, "wc -c", stdin=None)
    for _ in range(10):
        await running.write(b"x" * 100_000)
    await running.close_stdin()
    await running.wait()
    assert heard.text.strip() == "1000000"
    with pytest.raises(Refused):
        await running.write(b"late")


async def test_writing_to_a_command_that_no_longer_reads_is_refused(box: Box):
    running, _ = await started(box, "exec <&-; read -u 1", stdin=None)
    with pytest.raises(Refused):
        await running.write(b"x" * 1_000_000)
    await running.kill()


async def test_a_command_or_an_environment_larger_than_a_message_arrives(box: Box):
    words = ["x" * 100_000] * 5
    heard = Heard()
    await box.run(["bash", "-c", "echo ${#1} $# ${#BIG}", "-", *words], sink=heard, env={"BIG": "y" * 90_000})
    assert heard.text == "100000 5 90000\n"


async def test_what_cannot_be_run_is_refused_in_words(box: Box, tmp_path: Path):
    (tmp_path / "plain").write_text("#!/bin/sh\n")
    (tmp_path / "broken").write_text("#!/no/such/interpreter\n")
    (tmp_path / "broken").chmod(0o755)
    for argv, told in (
        (["no-such-program"], "no-such-program"),
        (["./no-such-program"], "no-such-program"),
        (["./plain"], "plain"),
        (["./broken"], "broken"),
        ([str(tmp_path)], tmp_path.name),
        ([], "no command"),
        ([""], "no command"),
        (["echo", "a\0b"], "NUL"),
        (["true", *["x" * 120_000] * 30], "too long"),
    ):
        with pytest.raises(Refused, match=told):
            await box.run(argv, sink=Heard())
    assert (await sh(box, "echo still here")).text == "still here\n"


@pytest.mark.parametrize("cwd", ["/", "..", "/etc", "link", "sub/../..", "missing"])
async def test_e13_a_folder_outside_is_no_place_to_start_in(box: Box, tmp_path: Path, cwd: str):
    """E13: by name, upwards, or by a link."""
    (tmp_path / "link").symlink_to("/usr")
    before = names(tmp_path)
    with pytest.raises(Refused):
        await box.run(["touch", "here"], sink=Heard(), cwd=Path(cwd))
    assert names(tmp_path) == before


async def test_a_folder_inside_is_a_place_to_start_in(box: Box, tmp_path: Path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "link").symlink_to("a/b")
    for cwd in (Path("a/b"), tmp_path / "a" / "b", Path("link")):
        assert (await sh(box, "/bin/pwd", cwd=cwd)).text == f"{tmp_path}/a/b\n"


async def test_the_environment_is_clean_but_for_what_is_given(sandbox: Sandbox, tmp_path: Path):
    """E2: nothing of ours is handed on."""
    os.environ["MAQUETTE_CANARY"] = "secret"
    box = sandbox.box(Profile(root=tmp_path, env={"GIVEN": "by profile"}))
    try:
        came = await sh(box, "env", env={"MORE": "by call"})
    finally:
        del os.environ["MAQUETTE_CANARY"]
        await box.close()
    names = {line.partition("=")[0] for line in came.text.splitlines()}
    clean = {"PATH", "HOME", "LANG", "TERM", "TMPDIR", "USER", "LOGNAME", "SHELL"}
    assert names - {"PWD", "SHLVL", "_", "OLDPWD"} == clean | {"GIVEN", "MORE"}
    assert "secret" not in came.text


async def test_a_command_out_of_time_is_ended(box: Box):
    """E10: with all that it started."""
    mark = f"{os.getpid()}.0625"
    came = await sh(box, f"setsid sleep {mark} & (nohup sleep {mark} &) ; echo up; sleep {mark}", seconds=0.3)
    assert (came.status, came.why) == (None, "time")
    assert "up" in came.text
    assert not alive(mark)


async def test_a_killed_command_leaves_no_process(box: Box):
    """E10: neither one that left its session nor one that ignores the polite signal."""
    mark = f"{os.getpid()}.125"
    running, heard = await started(
        box, f"trap '' TERM; setsid sleep {mark} & (setsid sleep {mark} &) ; echo up; while :; do sleep {mark}; done"
    )
    await heard.until("up")
    await eventually(lambda: len(alive(f"sleep\0{mark}")) == 3)
    await running.kill()
    assert not alive(mark)
    ended = await running.wait()
    assert (ended.status, ended.why) == (None, "stopped")
    await running.kill()


async def test_a_killed_command_may_tidy_up_first(box: Box, tmp_path: Path):
    (tmp_path / "lock").touch()
    running, heard = await started(box, "trap 'rm lock; exit' TERM; echo up; while :; do sleep 0.01; done")
    await heard.until("up")
    await running.kill()
    assert not (tmp_path / "lock").exists()


async def test_a_cancelled_run_leaves_no_process(box: Box):
    mark = f"{os.getpid()}.25"
    task = asyncio.create_task(sh(box, f"setsid sleep {mark} & sleep {mark}"))
    await eventually(lambda: len(alive(f"sleep\0{mark}")) == 2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not alive(mark)


async def test_a_server_put_into_the_background_outlives_its_command_but_not_its_box(box: Box):
    """E10: nothing is left once the box is closed."""
    mark = f"{os.getpid()}.5"
    came = await sh(box, f"setsid sleep {mark} > /dev/null 2>&1 & echo up")
    assert (came.status, came.text, came.exit.lives_on) == (0, "up\n", True)
    assert alive(mark)
    assert not (await sh(box, "true")).exit.lives_on
    await box.close()
    assert not alive(mark)


async def test_what_outlived_its_command_can_be_killed_later(box: Box):
    mark = f"{os.getpid()}.75"
    running, _ = await started(box, f"sleep {mark} &")
    assert (await running.wait()).lives_on
    await running.kill()
    assert not alive(mark)
    assert (await running.wait()).status == 0


async def test_output_that_trails_behind_is_waited_for(box: Box, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(command, "TRAILING_SECONDS", BOUND)  # a busy machine takes its time
    came = await sh(box, "echo a > >(sleep 0.03; cat)")
    assert came.text == "a\n"


async def test_a_signal_that_was_not_ours_is_told(box: Box):
    came = await sh(box, "kill -SEGV $$")
    assert (came.status, came.why) == (139, "signal 11")


async def test_commands_run_side_by_side(box: Box):
    """Each waits until all the others are there, so one after the other they would never end."""
    script = "touch {0}; until [ $(ls | wc -l) = 8 ]; do sleep 0.01; done"
    ended = await asyncio.gather(*(sh(box, script.format(number)) for number in range(8)))
    assert [came.status for came in ended] == [0] * 8


async def test_every_one_of_many_commands_gets_its_own_output(box: Box):
    ended = await asyncio.gather(*(sh(box, f"echo {number}") for number in range(40)))
    assert [came.text for came in ended] == [f"{number}\n" for number in range(40)]


async def test_a_box_that_died_is_brought_up_again(box: Box):
    mark = f"{os.getpid()}.875"
    running, heard = await started(box, f"echo up; sleep {mark}")
    await heard.until("up")
    os.kill(keeper(), 9)
    ended = await asyncio.wait_for(running.wait(), BOUND)
    assert (ended.status, ended.why) == (None, "lost")
    assert (await sh(box, "echo anew")).text == "anew\n"
    await box.close()
    assert not alive(mark)


async def test_a_closed_box_ends_what_runs_and_opens_again(box: Box):
    running, heard = await started(box, "echo up; sleep 1000")
    await heard.until("up")
    await box.close()
    ended = await running.wait()
    assert (ended.status, ended.why) == (None, "stopped")
    await box.close()
    assert (await sh(box, "echo anew")).text == "anew\n"


async def test_a_box_warmed_by_several_is_brought_up_once(box: Box):
    await asyncio.gather(*(box.warm() for _ in range(5)))
    first = keeper()
    await box.warm()
    assert (await sh(box, "true")).status == 0
    assert keeper() == first


async def test_what_goes_wrong_in_a_sink_reaches_who_waits(box: Box):
    def broken(data: bytes) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await box.run(["echo"], sink=broken)
    assert (await sh(box, "echo on")).text == "on\n"


async def test_no_descriptor_of_ours_is_open_in_a_command(box: Box):
    """E2: neither the keeper's nor the base's."""
    came = await sh(box, "ls /proc/self/fd")
    assert came.text.split() == ["0", "1", "2", "3"]


async def test_a_box_leaves_no_descriptor_behind(sandbox: Sandbox, tmp_path: Path):
    async def once() -> None:
        box = sandbox.box(Profile(root=tmp_path, writable=(tmp_path,)))
        await sh(box, "cat", stdin=b"x")
        running, _ = await started(box, "cat", stdin=None)
        await running.kill()
        with pytest.raises(Refused):
            await box.run(["no-such-program"], sink=Heard())
        await box.close()

    await once()
    before = names(Path("/proc/self/fd"))
    await once()
    assert names(Path("/proc/self/fd")) == before


async def test_a_box_that_is_given_up_while_it_comes_up_is_gone_all_the_same(sandbox: Sandbox, tmp_path: Path):
    before = len(names(Path("/proc/self/fd")))
    box = sandbox.box(Profile(root=tmp_path, writable=(tmp_path,)))
    rising = asyncio.create_task(box.warm())
    await asyncio.sleep(0)
    for task in (rising, asyncio.create_task(box.close())):
        await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    await eventually(lambda: len(names(Path("/proc/self/fd"))) <= before)
    assert not [pid for pid in alive("names['main']") if os.getpid() in forebears(pid)]


async def test_a_root_that_does_not_exist_is_refused(sandbox: Sandbox, tmp_path: Path):
    box = sandbox.box(Profile(root=tmp_path / "missing"))
    with pytest.raises(Refused, match="missing"):
        await sh(box, "true")
    await box.close()
