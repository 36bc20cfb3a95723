"""Children: threads that do a part of another's work, each with its own log, tree and budget."""

from __future__ import annotations

from pathlib import Path

import pytest

from house.homes import a_home, events, results, said, until
from maquette.actions import threads
from maquette.domain.events import ChildAsked, TurnFinished
from maquette.domain.threads import Mode, Outcome
from maquette.testing.models import Call, Calls, Says, ScriptedModels, Turn

pytestmark = [pytest.mark.anyio, pytest.mark.needs("bwrap", "sudo apt-get install bubblewrap")]
CHAT = "openai-chat:scripted"


def delegates(*tasks: str, **more: object) -> Turn:
    return Calls(*(Call("use_tool", {"name": "delegate", "arguments": {"task": task, **more}}) for task in tasks))


def takes(child: str, *leave: str) -> Turn:
    return Calls(Call("use_tool", {"name": "take_result", "arguments": {"child": child, "leave": list(leave)}}))


async def test_a_child_works_in_a_tree_of_its_own_and_its_report_is_the_calls_result(tmp_path: Path) -> None:
    script = {
        "the whole": [
            Calls(Call("write", {"path": "notes.txt", "text": "as it stands\n"})),
            delegates("the part"),
            Says("so be it"),
        ],
        "the part": [Calls(Call("shell", {"command": "cat notes.txt; echo made > made.txt"})), Says("made it")],
    }
    with ScriptedModels(script) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "the whole", project=None, model=CHAT)
            ended = await until(home, sent.thread, TurnFinished)
            assert isinstance(ended.event, TurnFinished)
            assert ended.event.outcome is Outcome.DONE, ended.event.reason
            (asked,) = events(home, sent.thread, ChildAsked)
            assert asked.thread.mode is Mode.WORKTREE
            assert "as it stands" in results(home, asked.child)[0][1]
            assert not (tmp_path / "state/desk/made.txt").exists()
            assert "made it" in results(home, sent.thread)[-1][1]
            assert "made.txt" in results(home, sent.thread)[-1][1]
            assert said(home, sent.thread) == "so be it"
