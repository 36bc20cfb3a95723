"""Samples: made whole, once, where the person sees them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from house.homes import a_home
from maquette.actions import projects, samples
from maquette.domain.errors import Refused
from maquette.domain.projects import ProjectKind
from maquette.samples.whole import make_whole

pytestmark = pytest.mark.anyio


async def test_samples_asked_for_twice_at_once_and_again_later_are_the_same_two_projects(tmp_path: Path) -> None:
    async with a_home(tmp_path / "state", {}) as home:
        first, second = await asyncio.gather(samples.make(home), samples.make(home))
        readme = tmp_path / "maquette-samples/bookshop/README.md"
        readme.write_text("mine now")
        assert first == second == await samples.make(home)
        assert readme.read_text() == "mine now"
        assert [one.kind for one in first] == [ProjectKind.REPO, ProjectKind.FOLDER]
        assert samples.among(home, await projects.listed(home)).keys() == {samples.SHOP, samples.TILL}
        assert {one.name for one in (tmp_path / "maquette-samples").iterdir()} == {"bookshop", "till"}


async def test_where_no_sample_can_be_made_it_is_said_why(tmp_path: Path) -> None:
    (tmp_path / "maquette-samples").write_text("a file")
    async with a_home(tmp_path / "state", {}) as home:
        with pytest.raises(Refused, match="can't be made"):
            await samples.make(home)
        assert await projects.listed(home) == []


def test_a_sample_that_was_cut_off_is_not_there(tmp_path: Path) -> None:
    def cut_off(folder: Path) -> None:
        folder.mkdir()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_whole(tmp_path / "samples/shop", cut_off)
    assert list((tmp_path / "samples").iterdir()) == []
