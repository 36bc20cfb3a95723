"""A disk runs full in the middle of things: it is said at once, nothing is lost, and all goes on when there is room."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NoReturn

import pytest

from faults.disks import Disk, a_disk
from faults.watching import Following, stands, until
from house.bases import BASE, a_machine, nursery, refused
from house.homes import a_home, rest, said, there
from maquette.actions import threads
from maquette.cli import endings, starting
from maquette.domain.errors import Unwritable
from maquette.domain.events import StopAsked, TurnFinished
from maquette.domain.threads import Outcome
from maquette.store import Log, standing
from maquette.store.writer import AGAIN
from maquette.testing.models import Asked, Call, Calls, Says, ScriptedModels, Turn
from maquette.testing.models.turns import Answer

pytestmark = pytest.mark.boxed
MODEL = ("--model", "openai-chat:scripted")
FULL = "the disk is full"
Lacks = Callable[[str, str], NoReturn]


@pytest.fixture
def disk(lacks: Lacks) -> Iterator[Disk]:
    with a_disk("state", lacks) as disk:
        yield disk


def rows(state: Path) -> list[tuple[str, int, str]]:
    """The log, read past the base."""
    with closing(sqlite3.connect(f"file:{state / 'maquette.db'}?mode=ro", uri=True)) as raw:
        return raw.execute("SELECT stream, position, event FROM entries ORDER BY cursor").fetchall()


def filling(disk: Disk) -> Callable[[Asked], Turn]:
    """A model that answers its second request when there is no room left for the answer."""

    def play(asked: Asked) -> Turn:
        if asked.number == 1:
            disk.fill()
        command = {"command": f"echo {asked.number} >> kept"}
        return Says("all of it") if asked.number > 1 else Answer("x" * 100_000, (Call("shell", command),))

    return play


@pytest.mark.anyio
async def test_f5_a_turn_waits_for_room_while_all_else_is_refused_and_read(disk: Disk) -> None:
    async with ScriptedModels(filling(disk)) as models, a_home(disk.path, models.variables, "dbos") as home:
        sent = await threads.start(home, "fill it", project=None, model="openai-chat:scripted")
        why = await stands(home, sent)
        assert FULL in why
        before = home.store.log.read(sent.thread)
        with pytest.raises(Unwritable, match=FULL):
            await threads.send(home, sent.thread, "more")
        with pytest.raises(Unwritable, match=FULL):
            await threads.change(home, sent.thread, title="other")
        assert await stands(home, sent) == why, "who comes late is told too"
        assert home.store.log.read(sent.thread) == before
        disk.free()
        ended = await rest(home, sent)
        assert isinstance(ended, TurnFinished)
        assert (ended.outcome, said(home, sent.thread)) == (Outcome.DONE, "all of it")
        after = home.store.log.read(sent.thread)
        assert after[: len(before)] == before
        assert [entry.position for entry in after] == list(range(1, len(after) + 1))
        assert len(models.requests) == 3, "no answer was asked for twice"
        assert (disk.path / "desk/kept").read_text() == "0\n1\n"
        assert home.store.log.standing.why == ""


def test_a_full_disk_that_goes_away_is_said_for_as_long_as_it_is_gone(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with closing(Log.open(state / "maquette.db")) as log:
        log.standing.halt(Unwritable(FULL, code="disk-full"))
        state.rename(tmp_path / "away")
        for wait in (0, 2 * AGAIN):
            threading.Event().wait(wait)  # the log tries by itself meanwhile
            with pytest.raises(Unwritable, match=FULL):
                log.append_now("a", StopAsked(turn="turn_1"))
        (tmp_path / "away").rename(state)
        assert log.append_now("a", StopAsked(turn="turn_1"))[0].position == 1


@pytest.mark.anyio
@pytest.mark.parametrize("engine", ["inline", "dbos"])
async def test_a_base_goes_down_on_a_full_disk_also_in_the_middle_of_a_stop(
    tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    async with ScriptedModels([Calls(Call("shell", {"command": "touch begun; sleep 600"}))]) as models:
        with monkeypatch.context() as full:
            async with a_home(state, models.variables, engine) as home:
                sent = await threads.start(home, "stop it", project=None, model="openai-chat:scripted")
                await there(state / "desk/begun")
                await home.store.log.append(sent.thread, StopAsked(turn=sent.turn))
                full.setattr(standing, "ROOM", 1 << 60)
                home.store.log.standing.halt(Unwritable(FULL, code="disk-full"))
                assert await home.engine.stop(sent.thread, sent.turn)
                with pytest.raises(TimeoutError):
                    await rest(home, sent, patience=0.5)
        async with a_home(state, models.variables, engine) as home:
            ended = await rest(home, sent)
            assert isinstance(ended, TurnFinished)
            assert ended.outcome is Outcome.STOPPED


def test_f5_a_person_who_follows_sees_that_it_waits_for_room_and_goes_on(disk: Disk) -> None:
    with ScriptedModels(filling(disk)) as models, a_machine(disk.folder, models.variables) as machine:
        following = Following(machine.begin("run", "fill it", *MODEL))
        following.says(FULL)
        assert FULL in refused(machine.run("run", "more", *MODEL), endings.GONE)
        listed = machine.run("threads")
        assert FULL in listed.stderr
        assert "fill it" in listed.stdout
        assert any(FULL in one["detail"] and not one["ok"] for one in machine.json("doctor"))
        disk.free()
        assert following.end() == endings.DONE
        assert any("it can be written again" in line for line in following.lines)
        assert 200_000 <= "".join(following.lines).count("x") < 200_100, "each answer is said once"


def test_f5_a_base_killed_on_a_full_disk_has_all_that_it_acknowledged(disk: Disk) -> None:
    with ScriptedModels(filling(disk)) as models, a_machine(disk.folder, models.variables) as machine:
        following = Following(machine.begin("run", "fill it", *MODEL))
        following.says(FULL)
        before = rows(machine.state)
        machine.kill(signal.SIGKILL)
        assert following.end() == endings.GONE
        disk.free()
        assert machine.run("show", "--follow", "latest").returncode == endings.DONE
        assert rows(machine.state)[: len(before)] == before
        assert (disk.path / "desk/kept").read_text() == "0\n"


def test_f5_a_turn_that_the_engine_could_not_note_is_begun_when_there_is_room(lacks: Lacks) -> None:
    """F5: the log has room and takes the message; the engine's own file has none."""
    with (
        a_disk("engine", lacks, 4) as disk,
        ScriptedModels(lambda _: Says("done")) as models,
        a_machine(disk.folder, models.variables) as machine,
    ):
        machine.state.mkdir()
        (machine.state / "engine.db").symlink_to(disk.path / "engine.db")
        machine.ok("run", "first", *MODEL)
        disk.fill()
        following = Following(machine.begin("run", "second", *MODEL))
        until(lambda: "could not be begun" in (machine.state / "base.log").read_text())
        disk.free()
        assert following.end() == endings.DONE
        machine.ok("run", "third", *MODEL)


