"""Roles: which models do what, in a base and in a project."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from house.homes import a_home, rest
from maquette.actions import projects, roles, threads
from maquette.actions.home import Home
from maquette.domain.errors import Refused
from maquette.domain.roles import Role
from maquette.testing.models import Says, ScriptedModels

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]
ONE, TWO, THREE = "openai-chat:one", "openai:two", "anthropic:three"


async def begun(home: Home, project: str | None = None) -> str:
    sent = await threads.start(home, "go", project=project)
    await rest(home, sent)
    return (await threads.find(home, sent.thread)).model


async def worker(home: Home, project: str) -> str:
    """What a thread there would get."""
    return await roles.worker(home, await projects.resolve(home, project))


async def test_new_threads_get_the_projects_worker_else_the_bases_and_roles_outlive_the_base(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    with ScriptedModels([Says("done")]) as server:
        async with a_home(tmp_path / "state", server.variables) as home:
            by_keys = await roles.worker(home)
            await roles.give(home, Role.WORKER, [ONE, TWO])
            await roles.give(home, Role.READER, [TWO])
            assert await begun(home) == ONE
            shop = (await projects.add(home, tmp_path / "shop")).name
            assert await worker(home, shop) == ONE
            given = await roles.give(home, Role.WORKER, [THREE, ONE], shop)
            assert given == {Role.WORKER: (THREE, ONE), Role.READER: (TWO,)}
            assert await begun(home, shop) == THREE
            assert await roles.worker(home) == ONE
        async with a_home(tmp_path / "state", server.variables) as home:
            assert await worker(home, shop) == THREE
            await projects.change(home, shop, model=TWO)
            assert (await projects.resolve(home, shop)).given == {Role.WORKER: (TWO,)}
            await roles.give(home, Role.WORKER, [], shop)
            assert await worker(home, shop) == ONE
            await roles.give(home, Role.WORKER, [])
            assert await begun(home) == by_keys != ONE


async def test_a_model_that_the_environment_insists_on_goes_before_the_bases_worker(tmp_path: Path) -> None:
    with ScriptedModels([Says("done")]) as server:
        variables: Mapping[str, str] = {**server.variables, "MAQUETTE_MODEL": TWO}
        async with a_home(tmp_path / "state", variables) as home:
            await roles.give(home, Role.WORKER, [ONE])
            assert await begun(home) == TWO


async def test_what_is_no_model_gets_no_role(tmp_path: Path) -> None:
    async with a_home(tmp_path / "state", {}) as home:
        for wrong in (["nothing"], ["nobody:model"], [ONE, ONE], [f"{ONE}\0"], [ONE + "x" * 200]):
            with pytest.raises(Refused):
                await roles.give(home, Role.WORKER, wrong)
        assert await roles.listed(home) == {}
