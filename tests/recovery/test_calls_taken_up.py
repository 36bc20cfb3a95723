"""A log as a kill leaves it, in the middle of a call; what the next base makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from house.homes import a_home, events, rest, results, until
from maquette.actions import threads
from maquette.domain import messages as wire
from maquette.domain.events import AnswerGiven, CallStarted, MessageSent, TurnFinished, TurnQueued, TurnStarted
from maquette.testing.models import Says, ScriptedModels

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]
CHAT = "openai-chat:scripted"


async def test_f2_a_read_that_had_begun_when_the_base_was_killed_is_done_again(tmp_path: Path) -> None:
    with ScriptedModels([Says("one"), Says("never"), Says("done")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "go", project=None, model=CHAT)
            await rest(home, sent)
            (tmp_path / "state/desk/note.txt").write_text("remember\n")
            read = wire.Call(id="c1", name="read", arguments='{"path": "note.txt"}')
            answer = wire.FromModel(parts=(read,))
            await home.store.log.append(
                sent.thread,
                MessageSent(id="m2", turn="turn_2", text="read it"),
                TurnQueued(turn="turn_2", run="run_2"),
                TurnStarted(turn="turn_2", run="run_2", epoch=9),
                AnswerGiven(turn="turn_2", step=1, seen=99, model=CHAT, answer=answer),
                CallStarted(turn="turn_2", call="c1", name="read", idempotent=True),
            )
            before = home.store.log.cursor()
        async with a_home(tmp_path / "state", models.variables) as home:
            await until(home, sent.thread, TurnFinished, after=before)
            assert [c.again for c in events(home, sent.thread, CallStarted)] == [False, True]
            ((status, text),) = results(home, sent.thread)
            assert status == "ok"
            assert "remember" in text
