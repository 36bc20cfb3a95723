"""From a model's call to a tool with its arguments, or to why there is none."""

from __future__ import annotations

import json
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
        return self._find(call.name, call.arguments or "{}")

    def _find(self, name: str, text: str, *, inner: bool = False) -> Ready | Wrong:
        try:
            raw = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            return Wrong(f"The arguments are not valid JSON ({error}). Nothing was done. Call again.")
        if not isinstance(raw, dict):
            return Wrong("The arguments must be a JSON object. Nothing was done. Call again.")
        fields = cast("dict[str, object]", raw)
        if name == USE and inner:
            return Wrong(f"`{USE}` calls other tools, not itself. Nothing was done. Call again.")
        if name == USE:
            return self._find(str(fields.get("name", "")), _inner(fields.get("arguments")), inner=True)
        tool = self._tools.get(name)
        if tool is None:
            there = ", ".join(spec.name for spec in self.specs)
            return Wrong(f"There is no tool called {name!r}. There are: {there}. `find_tool` finds more.")
        try:
            return Ready(tool, tool.arguments.model_validate(fields), fields)
        except ValidationError as error:
            return Wrong(f"{_plain(error)} Nothing was done. Call again.")


def _inner(arguments: object) -> str:
    return arguments if isinstance(arguments, str) else json.dumps(arguments or {})


def _plain(error: ValidationError) -> str:
    told = [f"{'.'.join(map(str, e['loc'])) or 'arguments'}: {e['msg']}" for e in error.errors(include_url=False)[:5]]
    return f"Wrong arguments: {'; '.join(told)}."
