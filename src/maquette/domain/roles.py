"""Roles: what models are taken for."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """Whose work a model does: a thread's, a look at somebody else's, or reading much for little."""

    WORKER = "worker"
    REVIEWER = "reviewer"
    READER = "reader"


Models = tuple[str, ...]
"""Full names (`wire:name`): the first does the work, the others stand in, in order, while it doesn't answer."""
