"""A base whose boundaries are told of: around each commit, each effect of a tool, and each command of git."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from maquette import app
from maquette.actions.home import Home
from maquette.domain.cards import MarkdownCard
from maquette.domain.events import Entry
from maquette.engine import ticker
from maquette.engine.ticker import Clock
from maquette.kinds.tools import Arguments, Came, Effect, Result, Tool, ToolContext
from maquette.settings import settings
from maquette.store import log
from maquette.store.writer import Append, Writer, Writing
from maquette.testing.proof.points import Points, Traces, middle
from maquette.workspace.git import Git, Ran

OUTSIDE = "outside"
"""What `post` writes to, beside the state."""


@dataclass(frozen=True)
class Where:
    """One base's places: all that a run leaves behind lies below `folder`."""

    folder: Path
    variables: Mapping[str, str]

    @property
    def log(self) -> Path | str:
        """Where it is kept: in a file, or in a database that workers share."""
        return self.variables.get("MAQUETTE_DATABASE") or self.state / app.LOG

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def repo(self) -> Path:
        return self.folder / "repo"

    @property
    def acks(self) -> Path:
        return self.folder / "acks"

    @property
    def met(self) -> Path:
        return self.folder / "met"

    @property
    def traces(self) -> Traces:
        return Traces(self.folder / "traces")

    @property
    def clock(self) -> Ahead:
        return Ahead(self.folder / "ahead")

    @property
    def outside(self) -> Path:
        return self.folder / OUTSIDE


class Posting(Arguments):
    text: str


async def _post(context: ToolContext, _given: Posting) -> Result:
    """Something that can't be taken back: a line in a file that no thread could reach."""
    Traces(Path(os.environ["PROOF_OUTSIDE"])).began(f"{context.thread}/{context.call}")
    await asyncio.sleep(0.02)
    return Result("posted", MarkdownCard(text="posted"))


POST = Tool("post", "Posts a line.", Posting, frozenset({Effect.NETWORK}), _post)
"""The tool that reaches out: asked for before, never repeated after."""


@dataclass(frozen=True)
class Ahead:
    """A clock that somebody puts on by an hour: so it is for all bases of a state from then on."""

    file: Path

    def put_on(self) -> None:
        self.file.touch()

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(hours=int(self.file.exists()))

    def real(self, seconds: float) -> float:
        return seconds


@asynccontextmanager
async def mortal(
    where: Where, points: Points, *, base: bool = True, clock: Clock | None = None
) -> AsyncGenerator[Home]:
    """A base on `where`, or a worker beside one, that dies where `points` says; slots are due by `clock`.

    What it changes in this process stays changed: fork first.
    """
    ticker.CLOCK, ticker.LONGEST = clock or where.clock, 0.02
    os.environ.update({**where.variables, "PROOF_OUTSIDE": str(where.outside)})
    _tell_of_commits(points)
    _tell_of_git(points)
    tools = [*app.all_tools(), POST]
    app.all_tools = lambda: [_told(tool, points, where.traces) for tool in tools]
    environment = {**where.variables, "MAQUETTE_HOME": str(where.state), "HOME": str(where.folder)}
    async with app.opened(settings(environment), base=base) as home:
        yield home


def _told(tool: Tool[Any], points: Points, traces: Traces) -> Tool[Any]:
    async def run(context: ToolContext, given: Any) -> Came:
        points.at(f"before the effect of {tool.name}")
        call = f"{context.thread}/{context.call}"
        traces.began(call)
        effect = asyncio.ensure_future(tool.run(context, given))
        try:
            if points.is_next(f"in the effect of {tool.name}"):
                await middle(effect)
            points.at(f"in the effect of {tool.name}")
            came = await effect
        finally:
            effect.cancel()
        traces.ended(call)
        points.at(f"after the effect of {tool.name}")
        return came

    return replace(tool, run=run)


def _tell_of_commits(points: Points) -> None:
    class Told(Writer):
        def _commit(self, batch: Sequence[Writing], *, careful: bool) -> list[Entry]:
            what = " + ".join(_names(work) for work in batch)
            points.at(f"before the commit of {what}")
            entries = super()._commit(batch, careful=careful)
            points.at(f"after the commit of {what}")
            return entries

    log.Writer = Told


def _names(work: Writing) -> str:
    return ", ".join(event.type for event in work.events) if isinstance(work, Append) else "a claim"


def _tell_of_git(points: Points) -> None:
    run = Git.run

    async def told(self: Git, *words: str, **given: Any) -> Ran:
        points.at(f"before git {words[0]}")
        return await run(self, *words, **given)

    Git.run = cast(Any, told)
