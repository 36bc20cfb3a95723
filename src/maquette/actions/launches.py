"""The history of a brief: all launches of each idea, over explorations that ask the same, and how models got on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from maquette.actions import explorations
from maquette.actions.home import Home
from maquette.curation import launches
from maquette.curation.launches import Idea, Progress
from maquette.domain.events import AttemptAdded


@dataclass(frozen=True)
class History:
    """Of one `question`, asked in so many `explorations` of its project."""

    question: str
    explorations: tuple[str, ...]
    ideas: tuple[Idea, ...]
    models: tuple[Progress, ...]


async def history(home: Home, exploration: str) -> History:
    """Those explorations of its project that ask the same, whatever the spaces and the case. Refused:
    `unknown-exploration`.
    """
    of = await explorations.find(home, exploration)
    same = [
        one
        for one in await explorations.every(home, of.project)
        if _asks(one.brief.question) == _asks(of.brief.question)
    ]
    attempts = [one for at in same for one in await explorations.listed(home, at.id)]
    begun = {
        (at.id, entry.event.attempt): entry.at
        for at in same
        for entry in await asyncio.to_thread(home.store.log.read, at.id)
        if isinstance(entry.event, AttemptAdded)
    }
    ideas = launches.ideas(attempts, begun)
    names = tuple(one.id for one in sorted(same, key=lambda one: one.started))
    return History(of.brief.question, names, tuple(ideas), tuple(launches.progress(ideas)))


def _asks(question: str) -> str:
    return " ".join(question.casefold().split()).rstrip("?!. ")
