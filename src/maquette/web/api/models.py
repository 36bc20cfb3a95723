"""Models: the ways to reach them."""

from __future__ import annotations

from fastapi import APIRouter

from maquette.actions import models
from maquette.domain.labels import Fact
from maquette.web.api.home import Here

router = APIRouter(tags=["models"])


class Models(Fact):
    """`default` is what threads get that name none."""

    default: str
    wires: tuple[models.Wire, ...]


@router.get("/models")
async def list_models(home: Here) -> Models:
    return Models(default=home.settings.model, wires=tuple(models.listed(home)))
