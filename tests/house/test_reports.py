"""A report, a reply, a changed report: posts in, one base, and whoever answers: rules, or a scripted model."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from house.homes import a_home, events, rest, said
from maquette.actions import projects, reports, threads
from maquette.actions.home import Home
from maquette.domain.cards import ReportCard
from maquette.domain.events import CallFinished, InterestChanged, TurnFinished
from maquette.domain.posts import Post
from maquette.domain.reports import Report
from maquette.domain.threads import Outcome
from maquette.kinds.connectors import Batch

RULES = "apprentice:rules"
MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)
SAID = (
    ("ada", "support", "The refund queue is three days behind, customers are angry"),
    ("ben", "random", "Who is in for lunch? The new noodle place by the station"),
    ("cleo", "random", "We decided on the blue cups for the office party"),
    ("deploy-bot", "deploys", "Deploy 4711 of checkout finished in 3 minutes"),
    ("deploy-bot", "deploys", "Deploy 4712 of checkout finished in 9 minutes"),
    ("dora", "payments", "Incident: the checkout is failing for cards from Spain"),
    ("emil", "hiring", "Could anybody take the interview on Thursday?"),
    ("fay", "random", "Photos of the hike are up, thanks for coming along"),
)

pytestmark = [pytest.mark.anyio, pytest.mark.needs("bwrap", "sudo apt-get install bubblewrap")]


def posts(*said: tuple[str, str, str], at: datetime = MORNING, first: int = 1) -> list[Post]:
    return [
        Post(
            id=f"shop:{n}",
            source="shop",
            channel=channel,
            author=author,
            at=at + timedelta(minutes=n),
            text=text,
            link=f"https://shop.example/{channel}/{n}",
            machine=author.endswith("bot"),
        )
        for n, (author, channel, text) in enumerate(said, first)
    ]


@asynccontextmanager
async def desk(tmp_path: Path, *, model: str = RULES, **variables: str) -> AsyncGenerator[tuple[Home, str]]:
    """A base with the posts in it, and a plain desk's project."""
    async with a_home(tmp_path / "state", variables) as home:
        home.reader.posts.take("shop", Batch(posts(*SAID), "1"))
        folder = tmp_path / "desk"
        folder.mkdir()
        yield home, (await projects.add(home, folder)).id


async def report(home: Home, project: str, thread: str | None = None) -> tuple[str, Report]:
    """By rule: in a new thread, or once more in one."""
    text = "Report what matters"
    sent = await (
        threads.send(home, thread, text) if thread else threads.start(home, text, project=project, model=RULES)
    )
    ended = await rest(home, sent)
    assert isinstance(ended, TurnFinished)
    assert ended.outcome is Outcome.DONE, ended.reason
    card = events(home, sent.thread, CallFinished)[-1].card
    assert isinstance(card, ReportCard)
    return sent.thread, card.report


def texts(of: Report) -> Sequence[str]:
    return [line.text for line in of.lines]


async def test_a_report_is_answered_and_the_next_is_another(tmp_path: Path) -> None:
    async with desk(tmp_path) as (home, project):
        thread, first = await report(home, project)
        assert first.rules
        assert first.looked == len(SAID)
        assert "in their sources' own words" in said(home, thread)
        assert "not by a language model" in said(home, thread)
        assert "checkout is failing" in first.lines[0].text
        assert "something is broken" in first.lines[0].why
        assert first.lines[0].cites[0].link == "https://shop.example/payments/6"
        assert any("blue cups" in text for text in texts(first))
        (came,) = await reports.reply(home, thread, "never #random")
        assert isinstance(came, InterestChanged)
        assert (came.version, came.sentence) == (1, "What is in #random is never in.")
        _, second = await report(home, project, thread)
        assert second.version == 1
        assert not any("blue cups" in text for text in texts(second))
        (undone,) = await reports.reply(home, thread, "undo")
        assert isinstance(undone, InterestChanged)
        assert undone.undoes == 1
        _, third = await report(home, project, thread)
        assert texts(third) == texts(first)
