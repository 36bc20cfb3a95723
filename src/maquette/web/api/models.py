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


class Trying(Fact):
    """`model` as `wire:name`; without one, the default."""

    model: str | None = None


@router.post("/models/try")
async def try_model(home: Here, trying: Trying) -> models.Tried:
    """Asks the model one short thing, now. What came of it is no error, whatever it is."""
    return await models.try_out(home, trying.model)
