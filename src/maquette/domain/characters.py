"""Text that can be stored and sent: halves of characters (lone surrogates), which JSON can spell, are none."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from maquette.domain.labels import Fact

F = TypeVar("F", bound=Fact)


def whole(text: str) -> str:
    """Two halves that belong together become their character, any other half the sign for what can't be read."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def legible(fact: F) -> F:
    """The same with each text in it whole."""
    return fact.model_copy(update={name: _legible(getattr(fact, name)) for name in type(fact).model_fields})


def _legible(value: Any) -> Any:
    match value:
        case str() if type(value) is str:
            return whole(value)
        case Fact():
            return legible(value)
        case tuple():
            return tuple(_legible(one) for one in cast("tuple[Any, ...]", value))
        case dict():
            return {_legible(key): _legible(one) for key, one in cast("dict[Any, Any]", value).items()}
        case list():
            return [_legible(one) for one in cast("list[Any]", value)]
        case _:
            return value
