"""Which models do what, in a base (its stream is `base`) or in a project (in the project's stream)."""

from __future__ import annotations

from typing import Literal

from maquette.domain.events.fact import EventFact
from maquette.domain.roles import Models, Role


class RoleSet(EventFact):
    """A person gave a role to these models. None: a project does as the base does, a base as its environment says."""

    type: Literal["role.set"] = "role.set"
    role: Role
    models: Models
