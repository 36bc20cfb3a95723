"""Explorations: one question, attempts in trees of their own, evidence of each, votes, a choice and what it teaches."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from house.checkouts import Checkout
from house.homes import PATIENCE, a_home, until
from maquette.actions import attempts, decisions, explorations, projects, shelves, suggestions, threads, votes
from maquette.actions.explorations import Wish
from maquette.actions.home import Home
from maquette.domain.checks import Probe
from maquette.domain.errors import Refused
from maquette.domain.events import AttemptStopped, Entry, EvidenceGathered, MessageSent
from maquette.domain.explorations import Attempt, Exploration, Medium, View
from maquette.domain.stages import Risk, Stage
from maquette.testing.models import Asked, Call, Calls, Says, ScriptedModels, Turn
from maquette.testing.proof.scenes import answers
from maquette.web.views import attempt_pages
from maquette.web.views import threads as thread_page

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.needs("bwrap", "sudo apt-get install bubblewrap"),
    pytest.mark.needs("chromium", "sudo apt-get install chromium"),
]
CHAT = "openai-chat:scripted"
PAGE = "<!doctype html><title>Shop</title><h1>Shop</h1>\n"


def play(asked: Asked) -> Turn:
    """Each attempt writes what its number and approach say."""
    if answers(asked):
        return Says("# Done\n\nA page in one column.\nIt has a heading.\nAnd more.\nAnd this is left out.")
    number = asked.thread.partition("This is attempt ")[2].split()[0]
    text = "same" if "Approach: twin" in asked.thread else f"attempt {number}"
    broken = "raise SystemExit(1)" if "Approach: broken" in asked.thread else "print('fine')"
    write = f"echo '<!doctype html><h1>{text}</h1>' > index.html; echo \"{broken}\" > check.py"
    return Calls(Call("shell", {"command": write}))


async def gathered(home: Home, exploration: Exploration, count: int) -> list[Attempt]:
    """The attempts, as soon as all is known of so many."""
    async with asyncio.timeout(PATIENCE):
        seen = 0
        async for item in home.store.feed.follow(after=0, stream=exploration.id):
            seen += isinstance(item, Entry) and isinstance(item.event, EvidenceGathered)
            if seen == count:
                break
    return await explorations.listed(home, exploration.id)


async def test_a_brief_becomes_attempts_with_evidence_votes_a_choice_and_taste(tmp_path: Path) -> None:
    repo = Checkout.made(tmp_path / "shop", {"index.html": PAGE, "check.py": "print('fine')\n"})
    with ScriptedModels(play) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            project = await projects.add(home, repo.path)
            await projects.change(home, project.id, checks=("python3 check.py",))
            wish = Wish(
                "A calmer start page",
                project=project.id,
                attempts=3,
                models=[CHAT],
                approaches=["one column", "broken", "cards"],
                probes=["python3 check.py", " ", "wc -l < index.html", "python3 check.py "],
            )
            for probes, why in ((["x" * 1_001], "1,001 letters"), (map(str, range(21)), "Up to 20"), (["\0"], "null")):
                with pytest.raises(Refused, match=why):
                    await explorations.start(home, replace(wish, probes=[*probes]))
            exploration = await explorations.start(home, wish)
            assert exploration.brief.medium is Medium.CLICK
            assert "“page”" in exploration.brief.why
            assert exploration.brief.base == repo.git("rev-parse", "HEAD")
            assert exploration.brief.views == (View(name="start", path="index.html"),)
            assert [thread.id for thread in await threads.listed(home)] == [], "attempts are no threads of the person's"

            first, second, third = await gathered(home, exploration, 3)
            assert [one.plan.approach for one in (first, second, third)] == ["one column", "broken", "cards"]
            assert first.evidence
            assert first.evidence.files == ("check.py", "index.html")[1:]
            assert first.evidence.summary == "Done\nA page in one column.\nIt has a heading."
            assert first.evidence.failed == ()
            (picture,) = first.evidence.pictures
            assert (picture.view, picture.width, picture.height, picture.why) == ("start", 1280, 800, "")
            held = await home.workspace.contents(project, [picture.blob], 1 << 20)
            assert held[picture.blob].startswith(b"\x89PNG")
            assert second.evidence
            assert second.evidence.failed == ("python3 check.py",)
            assert exploration.brief.probes == ("python3 check.py", "wc -l < index.html")
            assert first.evidence.probes == (
                Probe(command="python3 check.py", status=0, output="fine\n"),
                Probe(command="wc -l < index.html", status=0, output="1\n"),
            )
            assert second.evidence.probes[0] == Probe(command="python3 check.py", status=1, output="")
            page = bytes((await attempt_pages.one(home, exploration.id, 2)).body).decode()
            assert "How it behaves: 2 commands" in page
            assert "ended with status 1" in page

            best = await suggestions.suggested(home, exploration.id)
            assert [one.attempt for one in best][-1] == 2
            assert best[0].why == (
                "passes 1 of 1 checks",
                "does what most others do on 2 of 2 inputs",
                "changes 2 lines",
                "2 of 3 say the same to all 2 probes",
            )
            await votes.cast(home, exploration.id, 1, 3, "left", facet="look", because="it is calm")
            with pytest.raises(Refused, match="purpose, design are open"):
                await attempts.move(home, exploration.id, 1, Stage.CANDIDATE, "it is the one")
            for risk in (Risk.PURPOSE, Risk.DESIGN):
                await attempts.close_risk(home, exploration.id, 1, risk, "looked at it with Ada")
            moved = await attempts.move(home, exploration.id, 1, Stage.CANDIDATE, "it is the one")
            assert (moved.stage, moved.open) == (Stage.CANDIDATE, (Risk.CHECKS, Risk.SAFETY, Risk.WANTED))
            shown = bytes((await thread_page.one(home, moved.thread)).body).decode()
            assert shown.count('class="stage candidate"') == 2, (
                "over its result, and where it says what it is an attempt at"
            )
            assert "candidate · +" in shown
            assert "sketch" not in shown
            with pytest.raises(Refused, match="Checks fail on it"):
                await attempts.close_risk(home, exploration.id, 2, Risk.CHECKS, "I believe so")

            decision = await decisions.pick(home, exploration.id, 1, "One column reads calmer.", facet="look")
            merged = await attempts.merge(home, exploration.id, 1)
            assert repo.git("show", f"{merged.after}:index.html") == "<!doctype html><h1>attempt 1</h1>"
            after = await explorations.find(home, "latest")
            assert after.definition
            assert (after.picked, after.definition.kept, after.definition.cut) == (
                1,
                ("one column",),
                ("broken", "cards"),
            )

            changed = await decisions.change(home, decision.id, reason="One column: it reads calmer.")
            assert (changed.version, await decisions.taste(home, project.id)) == (2, [changed])
            more = await explorations.extend(home, exploration.id, 1, approaches=["rows"])
            fourth = (await explorations.listed(home, more.id))[-1]
            said = (await until(home, fourth.thread, MessageSent)).event
            assert isinstance(said, MessageSent)
            assert "What will be run to see how it behaves: python3 check.py; wc -l < index.html." in said.text
            assert f"- [{decision.id[-6:]}] (look) One column: it reads calmer." in said.text


async def test_near_twins_of_two_attempts_are_not_begun(tmp_path: Path) -> None:
    repo = Checkout.made(tmp_path / "shop", {"a.txt": "a\n"})
    with ScriptedModels(play) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            project = await projects.add(home, repo.path)
            wish = Wish("One of a kind", project=project.id, attempts=4, models=[CHAT], approaches=["twin"], at_once=2)
            exploration = await explorations.start(home, wish)
            assert len([one for one in await gathered(home, exploration, 2) if one.evidence]) == 2
            async with asyncio.timeout(PATIENCE):
                async for item in home.store.feed.follow(after=0, stream=exploration.id):
                    if isinstance(item, Entry) and isinstance(item.event, AttemptStopped) and item.event.attempt == 4:
                        break
            twins = await explorations.listed(home, exploration.id)
            assert [bool(one.stopped) for one in twins] == [False, False, True, True]
            assert "Attempts 1, 2 of the same approach" in twins[2].stopped
            assert [one.state for one in twins[2:]] == [None, None]


async def test_what_is_on_the_shelf_is_tried_again_by_another_model_and_what_it_regains_is_told(tmp_path: Path) -> None:
    repo = Checkout.made(tmp_path / "shop", {"a.txt": "a\n"})
    check = "grep -q better made.txt"

    def made(asked: Asked) -> Turn:
        model = asked.body["model"]
        return Says("done") if answers(asked) else Calls(Call("shell", {"command": f"echo {model} > made.txt"}))

    with ScriptedModels(made) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            project = await projects.add(home, repo.path)
            wish = Wish("Do it", project=project.id, attempts=2, models=[CHAT], approaches=["a", "b"], checks=[check])
            exploration = await explorations.start(home, wish)
            await gathered(home, exploration, 2)
            await attempts.shelve(home, exploration.id, 1, "The model isn't there yet.")
            await explorations.shelve(home, exploration.id, "Not now.")
            assert (await explorations.find(home, exploration.id)).shelved
            await shelves.relaunch(home, exploration.id, "openai-chat:better")
            with pytest.raises(Refused, match="Nothing is on the shelf"):
                await shelves.relaunch(home, exploration.id, "openai-chat:better")
            third = (await gathered(home, exploration, 3))[2]
            assert (third.plan.approach, third.source.name) == ("a", "1")
            (regained,) = await shelves.regained(home)
            assert (regained.shelved, regained.again, regained.checks) == (1, 3, (check,))
            assert [bool(one.shelved) for one in await explorations.listed(home, exploration.id)] == [
                True,
                False,
                False,
            ]
