"""What a turn finds where it works: setup, advice and skills of the project, as far as they are trusted, its limits."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from house.checkouts import Checkout
from house.homes import a_home, asked_of, at, events, rest, there
from maquette.actions import projects, reviews, threads
from maquette.actions.home import Home
from maquette.domain.errors import Refused
from maquette.domain.events import ChecksRan, InstructionsGiven, Merged, ResultKept, SetupRan, TurnFinished
from maquette.domain.threads import Outcome, ThreadState
from maquette.testing.models import Call, Calls, Says, ScriptedModels, Slow

pytestmark = pytest.mark.anyio
boxed = pytest.mark.boxed
CHAT = "openai-chat:scripted"
SKILL = "---\nname: brew\ndescription: Brew coffee.\n---\nGrind, pour, wait.\n"


async def told(home: Home, project: str) -> str:
    """The instructions of a new thread in a project."""
    sent = await threads.start(home, "go", project=project, model=CHAT)
    await rest(home, sent)
    return events(home, sent.thread, InstructionsGiven)[0].text


async def test_a_repos_own_words_count_only_once_trusted_and_no_longer_when_a_byte_changes(tmp_path: Path) -> None:
    repo = Checkout.made(tmp_path / "cafe", {"AGENTS.md": "Use tabs.\n", "deep/AGENTS.md": "Deep: use none.\n"})
    repo.write({".agents/skills/brew/SKILL.md": SKILL})
    repo.git("add", "-A")
    repo.git("commit", "-qm", "skill")
    with ScriptedModels(lambda _: Says("done")) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            project = (await projects.add(home, repo.path)).id
            before = await told(home, project)
            assert "tabs" not in before
            assert "brew" not in before
            await projects.trusts(home, project, True)
            trusted = await told(home, project)
            assert "Use tabs." in trusted
            assert "Deep: use none." in trusted
            assert "- brew: Brew coffee." in trusted
            repo.write({"AGENTS.md": "Use tabs!\n"})
            after = await told(home, project)
            assert "tabs" not in after
            assert "brew" not in after


@boxed
async def test_setup_runs_in_a_fresh_tree_once_and_checks_run_on_what_came_of_it(tmp_path: Path) -> None:
    repo = Checkout.made(tmp_path / "cafe", {"a.txt": "a\n"})
    write = Calls(Call("shell", {"command": "cp made-by-setup b.txt"}))
    with ScriptedModels([write, Says("done"), Says("again")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            project = (await projects.add(home, repo.path)).id
            await projects.change(
                home, project, setup=("echo ready >> made-by-setup",), checks=("grep -c ready b.txt",)
            )
            sent = await threads.start(home, "go", project=project, model=CHAT)
            await rest(home, sent)
            (ran,) = events(home, sent.thread, ChecksRan)
            assert [(check.status, check.output.strip()) for check in ran.checks] == [(0, "1")]
            assert set(events(home, sent.thread, ResultKept)[0].files) == {"b.txt", "made-by-setup"}
            await rest(home, await threads.send(home, sent.thread, "more"))
            assert len(events(home, sent.thread, SetupRan)) == 1
            assert not (repo.path / "b.txt").exists()


async def test_a_setup_that_fails_ends_the_turn_with_what_it_said(tmp_path: Path) -> None:
    repo = Checkout.made(tmp_path / "cafe", {"a.txt": "a\n"})
    with ScriptedModels([Says("never")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            project = (await projects.add(home, repo.path)).id
            await projects.change(home, project, setup=("echo no beans >&2; false",))
            sent = await threads.start(home, "go", project=project, model=CHAT)
            ended = await rest(home, sent)
            assert isinstance(ended, TurnFinished)
            assert ended.outcome is Outcome.FAILED
            assert "no beans" in ended.reason
            assert not models.requests


async def test_a_check_that_fails_is_told_and_keeps_the_thread_from_being_called_checked(tmp_path: Path) -> None:
    repo = Checkout.made(tmp_path / "cafe", {"a.txt": "a\n"})
    with ScriptedModels([Calls(Call("write", {"path": "b.txt", "text": "b\n"})), Says("All is well!")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            project = (await projects.add(home, repo.path)).id
            await projects.change(home, project, checks=("false",))
            sent = await threads.start(home, "go", project=project, model=CHAT)
            await rest(home, sent)
            assert (await at(home, sent.thread)).checked is False


async def test_no_more_turns_run_at_once_than_the_person_allows(tmp_path: Path) -> None:
    with ScriptedModels(lambda _: Slow(0.3, Says("done"))) as models:
        async with a_home(tmp_path / "state", models.variables | {"MAQUETTE_TURNS": "2"}) as home:
            sent = [await threads.start(home, f"go {n}", project=None, model=CHAT) for n in range(3)]
            await asked_of(models, 2)
            states = [(await at(home, one.thread)).state for one in sent]
            assert states.count(ThreadState.RUNNING) == 2
            assert states.count(ThreadState.QUEUED) == 1
            await asyncio.gather(*(rest(home, one) for one in sent))


async def test_a_fork_of_a_tree_begins_with_what_the_first_had_made(tmp_path: Path) -> None:
    repo = Checkout.made(tmp_path / "cafe", {"a.txt": "a\n"})
    script = [Calls(Call("write", {"path": "b.txt", "text": "b\n"})), Says("made"), Says("seen")]
    with ScriptedModels(script) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            project = (await projects.add(home, repo.path)).id
            sent = await threads.start(home, "go", project=project, model=CHAT)
            await rest(home, sent)
            forked = await threads.fork(home, sent.thread)
            more = await threads.send(home, forked.id, "and?")
            await rest(home, more)
            assert (home.workspace.tree(forked.id) / "b.txt").read_text() == "b\n"
            assert events(home, forked.id, ResultKept)[-1].files == ("b.txt",)


async def test_a_thread_whose_tree_was_removed_says_so_before_a_model_is_asked(tmp_path: Path) -> None:
    repo = Checkout.made(tmp_path / "cafe", {"a.txt": "a\n"})
    with ScriptedModels([Says("done")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            project = (await projects.add(home, repo.path)).id
            sent = await threads.start(home, "go", project=project, model=CHAT)
            await rest(home, sent)
            await reviews.discard(home, sent.thread)
            ended = await rest(home, await threads.send(home, sent.thread, "more"))
            assert isinstance(ended, TurnFinished)
            assert ended.outcome is Outcome.FAILED
            assert "was removed" in ended.reason
            assert len(models.requests) == 1


@pytest.mark.boxed
async def test_what_a_stopped_turn_left_is_kept_and_merged_only_unchecked(tmp_path: Path) -> None:
    repo = Checkout.made(tmp_path / "cafe", {"a.py": "def a():\n    return 1\n"})
    more = "def a():\n    return 1\n\n\ndef b(x):\n    return 2 if x else 3\n"
    script = [
        Calls(Call("shell", {"command": f"printf '{more}' > a.py"})),
        Calls(Call("shell", {"command": "touch .begun; sleep 600"})),
    ]
    with ScriptedModels(script) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            project = (await projects.add(home, repo.path)).id
            await projects.change(home, project, checks=("true",))
            sent = await threads.start(home, "go", project=project, model=CHAT)
            await there(home.workspace.tree(sent.thread) / ".begun")
            await threads.stop(home, sent.thread)
            await rest(home, sent)
            came = await reviews.result(home, sent.thread)
            assert (came.checks, came.lines, came.complexity) == (None, 2, 2)
            with pytest.raises(Refused) as refused:
                await reviews.merge(home, sent.thread)
            assert refused.value.code == "checks-failed"
            assert (repo.path / "a.py").read_text() != more
            await reviews.merge(home, sent.thread, unchecked=True)
            assert (repo.path / "a.py").read_text() == more


async def test_the_latest_is_not_another_once_it_was_put_away(tmp_path: Path) -> None:
    repo = Checkout.made(tmp_path / "cafe", {"a.txt": "a\n"})
    with ScriptedModels([Says("one"), Says("two")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            project = (await projects.add(home, repo.path)).id
            first, second = [await threads.start(home, "go", project=project, model=CHAT) for _ in range(2)]
            await rest(home, first)
            await rest(home, second)
            at = await threads.find(home, "latest")
            await reviews.discard(home, "latest")
            for act in (reviews.discard, reviews.merge):
                with pytest.raises(Refused, match=at.id) as refused:
                    await act(home, "latest")
                assert refused.value.code == "ambiguous-thread"
            (left,) = await threads.listed(home)
            assert home.workspace.tree(left.id).is_dir()


async def test_f4_a_merge_whose_entry_the_log_lacks_is_entered_once_when_the_base_starts_again(tmp_path: Path) -> None:
    repo = Checkout.made(tmp_path / "cafe", {"a.txt": "a\n"})
    script = [step for name in "bc" for step in (Calls(Call("write", {"path": name, "text": name})), Says("made"))]
    with ScriptedModels(script) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            project = await projects.add(home, repo.path)
            done: list[tuple[str, Merged]] = []
            for _ in range(2):
                sent = await threads.start(home, "go", project=project.id, model=CHAT)
                await rest(home, sent)
                commit = events(home, sent.thread, ResultKept)[-1].commit
                # The base dies after this, before it enters it in the log.
                done.append((sent.thread, await home.workspace.merge(sent.thread, project, commit, "m")))
            repo.git("commit", "--quiet", "--allow-empty", "--message", "the person goes on")
        async with a_home(tmp_path / "state", models.variables) as home:
            for thread, merged in done:
                assert [event.after for event in events(home, thread, Merged)] == [merged.after]
                with pytest.raises(Refused) as refused:
                    await reviews.merge(home, thread)
                assert refused.value.code == "merged-already"
            assert await home.workspace.recover(project) == ()
