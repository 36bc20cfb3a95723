"""From a model's call to a tool with its arguments, or to why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import orjson
from pydantic import ValidationError

from maquette.domain.messages import Call
from maquette.kinds.providers import ToolSpec
from maquette.kinds.tools import Arguments, Tool, parameters

USE = "use_tool"
"""The tool through which tools that the first request leaves out are called, so that requests only grow."""


@dataclass(frozen=True)
class Ready:
    """A call that can be run."""

    tool: Tool[Any]
    arguments: Arguments
    raw: Mapping[str, object]


@dataclass(frozen=True)
class Wrong:
    """A call that can't be run, and why, for the model to mend."""

    why: str


class Toolbox:
    """All tools there are."""

    def __init__(self, tools: Sequence[Tool[Any]]) -> None:
        self._tools = {tool.name: tool for tool in tools}
        self.later = tuple(t for t in tools if not t.first)
        self.specs = tuple(ToolSpec(t.name, t.description, parameters(t)) for t in tools if t.first)

    def find(self, call: Call) -> Ready | Wrong:
        """The tool that a call means, with its arguments checked."""
        name, fields = call.name, _fields(call.arguments or "{}")
        if name == USE and not isinstance(fields, Wrong):
            name, fields = str(fields.get("name", "")), _fields(fields.get("arguments") or {})
            if name == USE:
                return Wrong(f"`{USE}` calls other tools, not itself. Nothing was done. Call again.")
        if isinstance(fields, Wrong):
            return fields
        tool = self._tools.get(name)
        if tool is None:
            there = ", ".join(spec.name for spec in self.specs)
            return Wrong(f"There is no tool called {name!r}. There are: {there}. `find_tool` finds more.")
        try:
            return Ready(tool, tool.arguments.model_validate(fields), fields)
        except ValidationError as error:
            return Wrong(f"{_plain(error)} Nothing was done. Call again.")


def _fields(arguments: object) -> dict[str, object] | Wrong:
    if isinstance(arguments, str):
        try:
            arguments = orjson.loads(arguments)
        except orjson.JSONDecodeError as error:
            return Wrong(f"The arguments are not valid JSON ({error}). Nothing was done. Call again.")
    if not isinstance(arguments, dict):
        return Wrong("The arguments must be a JSON object. Nothing was done. Call again.")
    return cast("dict[str, object]", arguments)


def _plain(error: ValidationError) -> str:
    told = [f"{'.'.join(map(str, e['loc'])) or 'arguments'}: {e['msg']}" for e in error.errors(include_url=False)[:5]]
    return f"Wrong arguments: {'; '.join(told)}."
