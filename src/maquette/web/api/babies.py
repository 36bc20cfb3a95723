"""Baby versions: small ones of projects, which explorations begin with."""

from __future__ import annotations

from pydantic import Field

from maquette.actions import babies, threads
from maquette.domain.labels import Fact
from maquette.domain.projects import Project
from maquette.web import routes
from maquette.web.api.home import Here

router = routes.api("babies")


class NewBaby(Fact):
    """`keep`: the files that matter, by their paths in the project."""

    project: str
    keep: tuple[str, ...] = Field(min_length=1)
    model: str | None = None


class Taking(Fact):
    """A thread's result as its project's baby version; `unchecked`: although its checks don't pass."""

    thread: str
    unchecked: bool = False


@router.post("/babies", status_code=201)
async def make_baby(home: Here, new: NewBaby) -> threads.Sent:
    """A thread that makes it, by the skill."""
    return await babies.make(home, new.project, new.keep, model=new.model)


@router.post("/babies/taken")
async def take_baby(home: Here, taking: Taking) -> Project:
    """What a thread made is its project's baby version from now on."""
    return await babies.take(home, taking.thread, unchecked=taking.unchecked)


@router.get("/babies")
async def show_baby(home: Here, project: str) -> babies.Drifted:
    """A project's baby version, and how far it has drifted from the real one."""
    return await babies.drifted(home, project)
