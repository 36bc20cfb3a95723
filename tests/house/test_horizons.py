"""Horizons: what a project does now, next and later; explorations, the shelf and threads hang from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from house.homes import a_home
from maquette.actions import explorations, horizons, projects
from maquette.domain.errors import Refused
from maquette.domain.events import ExplorationStarted, ThreadStarted
from maquette.domain.explorations import Brief, Medium
from maquette.domain.horizons import Horizon
from maquette.domain.threads import Mode
from maquette.web.views.horizons import of_project

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]


async def test_an_aim_comes_nearer_is_worked_toward_and_dropped_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "other").mkdir()
    async with a_home(tmp_path / "state", {}) as home:
        shop = await projects.add(home, tmp_path / "shop")
        far = await horizons.add(home, shop.id, " Readers feel at home ", Horizon.LATER)
        assert (far.text, far.owner, far.checks) == ("Readers feel at home", "", ())
        for text, told in (("", "Say what"), ("Live in Q3", "too far off for “Q3”")):
            with pytest.raises(Refused, match=told):
                await horizons.add(home, shop.id, text, Horizon.LATER)
        with pytest.raises(Refused, match="What is done now has an owner and checks"):
            await horizons.change(home, far.id[-6:], horizon=Horizon.NOW)
        near = await horizons.change(
            home, far.id, text="At home by 1 May", horizon=Horizon.NOW, owner="Ada", checks=["ten say so", " "]
        )
        assert (near.horizon, near.owner, near.checks) == (Horizon.NOW, "Ada", ("ten say so",))
        assert near.since > far.since
        assert (await horizons.change(home, far.id, owner="Ben")).since == near.since

        await horizons.add(home, shop.id, "A calmer basket", Horizon.NEXT)
        brief = Brief(question="How calm?", medium=Medium.PAGE, why="", base="c")
        for stream, project in (("exploration_00000001", shop.id), ("exploration_00000002", "project_other")):
            await home.store.log.append(stream, ExplorationStarted(project=project, brief=brief, at_once=0))
        thread = ThreadStarted(project=shop.id, title="Look", mode=Mode.LOCAL, model="m:x")
        await home.store.log.append("thread_00000001", thread)
        await horizons.hang(home, far.id, "exploration_00000001")
        await horizons.hang(home, far.id, "thread_00000001")
        with pytest.raises(Refused, match="another project"):
            await horizons.hang(home, far.id, "exploration_00000002")
        await explorations.shelve(home, "exploration_00000001", "no model can")
        first, second = await horizons.listed(home, shop.id)
        assert [first.aim.horizon, second.aim.horizon] == [Horizon.NOW, Horizon.NEXT]
        assert [(one.kind, one.told, one.shelved) for one in first.hung] == [
            ("exploration", "How calm?", True),
            ("thread", "Look", False),
        ]
        drawn = bytes((await of_project(home, shop.name)).body).decode()
        assert drawn.index("At home by 1 May") < drawn.index("A calmer basket")
        assert 'href="/explore/exploration_00000001"' in drawn
        assert (await horizons.hang(home, far.id, "thread_00000001", hangs=False)).hangs == ("exploration_00000001",)

        again = await horizons.change(home, far.id, text="At home", horizon=Horizon.LATER, owner="Ben")
        assert (again.owner, again.checks) == ("", ()), "what goes far off lets go of both"
        with pytest.raises(Refused, match="Say why"):
            await horizons.drop(home, far.id, " ")
        await horizons.drop(home, far.id, "nobody asked")
        assert [one.aim.text for one in await horizons.listed(home, shop.id)] == ["A calmer basket"]
        assert len(await horizons.listed(home, shop.id, dropped=True)) == 2
        assert (await horizons.drop(home, far.id, "")).dropped == ""
        with pytest.raises(Refused, match="no aim"):
            await horizons.find(home, "aim")
