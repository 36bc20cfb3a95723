"""What triggers that look keep from one look to the next."""

from __future__ import annotations

from typing import TypeVar

from pydantic import ValidationError

from maquette.domain.labels import Fact

M = TypeVar("M", bound=Fact)


def read(mark: str, kind: type[M]) -> M | None:
    """None: there is none, or it is from another version, so this look is the first."""
    try:
        return kind.model_validate_json(mark) if mark else None
    except ValidationError:
        return None
