"""One tool, called by a person: no thread, no log, but the same sandbox and the same files."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import ValidationError

from maquette.domain.errors import Refused
from maquette.domain.ids import new_id
from maquette.kinds.files import Files
from maquette.kinds.providers import SkillSpec
from maquette.kinds.reports import Reports
from maquette.kinds.sandboxes import Box, Profile, Sandbox
from maquette.kinds.tools import Came, Taken, Tool, parameters
from maquette.workspace.files import BeneathFiles

T = TypeVar("T")


@dataclass
class Hand:
    """A `ToolContext` on a folder."""

    files: Files
    box: Box
    outputs: Path
    skills: Sequence[SkillSpec] = ()
    later: Sequence[Tool[Any]] = ()
    watch: Callable[[str], None] | None = None
    thread: str = "by-hand"
    call: str = field(default_factory=lambda: new_id("call"))
    _kept: dict[str, object] = field(default_factory=dict[str, object])

    @property
    def reports(self) -> Reports:
        raise Refused("Only a thread has reports; there is none here.", code="no-turn")

    async def take(self, child: str, leave: Sequence[str]) -> Taken:
        raise Refused(f"Only a turn has children; there is no {child!r} here.", code="no-turn")

    def show(self, output: str) -> None:
        if self.watch:
            self.watch(output)

    def keep(self, key: str, make: Callable[[], T]) -> T:
        if key not in self._kept:
            self._kept[key] = make()
        return cast("T", self._kept[key])


@contextlib.asynccontextmanager
async def hand(
    root: Path,
    sandbox: Sandbox,
    *,
    outputs: Path | None = None,
    skills: Sequence[SkillSpec] = (),
    later: Sequence[Tool[Any]] = (),
    watch: Callable[[str], None] | None = None,
) -> AsyncGenerator[Hand]:
    """A context on `root`, whose `.git` the box doesn't show. Whole outputs go to `outputs`, else to a new folder.

    `watch` gets what is shown live.
    """
    profile, outputs = _profile(root, outputs, skills)
    box = sandbox.box(profile)
    try:
        yield Hand(BeneathFiles(profile.root), box, outputs, skills, later, watch)
    finally:
        await box.close()


def _profile(root: Path, outputs: Path | None, skills: Sequence[SkillSpec]) -> tuple[Profile, Path]:
    root = root.resolve()
    if not root.is_dir():
        raise Refused(f"There is no folder {root}.", code="no-folder")
    outputs = (outputs or Path(tempfile.mkdtemp(prefix="maquette-outputs-"))).resolve()
    readable = (outputs, *(Path(skill.folder) for skill in skills))
    git = (root / ".git",) if (root / ".git").exists() else ()
    return Profile(root=root, writable=(root,), readable=readable, masked=git), outputs


async def run_by_hand(tool: Tool[Any], context: Hand, arguments: str = "", stdin: str | None = None) -> Came:
    """`arguments` is JSON. What was given on standard input (a patch, say) is the first required text left out.

    Raises `Refused`, `Unavailable` as the tool does.
    """
    try:
        given = json.loads(arguments or "{}")
    except ValueError as error:
        raise Refused(f"The arguments are no valid JSON: {error}.", code="bad-arguments") from None
    if not isinstance(given, dict):
        raise Refused("The arguments must be a JSON object.", code="bad-arguments")
    fields = cast("dict[str, object]", given)
    name = _takes_input(tool, fields)
    if stdin and name:
        fields[name] = stdin
    try:
        checked = tool.arguments.model_validate(fields)
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False)[:5])
        raise Refused(f"Wrong arguments for {tool.name}: {told}.", code="bad-arguments") from None
    return await tool.run(context, checked)


def _takes_input(tool: Tool[Any], given: dict[str, object]) -> str | None:
    schema = parameters(tool)
    properties = cast("dict[str, dict[str, object]]", schema.get("properties", {}))
    required = cast("list[str]", schema.get("required", []))
    return next((n for n in required if n not in given and properties[n].get("type") == "string"), None)
