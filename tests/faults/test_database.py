"""The database is locked by another program, damaged, or wanted by a second base."""

from __future__ import annotations

import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from faults.watching import stands
from house.bases import Machine, a_machine, bear, refused
from house.homes import a_home, rest, said
from maquette.actions import threads
from maquette.cli import endings, starting
from maquette.domain.errors import Refused, Unwritable
from maquette.domain.events import MessageSent, ThreadStarted, TurnFinished, TurnQueued
from maquette.domain.threads import Mode
from maquette.settings import backups
from maquette.store import Log, dialects
from maquette.testing.models import Asked, Says, ScriptedModels, Turn

MODEL = ("--model", "openai-chat:scripted")
WORDS = "words on the page that will be hurt"


def other_program(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False)


@pytest.mark.anyio
@pytest.mark.boxed
async def test_f7_a_turn_waits_while_another_program_holds_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialects.sqlite, "PATIENCE", 0.2)
    with closing(other_program(tmp_path / "state/maquette.db")) as other:

        def play(_asked: Asked) -> Turn:
            other.execute("BEGIN EXCLUSIVE")
            return Says("all of it")

        async with ScriptedModels(play) as models, a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "talk", project=None, model="openai-chat:scripted")
            assert "Another program" in await stands(home, sent)
            with pytest.raises(Unwritable, match="Another program") as caught:
                await threads.send(home, sent.thread, "more")
            assert caught.value.code == "locked"
            assert [thread.id for thread in await threads.listed(home)] == [sent.thread]
            other.execute("ROLLBACK")
            assert isinstance(await rest(home, sent), TurnFinished)
            assert said(home, sent.thread) == "all of it"
            assert len(models.requests) == 1


@pytest.mark.boxed
def test_f7_a_locked_database_is_a_bounded_503(tmp_path: Path) -> None:
    with ScriptedModels(lambda _: Says("done")) as models, a_machine(tmp_path, models.variables) as machine:
        machine.state.mkdir()
        base = bear("faults.impatient:serve", out=2, **machine.env)
        base.told.close()
        machine.wait_for(base.pid)
        machine.ok("run", "first", *MODEL)
        with closing(other_program(machine.state / "maquette.db")) as other:
            other.execute("BEGIN EXCLUSIVE")
            began = time.monotonic()
            assert "Another program" in refused(machine.run("run", "second", *MODEL), endings.GONE)
            assert time.monotonic() - began < 30
            assert "first" in machine.ok("threads")
            other.execute("ROLLBACK")
        until_written(machine)


def until_written(machine: Machine) -> None:
    """The next try of the base's own comes within a second, and then all is well."""
    end = time.monotonic() + 30
    while machine.run("run", "second", *MODEL).returncode != endings.DONE:
        assert time.monotonic() < end, "it stays locked"


@pytest.fixture
def hurt(tmp_path: Path) -> Iterator[Path]:
    """A state in which turns are due, with one page overwritten, and a backup beside it. It stays as it is."""
    path = tmp_path / "state/maquette.db"
    log = Log.open(path)
    for number in range(40):
        started = ThreadStarted(project="p", title=f"t{number}", mode=Mode.LOCAL, model="openai-chat:scripted")
        text = f"{WORDS} {number} " + "x" * 3000
        message = MessageSent(id=f"m{number}", turn=f"u{number}", text=text)
        log.append_now(f"thread_{number:04}", started, message, TurnQueued(turn=f"u{number}", run=f"r{number}"))
    log.close()
    whole = path.read_bytes()
    page = whole.index(f"{WORDS} 20 ".encode()) // 4096 * 4096
    path.write_bytes(broken := whole[:page] + b"\xa5" * 4096 + whole[page + 4096 :])
    backups(path.parent).mkdir()
    (backups(path.parent) / "2026-01-01.tar").touch()
    yield path
    assert path.read_bytes() == broken


@pytest.mark.anyio
@pytest.mark.boxed
async def test_f7_a_damaged_database_is_read_and_never_written(hurt: Path) -> None:
    async with ScriptedModels(lambda _: Says("no")) as models, a_home(hurt.parent, models.variables, "dbos") as home:
        listed = await threads.listed(home)
        assert len(listed) == 40
        assert home.store.log.read("thread_0001")
        with pytest.raises(Refused, match=r"maquette restore .*2026-01-01\.tar") as caught:
            await threads.send(home, "thread_0001", "more")
        assert caught.value.code == "corrupt-state"
        assert "damaged" in await stands(home, threads.Sent("thread_0001", "u1", False, 0))
        assert not models.requests, "no turn runs"


@pytest.mark.boxed
def test_f7_who_starts_a_base_on_a_damaged_state_is_told(hurt: Path) -> None:
    with a_machine(hurt.parent.parent) as machine:
        listed = machine.run("threads")
        assert "t20" in listed.stdout
        assert "maquette restore" in listed.stderr
        assert "maquette restore" in refused(machine.run("run", "more", *MODEL))
        machine.kill()
        assert "maquette restore" in refused(machine.run("rebuild"))


def test_f7_damage_found_while_writing_ends_all_writing(tmp_path: Path) -> None:
    path = tmp_path / "maquette.db"
    log = Log.open(path)
    message = MessageSent(id="m", turn="u", text="hello")
    log.append_now("a", message)
    with closing(other_program(path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        pages = other.execute("SELECT rootpage FROM sqlite_master WHERE name IN ('entries', 'fences')").fetchall()
    with path.open("r+b") as file:
        for (page,) in pages:
            file.seek((page - 1) * 4096)
            file.write(b"\xa5" * 4096)
    for _ in range(2):
        with pytest.raises(Refused, match="damaged") as caught:
            log.append_now("b", message)
        assert caught.value.code == "corrupt-state"
    assert log.standing.damage is not None
    log.close()


def test_f7_a_second_base_is_refused_also_after_the_first_was_killed(tmp_path: Path) -> None:
    """F7: the kernel lets go of a killed base's lock, and of no other's."""
    with a_machine(tmp_path) as machine:
        machine.ok("threads")
        first = machine.pid
        assert f"process {first};" in refused(machine.run("serve"), starting.LOCKED)
        machine.kill(signal.SIGKILL)
        machine.ok("threads")
        assert machine.pid not in (0, first)
        assert f"process {machine.pid};" in refused(machine.run("serve"), starting.LOCKED)
        assert f"process {machine.pid};" in refused(machine.run("rebuild"), starting.LOCKED)
