"""What makes other programs act is shown to the person before it is theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

from house.checkouts import Checkout, print_of
from house.homes import a_home, rest
from maquette.actions import projects, reviews, threads
from maquette.domain.errors import Refused
from maquette.testing.models import Call, Calls, Says, ScriptedModels

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]


async def test_e5_a_result_that_makes_programs_act_is_merged_only_once_that_was_said(tmp_path: Path) -> None:
    repo = Checkout.made(tmp_path / "cafe", {"a.py": "pass\n"})
    plant = "mkdir editor && echo {} > editor/tasks.json && ln -s editor .vscode && echo x > .envrc && ln -s /etc out"
    with ScriptedModels([Calls(Call("shell", {"command": plant})), Says("done")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            project = (await projects.add(home, repo.path)).id
            sent = await threads.start(home, "go", project=project, model="openai-chat:scripted")
            await rest(home, sent)
            before = print_of(repo.path)
            with pytest.raises(Refused) as refused:
                await reviews.merge(home, sent.thread, unchecked=True)
            assert refused.value.code == "acts"
            assert all(name in str(refused.value) for name in (".vscode", ".envrc", "out"))
            assert {path: line for path, line in print_of(repo.path).items() if not path.startswith(".git")} == {
                path: line for path, line in before.items() if not path.startswith(".git")
            }
            await reviews.merge(home, sent.thread, unchecked=True, acting=True)
            assert (repo.path / ".envrc").exists()
