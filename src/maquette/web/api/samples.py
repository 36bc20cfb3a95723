"""Samples: projects to try things on."""

from __future__ import annotations

from fastapi import APIRouter

from maquette.actions import samples
from maquette.domain.projects import Project
from maquette.web.api.home import Here

router = APIRouter(tags=["samples"])


@router.post("/samples", status_code=201)
async def make_samples(home: Here) -> list[Project]:
    """A repo of code and a folder of CSV files, in `~/maquette-samples`. Those that are there stay as they are."""
    return await samples.make(home)
