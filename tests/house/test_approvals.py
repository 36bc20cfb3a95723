"""Approvals: asked where no sandbox holds, bound to what was shown, used once, and never given by anybody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from house.homes import a_home, events, results, said, until
from maquette.actions import threads, waits
from maquette.actions.home import Home
from maquette.approvals.shown import Shown, digest, shown, visible
from maquette.domain.errors import Refused
from maquette.domain.events import ApprovalAsked, ApprovalGiven, CallStarted, TurnFinished, TurnResumed, TurnWaiting
from maquette.store import Conflict
from maquette.testing.models import Call, Calls, Says, Script, ScriptedModels
from maquette.turn import calls

pytestmark = pytest.mark.anyio
CHAT = "openai-chat:scripted"
BARE = {"MAQUETTE_SANDBOX": "bare"}
TOUCH = Calls(Call("shell", {"command": "touch made"}))


async def waiting(home: Home, script_says: str = "go") -> tuple[str, ApprovalAsked]:
    """A thread that waits for its approval."""
    sent = await threads.start(home, script_says, project=None, model=CHAT)
    await until(home, sent.thread, TurnWaiting, after=sent.cursor)
    (wait,) = await waits.listed(home, sent.thread)
    assert isinstance(wait.asked, ApprovalAsked)
    return sent.thread, wait.asked


async def test_s18_without_a_sandbox_a_command_waits_for_approval_of_what_was_shown_and_has_not_run(
    tmp_path: Path,
) -> None:
    with ScriptedModels([TOUCH, Says("done")]) as models:
        async with a_home(tmp_path / "state", models.variables | BARE) as home:
            thread, asked = await waiting(home)
            assert not (tmp_path / "state/desk/made").exists()
            assert not events(home, thread, CallStarted)
            assert ("command", "touch made") in asked.shown
            with pytest.raises(Refused) as refused:
                await waits.approve(home, thread, digest="0" * 64)
            assert refused.value.code == "other-than-shown"
            assert not events(home, thread, ApprovalGiven)
            await waits.approve(home, thread, digest=asked.digest)
            await until(home, thread, TurnFinished)
            assert (tmp_path / "state/desk/made").exists()


async def test_a_declined_command_does_not_run_and_the_model_hears_why(tmp_path: Path) -> None:
    with ScriptedModels([TOUCH, lambda asked: Says(" ".join(asked.results.values()))]) as models:
        async with a_home(tmp_path / "state", models.variables | BARE) as home:
            thread, _ = await waiting(home)
            await waits.decline(home, thread, reason="not in my house")
            await until(home, thread, TurnFinished)
            assert results(home, thread)[0][0] == "declined"
            assert "not in my house" in said(home, thread)
            assert not (tmp_path / "state/desk/made").exists()


async def test_a_call_is_done_as_the_person_changed_it_and_the_model_hears_so(tmp_path: Path) -> None:
    with ScriptedModels([TOUCH, lambda asked: Says(" ".join(asked.results.values()))]) as models:
        async with a_home(tmp_path / "state", models.variables | BARE) as home:
            thread, asked = await waiting(home)
            with pytest.raises(Refused) as refused:
                await waits.approve(home, thread, digest=asked.digest, instead={"where": "/"})
            assert refused.value.code == "unknown-argument"
            await waits.approve(home, thread, digest=asked.digest, instead={"command": "touch better"})
            await until(home, thread, TurnFinished)
            assert {path.name for path in (tmp_path / "state/desk").iterdir()} >= {"better"}
            assert not (tmp_path / "state/desk/made").exists()
            assert 'it was done with {"command": "touch better"}' in said(home, thread)


async def test_an_approval_outlives_a_restart_and_keeps_what_it_was_bound_to(tmp_path: Path) -> None:
    with ScriptedModels([TOUCH, Says("done")]) as models:
        async with a_home(tmp_path / "state", models.variables | BARE) as home:
            thread, asked = await waiting(home)
        async with a_home(tmp_path / "state", models.variables | BARE) as home:
            (wait,) = await waits.listed(home)
            assert wait.asked == asked
            await waits.approve(home, thread, digest=asked.digest)
            await until(home, thread, TurnFinished)
            assert (tmp_path / "state/desk/made").exists()


async def test_s18_a_call_through_another_never_runs_what_the_person_changed(tmp_path: Path) -> None:
    through = Call("use_tool", {"name": "shell", "arguments": {"command": "touch made"}})
    with ScriptedModels([Calls(through), Says("done")]) as models:
        async with a_home(tmp_path / "state", models.variables | BARE) as home:
            thread, asked = await waiting(home)
            assert ("command", "touch made") in asked.shown
            await waits.approve(home, thread, digest=asked.digest, instead={"command": "touch better"})
            await until(home, thread, TurnFinished)
            assert not (tmp_path / "state/desk/made").exists()
            assert results(home, thread)[0][0] == "error"


async def test_s18_a_changed_call_does_not_run_elsewhere_than_was_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def elsewhere(what: str, arguments: dict[str, object], *, where: str) -> Shown:
        del where
        return shown(what, arguments, where="/elsewhere")

    with ScriptedModels([TOUCH, Says("done")]) as models:
        async with a_home(tmp_path / "state", models.variables | BARE) as home:
            with monkeypatch.context() as patch:
                patch.setattr(calls, "shown", elsewhere)
                thread, asked = await waiting(home)
            assert ("where", "/elsewhere") in asked.shown
            await waits.approve(home, thread, digest=asked.digest, instead={"command": "touch better"})
            await until(home, thread, TurnFinished)
            assert not (tmp_path / "state/desk/better").exists()


async def test_s18_an_approval_is_used_once(tmp_path: Path) -> None:
    script: Script = [TOUCH, Calls(Call("shell", {"command": "touch made"})), Says("done")]
    with ScriptedModels(script) as models:
        async with a_home(tmp_path / "state", models.variables | BARE) as home:
            thread, asked = await waiting(home)
            before = home.store.log.cursor()
            await waits.approve(home, thread, digest=asked.digest)
            await until(home, thread, TurnWaiting, after=before)
            given = ApprovalGiven(turn=asked.turn, call=asked.call, digest=asked.digest)
            with pytest.raises(Conflict):
                await home.store.log.append(thread, given)
            again = (await waits.listed(home, thread))[0].asked
            assert again.call != asked.call


async def test_s18_an_expired_approval_is_refused_and_asked_anew(tmp_path: Path) -> None:
    with ScriptedModels([TOUCH, Says("done")]) as models:
        async with a_home(tmp_path / "state", models.variables | BARE) as home:
            thread, asked = await waiting(home)
            late = asked.model_copy(update={"expires": datetime.now(UTC) - timedelta(seconds=1)})
            await home.store.log.append(thread, late)
            before = home.store.log.cursor()
            with pytest.raises(Refused) as refused:
                await waits.approve(home, thread)
            assert refused.value.code == "expired"
            await until(home, thread, TurnWaiting, after=before)
            (fresh,) = await waits.listed(home, thread)
            assert isinstance(fresh.asked, ApprovalAsked)
            assert fresh.asked.expires > datetime.now(UTC)
            assert not (tmp_path / "state/desk/made").exists()


async def test_work_that_needs_no_approval_goes_on_beside_what_waits_for_one(tmp_path: Path) -> None:
    both = Calls(Call("shell", {"command": "touch made"}), Call("write", {"path": "note.txt", "text": "hi\n"}))
    with ScriptedModels([both, Says("done")]) as models:
        async with a_home(tmp_path / "state", models.variables | BARE) as home:
            await waiting(home)
            assert (tmp_path / "state/desk/note.txt").read_text() == "hi\n"


async def test_s18_an_approval_that_expires_while_it_waits_is_asked_anew_by_itself_also_after_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedModels([TOUCH, Says("done")]) as models:
        with monkeypatch.context() as soon:
            soon.setattr(calls, "EXPIRES", timedelta(seconds=0.2))
            async with a_home(tmp_path / "state", models.variables | BARE) as home:
                thread, first = await waiting(home)
                assert await until(home, thread, TurnResumed)
        async with a_home(tmp_path / "state", models.variables | BARE) as home:
            asked, cursor = first, 0
            while asked.expires - first.expires < timedelta(days=1):
                entry = await until(home, thread, ApprovalAsked, after=cursor)
                assert isinstance(entry.event, ApprovalAsked)
                asked, cursor = entry.event, entry.cursor
            assert not (tmp_path / "state/desk/made").exists()
            await until(home, thread, TurnWaiting, after=cursor)
            await waits.approve(home, thread, digest=asked.digest)
            await until(home, thread, TurnFinished)
            assert (tmp_path / "state/desk/made").exists()


def test_s20_what_can_not_be_seen_is_written_out_and_nothing_else_changes() -> None:
    assert visible("rm \u202e-rf\u200b /\x1b[2K\r") == "rm \\u{202e}-rf\\u{200b} /\\u{1b}[2K\\u{d}"
    assert visible("a\tb\nc é 漢") == "a\tb\nc é 漢"
    assert visible("\\u{202e}") != visible("\u202e")


def test_s20_two_requests_that_differ_have_two_digests() -> None:
    one = shown("shell", {"command": "ls"}, where="a")
    assert digest(one) != digest(shown("shell", {"command": "ls "}, where="a"))
    assert digest(one) != digest(shown("shell", {"command": "ls"}, where="b"))
