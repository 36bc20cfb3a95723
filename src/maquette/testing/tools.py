"""Tools for tests, real ones: their files lie in a folder, their commands run in the best sandbox there is.

async with tool_context(tmp_path) as context:
    result = await call("shell", context, command="make")
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path
from typing import Any, cast

from maquette.kinds import registry
from maquette.kinds.providers import SkillSpec
from maquette.kinds.sandboxes import Sandbox
from maquette.kinds.tools import Came, Result, Tool
from maquette.sandboxes import tiers
from maquette.tools.by_hand import Hand, hand, run_by_hand


@functools.cache
def tools() -> dict[str, Tool[Any]]:
    """Every tool there is, by name."""
    found = cast("list[Tool[Any]]", registry.members("maquette.tools", "TOOL"))
    return {tool.name: tool for tool in found}


@contextlib.asynccontextmanager
async def tool_context(
    root: Path,
    *,
    skills: Sequence[SkillSpec] = (),
    sandbox: Sandbox | None = None,
    watch: Callable[[str], None] | None = None,
) -> AsyncGenerator[Hand]:
    """A context on `root`, which is made; whole outputs go to a folder beside it, live ones to `watch`."""
    outputs = _folders(root)
    sandbox = sandbox or await best_sandbox()
    later = [tool for tool in tools().values() if not tool.first]
    async with hand(root, sandbox, outputs=outputs, skills=skills, later=later, watch=watch) as context:
        yield context


_found: dict[str, Sandbox] = {}


async def best_sandbox() -> Sandbox:
    """The best that works here, or the one that is forced; tried once."""
    forced = os.environ.get(tiers.FORCED, "")
    if forced not in _found:
        _found[forced] = await tiers.best(cast("list[Sandbox]", registry.members("maquette.sandboxes", "SANDBOX")))
    return _found[forced]


def _folders(root: Path) -> Path:
    outputs = root.parent / f"{root.name}-outputs"
    for folder in (root, outputs):
        folder.mkdir(parents=True, exist_ok=True)
    return outputs


async def call(name: str, context: Hand, /, **arguments: object) -> Came:
    """One call, as a turn makes it."""
    return await run_by_hand(tools()[name], context, json.dumps(arguments))


async def result(name: str, context: Hand, /, **arguments: object) -> Result:
    """One call of a tool that comes to a result."""
    came = await call(name, context, **arguments)
    assert isinstance(came, Result)
    return came
