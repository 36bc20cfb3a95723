"""The pages of an exploration, drawn: what others wrote steers none of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from house.checkouts import Checkout
from house.homes import a_home, happened
from maquette.actions import attempts, decisions, explorations, groups, projects, votes
from maquette.actions.explorations import Wish
from maquette.domain.events import EvidenceGathered, VoteCast
from maquette.domain.explorations import Origin, Variation
from maquette.domain.stages import Risk, Stage
from maquette.domain.votes import FACETS, Judge, Vote
from maquette.web.api import judging
from maquette.web.views import attempt_pages, comparing, foldings, launches, maps, standings, taste
from maquette.web.views import explorations as room

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]
TURNS = "\u202e"
"""From here on text is shown from right to left."""
FIELDS = re.compile(r"<input[^>]*>|<textarea.*?</textarea>", re.DOTALL)
"""What is changed there is what is written, to the byte."""
PATCH = "--- /dev/null\n+++ b/made.txt\n@@ -0,0 +1 @@\n+{}\n"


async def test_what_reorders_text_is_written_out_on_every_page_of_an_exploration(tmp_path: Path) -> None:
    repo = Checkout.made(tmp_path / "shop", {"a.txt": "a\n"})
    async with a_home(tmp_path / "state", {}) as home:
        project = await projects.add(home, repo.path)
        asked = Wish(f"Do it {TURNS}well", project=project.id, attempts=0, probes=[f"echo {TURNS}so"])
        at = await explorations.start(home, asked)
        for number in (1, 2):
            await attempts.bring(home, at.id, "patch", f"ma{TURNS}de.patch", PATCH.format(number).encode())
        first = await attempts.find(home, at.id, 1)
        await attempts.add(home, at, first.thread, Origin(), Variation(approach=f"the {TURNS}least", model="m:x"))
        await happened(home, at.id, EvidenceGathered, 3)
        await votes.cast(home, at.id, 1, 2, "left", because=f"calm{TURNS}er")
        for risk in (Risk.PURPOSE, Risk.DESIGN):
            await attempts.close_risk(home, at.id, 1, risk, f"see{TURNS}n")
        await attempts.move(home, at.id, 1, Stage.CANDIDATE, f"so{TURNS}")
        await decisions.pick(home, at.id, 1, f"the {TURNS}best")
        assert await judging.list_foreseen(home, project.id) == [], "of one vote nothing is said"
        judge = Judge(name="m:x", kind="model")
        for facet in FACETS[:4]:
            for left, right in ((1, 2), (1, 3), (2, 3)):
                thought = Vote(judge=judge, left=str(left), right=str(right), choice="left", facet=facet)
                await home.store.log.append(at.id, VoteCast(vote=thought))
                await votes.cast(home, at.id, left, right, "right" if facet == "look" else "left", facet=facet)
        (foreseen,) = await judging.list_foreseen(home, project.id)
        assert (foreseen.by, foreseen.right, foreseen.of) == ("m:x", 9, 12)
        pages = {
            "room": await room.room(home),
            "gallery": await room.gallery(home, at.id, "alike"),
            "noticed": await room.noticed(home, at.id),
            "map": await maps.map_(home, at.id),
            "two": await comparing.compare(home, at.id, 1, 2),
            "votes": await standings.standing(home, at.id),
            "fold": await foldings.fold(home, at.id, 1),
            "over time": await launches.history(home, at.id),
            "one": await attempt_pages.one(home, at.id, 1),
            "another": await attempt_pages.one(home, at.id, 3),
            "taste": await taste.taste(home, project.id),
        }
        assert "m:x foresaw 9 of 12 votes (75%, likely 47% to 91%)" in bytes(pages["taste"].body).decode()
        drawn = {name: FIELDS.sub("", bytes(page.body).decode()) for name, page in pages.items()}
        assert [name for name, page in drawn.items() if TURNS in page] == []
        for name in drawn.keys() - {"noticed"}:
            assert "\\u{202e}" in drawn[name], name

        one, two, three = await groups.spots(home, at.id)
        assert (one.x, one.y) == pytest.approx((three.x, three.y), abs=0.05), "they are the same, byte for byte"
        assert one.near[0].attempt == 3
        assert "same change" in one.near[0].why
        assert 2 not in [near.attempt for near in two.near]