def test_f5_a_work_tree_without_room_is_told_and_nothing_else_suffers(tmp_path: Path, lacks: Lacks) -> None:
    repo = tmp_path / "repo"
    for words in (("init", "-q"), ("commit", "-q", "--allow-empty", "-m", "first")):
        repo.mkdir(exist_ok=True)
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=repo, check=True)

    def play(asked: Asked) -> Turn:
        command = "head -c 100000000 /dev/zero > big"
        return Says(str(asked.results)) if asked.number else Calls(Call("shell", {"command": command}))

    with (
        a_disk("state/trees", lacks, 16) as disk,
        ScriptedModels(play) as models,
        a_machine(disk.folder, models.variables) as machine,
    ):
        ended = machine.run("run", "fill the tree", "-p", str(repo), *MODEL)
        assert "No space left on device" in ended.stdout
        assert f"{FULL}; free some space" in ended.stdout
        assert ended.returncode == endings.FAILED
        next(tree / "big" for tree in disk.path.glob("*/work")).unlink()
        assert machine.run("resume", "latest").returncode == endings.DONE


def test_f5_a_log_file_without_room_harms_nothing(tmp_path: Path) -> None:
    with ScriptedModels(lambda _: Says("done")) as models, a_machine(tmp_path, models.variables) as machine:
        machine.state.mkdir()
        (machine.state / "base.log").symlink_to("/dev/full")
        for _ in range(2):
            assert machine.run("run", "talk", *MODEL).returncode == endings.DONE
        pid = machine.pid
        machine.run("run", "talk", "--model", "nobody:knows")
        assert machine.pid == pid
        with Path("/dev/full").open("w") as full, Path(os.devnull).open("r+") as nothing:
            streams = (nothing.fileno(), nothing.fileno(), full.fileno())
            another = nursery().bear(BASE, ["serve"], machine.env, Path("/"), streams)
        assert another.status() == starting.LOCKED
