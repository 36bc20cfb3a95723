"""A big result that a request holds already is referred to, and not said again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from maquette.domain.messages import Call, FromTool

BIG = 2_000
"""Characters above which a result is worth it."""
SAME = "[The same, byte for byte, as the result of the same call above, {}: {:,} characters.]"


@dataclass
class Repeats:
    """The big results that requests hold whole, by tool, arguments and text."""

    _known: dict[tuple[str, str, str], str] = field(default_factory=dict[tuple[str, str, str], str])

    def said(self, result: FromTool, calls: Mapping[str, Call]) -> FromTool:
        """The result as requests shall say it."""
        call = calls.get(result.call)
        if call is None or len(result.text) <= BIG or result.images or result.error:
            return result
        first = self._known.setdefault((call.name, call.arguments, result.text), result.call)
        if first == result.call:
            return result
        return result.model_copy(update={"text": SAME.format(first, len(result.text)), "same_as": first})

    def forget(self) -> None:
        """What was said may no longer be there."""
        self._known.clear()
