"""What was put away, and the way back: it is as it was, goes on, and can be merged."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from house.bases import Line, Machine, ask, played, refused
from house.checkouts import Checkout, print_of
from house.homes import a_home, events, rest
from maquette.actions import projects, reviews, threads
from maquette.domain.events import RescueKept, SetupRan, TreeRemade, TurnFinished
from maquette.domain.threads import Outcome
from maquette.testing.models import Asked, Call, Calls, Says, Script, ScriptedModels, Turn

pytestmark = pytest.mark.boxed
CHAT = "openai-chat:scripted"


@pytest.mark.anyio
async def test_f19_an_undone_discard_has_its_tree_again_goes_on_from_there_and_is_merged(tmp_path: Path) -> None:
    repo = Checkout.made(tmp_path / "cafe", {"a.txt": "a\n"})
    more = Call("shell", {"command": "cat scratch.txt >> b.txt"})
    script: Script = [Calls(Call("write", {"path": "b.txt", "text": "b\n"})), Says("made"), Calls(more), Says("more")]
    with ScriptedModels(script) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            project = (await projects.add(home, repo.path)).id
            await projects.change(home, project, setup=("mkdir -p node_modules && touch node_modules/tool",))
            sent = await threads.start(home, "go", project=project, model=CHAT)
            await rest(home, sent)
            tree = home.workspace.tree(sent.thread)
            (tree / "scratch.txt").write_text("uncommitted\n")
            await reviews.discard(home, sent.thread)
            assert not tree.exists()
            (found,) = await reviews.away(home)
            assert (found.thread.id, found.removed) == (sent.thread, True)
            repo.write({"mine.txt": "changed meanwhile\n"})
            repo.git("switch", "--quiet", "--create", "other")
            before = print_of(repo.path)

            reopened = await reviews.reopen(home, "latest")

            assert (reopened.id, reopened.archived) == (sent.thread, False)
            assert {one.name for one in tree.iterdir()} == {".git", "a.txt", "b.txt", "scratch.txt"}
            assert print_of(repo.path) == before
            assert await reviews.away(home) == []
            assert await reviews.reopen(home, sent.thread) == reopened, "once more, after an answer that was lost"
            (kept,), (remade,) = events(home, sent.thread, RescueKept), events(home, sent.thread, TreeRemade)
            assert remade.ref == kept.ref
            ended = await rest(home, await threads.send(home, sent.thread, "more"))
            assert isinstance(ended, TurnFinished)
            assert ended.outcome is Outcome.DONE
            assert len(events(home, sent.thread, SetupRan)) == 2, (
                "what tools make again was left out, so it is made again"
            )
            assert (tree / "node_modules" / "tool").exists()
            await reviews.merge(home, sent.thread)
            assert (repo.path / "b.txt").read_text() == "b\nuncommitted\n"


def play(asked: Asked) -> Turn:
    return Says("made") if asked.results else Calls(Call("write", {"path": "b.txt", "text": f"{asked.said}\n"}))


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    folder = tmp_path_factory.mktemp("m")
    Checkout.made(folder / "cafe", {"a.txt": "a\n"})
    with played(folder, play) as machine:
        yield machine


def page(machine: Machine, path: str) -> str:
    with closing(Line(machine)) as line:
        line.request("GET", path, headers={"Accept": "text/html"})
        return line.getresponse().read().decode()


def done(machine: Machine, task: str) -> str:
    """A thread with a result, by its id."""
    machine.ok("run", task, "--project", "./cafe")
    return ask(machine, "GET", "/v1/threads")[0]["id"]


def test_what_was_put_away_is_listed_apart_and_each_can_be_reopened(machine: Machine) -> None:
    assert ">Put away<" not in page(machine, "/"), "nothing is put away, so the rail doesn't lead there"
    later, gone = done(machine, "later"), done(machine, "never")
    machine.ok("set", later, "--archive")
    assert "maquette reopen" in machine.ok("discard", gone)
    assert [(one["thread"]["id"], one["removed"]) for one in ask(machine, "GET", "/v1/away")] == [
        (gone, True), (later, False)
    ]  # fmt: skip
    assert ">Put away<" in page(machine, "/")
    kept, _, discarded = page(machine, "/away").partition("Discarded")
    assert (later in kept, gone in kept, gone in discarded) == (True, False, True)
    assert f"/v1/threads/{gone}/reopen" in page(machine, f"/?away={gone}").partition("<h1>")[0]
    assert f"/v1/threads/{gone}/reopen" in page(machine, f"/threads/{gone}")
    assert "never" in machine.ok("threads", "--archived")
    machine.kill(signal.SIGKILL)
    for name, thread in (("latest", gone), (later, later)):
        assert f"Open again: {thread[-6:]}" in machine.ok("reopen", name)
    assert ask(machine, "GET", "/v1/away") == []
    assert "/v1/threads" not in page(machine, f"/?away={gone}").partition("<h1>")[0].partition("<main")[2]
    assert "Merged into main" in machine.ok("merge", gone)


def test_one_whose_rescue_is_gone_says_so_and_stays_put_away(machine: Machine) -> None:
    gone = done(machine, "without a trace")
    ref = ask(machine, "POST", f"/v1/threads/{gone}/discard")["ref"]
    (store,) = machine.state.glob("projects/*/store.git")
    Checkout(store).git("update-ref", "-d", ref)
    assert "can't be put back" in refused(machine.run("reopen", gone))
    assert [one["thread"]["id"] for one in ask(machine, "GET", "/v1/away")] == [gone]
