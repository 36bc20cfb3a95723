"""Turns are done by whichever process is free: a base, or workers beside it on one Postgres database."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from house.bases import Machine, a_machine, refused
from house.homes import PATIENCE, a_home, asked_of, events, results, said, there, until
from house.together import Working, a_worker, alive
from maquette.actions import threads, waits
from maquette.actions.home import Home
from maquette.domain.events import (
    AnswerGiven,
    CallFinished,
    Entry,
    TurnFinished,
    TurnStarted,
    TurnWaiting,
)
from maquette.domain.threads import Outcome
from maquette.engine import workers
from maquette.engine.port import Around
from maquette.engine.workers import SharedLanes
from maquette.kinds.triggers import Place
from maquette.store import Store
from maquette.store.workers import Worker
from maquette.testing.models import Asked, Call, Calls, Says, ScriptedModels, Slow, Stalls, Turn

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]
CHAT = "openai-chat:scripted"
HOUR = 3600.0
NOBODY = 2**22 + 1
"""No process has this number: it is above the largest there is."""


async def ended(home: Home, thread: str, count: int = 1) -> list[Outcome]:
    """How its first `count` turns ended, once they have."""
    found: list[Outcome] = []
    async with asyncio.timeout(40):
        async for item in home.store.feed.follow(stream=thread):
            if isinstance(item, Entry) and isinstance(item.event, TurnFinished):
                found.append(item.event.outcome)
                if len(found) == count:
                    return found
    raise AssertionError


@pytest.mark.parametrize("engine", ["inline", "dbos"])
async def test_turns_run_in_order_and_end_on_either_store(tmp_path: Path, place: Path | str, engine: str) -> None:
    database = {"MAQUETTE_DATABASE": place} if isinstance(place, str) else {}
    with ScriptedModels(lambda asked: Says(f"heard {asked.said}")) as models:
        async with a_home(tmp_path / "state", models.variables | database, engine) as home:
            sent = await threads.start(home, "one", project=None, model=CHAT)
            for words in ("two", "three"):
                await threads.send(home, sent.thread, words)
            assert await ended(home, sent.thread, 3) == [Outcome.DONE] * 3
            answers = [given.answer.text for given in events(home, sent.thread, AnswerGiven)]
            assert answers == ["heard one", "heard two", "heard three"]


@dataclass
class Pair:
    """A base in this process, which has its hands full, and one worker beside it, which does the next thread."""

    home: Home
    worker: Working
    database: str
    log: Path

    def holder(self, thread: str) -> int:
        """Which process works on a thread; 0: none."""
        with psycopg.connect(self.database) as conn:
            asked = "SELECT pid FROM holds JOIN workers ON workers.id = worker WHERE thread = %s"
            return (conn.execute(asked, (thread,)).fetchone() or (0,))[0]

    async def start(self, words: str) -> str:
        thread = (await threads.start(self.home, words, project=None, model=CHAT)).thread
        await until(self.home, thread, TurnStarted)
        assert self.holder(thread) == self.worker.pid
        return thread


@asynccontextmanager
async def a_pair(folder: Path, database: str, models: ScriptedModels) -> AsyncGenerator[Pair]:
    variables = {**models.variables, "MAQUETTE_DATABASE": database, "MAQUETTE_TURNS": "2"}
    async with a_home(folder / "state", variables, "dbos") as home:
        busy = await threads.start(home, "keep busy", project=None, model=CHAT)
        await until(home, busy.thread, TurnStarted)
        with a_worker(Machine(folder, variables)) as worker:
            yield Pair(home, worker, database, folder / "worker.log")


def script(*turns: Turn) -> ScriptedModels:
    """Of the worker's thread; the base's own gets no end of an answer."""
    left = list(turns)

    def answer(asked: Asked) -> Turn:
        return Stalls(Says("still at it, and at it"), after=3) if "busy" in asked.said else left.pop(0)

    return ScriptedModels(answer)


async def test_a_workers_threads_are_followed_answered_and_stopped_through_the_base(
    tmp_path: Path, database: str
) -> None:
    asks = Calls(Call("ask", {"question": "Red or blue?"}))
    sleeps = Calls(Call("shell", {"command": "touch begun; sleep 600"}))
    with script(asks, Stalls(Says("blue it is, and so on"), after=3), asks, sleeps) as models:
        async with a_pair(tmp_path, database, models) as pair:
            home = pair.home
            thread = await pair.start("paint")
            await until(home, thread, TurnWaiting)
            await waits.answer(home, thread, "blue")
            assert (await passing(home, thread)).startswith("blu")
            assert [text for _, text in results(home, thread)] == ["blue"]
            assert pair.holder(thread) == pair.worker.pid
            await stopped_within_a_second(home, thread)

            thread = await pair.start("wait, with nobody at work")
            await until(home, thread, TurnWaiting)
            await stopped_within_a_second(home, thread)

            thread = await pair.start("sleep")
            await there(tmp_path / "state/desk/begun")
            await stopped_within_a_second(home, thread)
            assert [status for status, _ in results(home, thread)] == ["stopped"]


async def passing(home: Home, thread: str) -> str:
    """The first text that streams by."""
    async with asyncio.timeout(PATIENCE):
        async for item in home.store.feed.follow(stream=thread):
            if not isinstance(item, Entry):
                return item.text
    raise AssertionError


async def stopped_within_a_second(home: Home, thread: str) -> None:
    async with asyncio.timeout(1):
        await threads.stop(home, thread)
        assert await ended(home, thread) == [Outcome.STOPPED]


def most_at_once(entries: list[Entry]) -> int:
    running: set[str] = set()
    most = 0
    for entry in entries:
        if isinstance(entry.event, TurnStarted):
            running.add(entry.stream)
        elif isinstance(entry.event, TurnFinished):
            running.discard(entry.stream)
        most = max(most, len(running))
    return most


async def test_two_workers_share_eight_threads_and_the_limit_holds_over_both(tmp_path: Path, database: str) -> None:
    variables = {"MAQUETTE_DATABASE": database, "MAQUETTE_TURNS": "4"}
    with ScriptedModels(lambda asked: Slow(0.2, Says(f"heard {asked.said}"))) as models:
        async with a_home(tmp_path / "state", models.variables | variables, "dbos") as home:
            with a_worker(Machine(tmp_path, models.variables | variables)):
                started = [await threads.start(home, f"do {n}", project=None, model=CHAT) for n in range(8)]
                workers: set[str] = set()
                ends = asyncio.gather(*[ended(home, sent.thread) for sent in started])
                with psycopg.connect(variables["MAQUETTE_DATABASE"], autocommit=True) as conn:
                    while not ends.done():
                        workers |= {worker for (worker,) in conn.execute("SELECT worker FROM holds")}
                        await asyncio.sleep(0.05)
                assert await ends == [[Outcome.DONE]] * 8
                assert len(workers) == 2
                assert 1 < most_at_once(home.store.log.read_all(limit=None)) <= 4
                for n, sent in enumerate(started):
                    assert said(home, sent.thread) == f"heard do {n}"


ONCE = Calls(Call("shell", {"command": "echo ran >> ran; touch begun; sleep 600"}))


async def test_a_killed_workers_thread_is_taken_over_once_its_process_is_seen_to_be_gone(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the next sign of life of another: no lease must run out, and nobody need look for what is due."""
    monkeypatch.setattr(workers, "SWEEP", HOUR)
    monkeypatch.setattr(workers, "BEAT", 0.2)
    with script(ONCE, Says("I shall look first")) as models:
        async with a_pair(tmp_path, database, models) as pair:
            assert pair.home.store.workers is not None
            pair.home.store.workers.lease = HOUR
            thread = await pair.start("do it once")
            await there(tmp_path / "state/desk/begun")
            cursor = pair.home.store.log.cursor()
            pair.worker.send_signal(signal.SIGKILL)
            await until(pair.home, thread, TurnStarted, after=cursor)
            assert await ended(pair.home, thread) == [Outcome.DONE]
            assert [status for status, _ in results(pair.home, thread)] == ["unknown"]
            assert len(events(pair.home, thread, AnswerGiven)) == 2
            assert (tmp_path / "state/desk/ran").read_text() == "ran\n"


