"""Each wire and each engine carries whole turns: parallel calls, images, reasoning, steering, a question answered
after a restart, an error and a retry."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from house.homes import a_home, events, rest, results, said, there, until
from maquette.actions import threads, waits
from maquette.domain.events import AnswerFailed, AnswerGiven, CallStarted, TurnFinished, TurnWaiting
from maquette.domain.messages import Image, Thinking
from maquette.domain.threads import Outcome
from maquette.testing.models import Call, Calls, Fails, Says, Script, ScriptedModels

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]
WIRES = ["openai-chat:scripted", "openai:scripted", "anthropic:scripted"]
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
WAITS = "touch begun; for i in $(seq 400); do [ -e go ] && exit 0; sleep 0.02; done; exit 9"


@pytest.mark.parametrize(("model", "engine"), [*((wire, "inline") for wire in WIRES), (WIRES[0], "dbos")])
async def test_a_whole_conversation(tmp_path: Path, model: str, engine: str) -> None:
    desk = tmp_path / "state/desk"
    script: Script = [
        Fails(529),
        Calls(
            Call("shell", {"command": WAITS}),
            Call("shell", {"command": "echo beside"}),
            Call("read", {"path": "pixel.png"}),
            text="Looking.",
            thinking="What is there?",
        ),
        Calls(Call("ask", {"question": "Which one?", "choices": ["left", "right"]}), thinking="I can't decide."),
        lambda asked: Says(f"{next(iter(asked.results.values()))} it is."),
    ]
    with ScriptedModels(script) as models:
        async with a_home(tmp_path / "state", models.variables, engine) as home:
            desk.mkdir(parents=True, exist_ok=True)
            (desk / "pixel.png").write_bytes(PIXEL)
            image = Image(media_type="image/png", data=base64.b64encode(PIXEL))
            sent = await threads.start(home, "choose", project=None, model=model, images=[image])
            await until(home, sent.thread, CallStarted)
            await there(desk / "begun")
            await threads.send(home, sent.thread, "hurry up", steer=True)
            (desk / "go").touch()
            assert isinstance(await rest(home, sent), TurnWaiting)
            assert [f.attempt for f in events(home, sent.thread, AnswerFailed)] == [1]
            assert [status for status, _ in results(home, sent.thread)] == ["ok"] * 3
            assert "beside" in "".join(text for _, text in results(home, sent.thread))
        async with a_home(tmp_path / "state", models.variables, engine) as home:
            before = home.store.log.cursor()
            await waits.answer(home, sent.thread, "right")
            ended = (await until(home, sent.thread, TurnFinished, after=before)).event
            assert isinstance(ended, TurnFinished)
            assert ended.outcome is Outcome.DONE, ended.reason
            assert "right" in said(home, sent.thread)
            given = events(home, sent.thread, AnswerGiven)
            assert any(isinstance(part, Thinking) for part in given[0].answer.parts)
            assert all(g.usage.input > 0 and g.usage.output > 0 for g in given)
            assert given[0].model == model
        last = models.requests[-1].raw
        assert last.count(base64.b64encode(PIXEL)) == 2
        assert b"hurry up" in last
