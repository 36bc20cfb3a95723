"""A report's page, while others are made."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from house.homes import PATIENCE
from house.test_reports import RULES, desk, report
from maquette.actions import threads
from maquette.web.views.reports import changes
from maquette.web.views.streaming import Pulse

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]


async def test_it_goes_on_being_told_of_what_changes_beside_it_and_is_drawn_once(tmp_path: Path) -> None:
    async with desk(tmp_path) as (home, project), asyncio.timeout(PATIENCE):
        thread, _ = await report(home, project)
        drawn: list[bool] = []
        async for piece in (await changes(home, Pulse(home), thread)).body_iterator:
            drawn.append('"id":"report"' in str(piece))
            if len(drawn) == 4:
                break
            if len(drawn) > 1:  # its rail is there, and itself
                await threads.start(home, "Report what matters", project=project, model=RULES)
    assert drawn == [False, True, False, False]