async def test_f13_a_worker_stopped_past_its_lease_writes_nothing_more(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Calls(Call("shell", {"command": "echo ran >> ran; touch begun; sleep 2; echo late"}))
    with script(slow, Says("I shall look first"), Says("never")) as models:
        async with a_pair(tmp_path, database, models) as pair:
            thread = await pair.start("do it once")
            await there(tmp_path / "state/desk/begun")
            assert pair.home.store.workers is not None
            with monkeypatch.context() as short:
                short.setattr(pair.home.store.workers, "lease", 2)
                pair.worker.send_signal(signal.SIGSTOP)
                assert await ended(pair.home, thread) == [Outcome.DONE]
            assert pair.worker.pid not in alive(pair.database)
            before = pair.home.store.log.read(thread)
            pair.worker.send_signal(signal.SIGCONT)
            async with asyncio.timeout(PATIENCE):
                while pair.worker.pid not in alive(pair.database) or "taken for dead" not in pair.log.read_text():  # noqa: ASYNC110
                    await asyncio.sleep(0.05)  # the worker is a process of its own
            again = await threads.send(pair.home, thread, "and now?")
            await until(pair.home, thread, TurnFinished, after=again.cursor)
            after = pair.home.store.log.read(thread)
            assert after[: len(before)] == before
            assert [e.status for e in events(pair.home, thread, CallFinished)] == ["unknown"]
            assert [e.event.epoch for e in after if isinstance(e.event, TurnStarted)] == [1, 2, 3]
            assert (tmp_path / "state/desk/ran").read_text() == "ran\n"


async def test_a_worker_gives_signs_of_life_also_after_what_a_dead_one_left_could_not_be_put_away(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "BEAT", 0.2)

    async def nothing(*_: object) -> None: ...

    async def model_of(_: object) -> str:
        return CHAT

    def nowhere(_: object) -> Place:
        raise AssertionError

    around = Around(model_of, {}, nowhere)
    tries = asyncio.Semaphore(0)
    with closing(Store.open(database)) as store:
        assert store.workers is not None
        lanes, loop = SharedLanes(store, nothing, nothing, 1, around, store.workers), asyncio.get_running_loop()

        def breaks() -> None:
            loop.call_soon_threadsafe(tries.release)
            raise RuntimeError("not now")

        lanes.died = breaks
        await lanes.pick_up()
        for number in range(2):
            store.workers.enlist(Worker(f"gone{number}", lanes.me.host, NOBODY))
            async with asyncio.timeout(PATIENCE):
                await tries.acquire()
        lanes.died = lambda: None
        await lanes.close()


def test_a_worker_without_a_shared_database_is_refused_in_one_sentence(tmp_path: Path) -> None:
    told = Machine(tmp_path, {}).run("serve", "--worker")
    assert told.returncode == 2
    assert told.stderr.startswith("maquette: A worker needs the base's Postgres: MAQUETTE_DATABASE=")
    told = Machine(tmp_path, {"MAQUETTE_DATABASE": "mysql://nobody"}).run("serve", "--worker")
    assert "MAQUETTE_DATABASE takes the address of a Postgres database" in refused(told)


async def test_f1_a_base_killed_on_postgres_is_started_again_and_goes_on_at_once(tmp_path: Path, database: str) -> None:
    answers = [Stalls(Says("I was just going to say"), after=3), Says("all of it")]
    with (
        ScriptedModels(lambda asked: answers.pop(0)) as models,
        a_machine(tmp_path, {**models.variables, "MAQUETTE_DATABASE": database}) as machine,
    ):
        thread = machine.ok("run", "talk", "--model", CHAT, "--no-wait").strip()
        await asked_of(models)
        machine.kill(signal.SIGKILL)
        assert "all of it" in machine.run("show", "--follow", thread).stdout
        (workers,) = [found["detail"] for found in machine.json("doctor") if found["what"] == "workers"]
        assert workers.startswith(f"1 at work: process {machine.pid} on ")
