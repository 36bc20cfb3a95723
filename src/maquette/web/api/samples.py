"""Samples: projects and messages to try things on."""

from __future__ import annotations

from maquette.actions import samples
from maquette.domain.explorations import Exploration
from maquette.domain.posts import Source
from maquette.domain.projects import Project
from maquette.web import routes
from maquette.web.api.home import Here

router = routes.api("samples")


@router.post("/samples/messages", status_code=201)
async def make_sample_messages(home: Here) -> Source:
    """Six weeks of a made-up company's messages, as a source, in `~/maquette-samples`; what is there stays as it is."""
    return await samples.messages(home)


@router.post("/samples", status_code=201)
async def make_samples(home: Here) -> list[Project]:
    """A repo of code and a folder of CSV files, in `~/maquette-samples`. Those that are there stay as they are."""
    return await samples.make(home)


@router.post("/samples/exploration", status_code=201)
async def make_exploration(home: Here) -> Exploration:
    """A page in `~/maquette-samples`, and twelve attempts at laying it out by rule; the one there is, if any."""
    return await samples.explore(home)
