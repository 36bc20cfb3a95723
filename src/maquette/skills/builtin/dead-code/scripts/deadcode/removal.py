"""One thing to be removed, in whatever files that touches."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from .surgery import Cut, cut


@dataclass(frozen=True)
class Removal:
    """A definition, a module, an import, a variable or a stretch of code that can't be reached.

    `id` is the same in each state of the files; `line` is that of the state it was found in.
    """

    id: str
    kind: str
    name: str
    path: str
    line: int
    lines: int
    why: str
    cuts: dict[str, Cut] = field(default_factory=dict[str, Cut])
    deletes: frozenset[str] = frozenset()


class CannotApply(Exception):
    """The state would no longer be valid Python, or couldn't be made."""


def apply(files: dict[str, bytes], removals: Sequence[Removal]) -> dict[str, bytes]:
    """The files as they would be without all of these, which must have been found in `files`."""
    wanted: dict[str, Cut] = {}
    for removal in removals:
        for path, part in removal.cuts.items():
            whole = wanted.setdefault(path, Cut())
            whole.names |= part.names
            whole.aliases |= part.aliases
            whole.spans |= part.spans
            whole.falses |= part.falses
            whole.elses |= part.elses
    result = dict(files)
    for path, part in wanted.items():
        try:
            result[path] = cut(files[path], part)
            ast.parse(result[path])
        except Exception as error:  # whatever libcst stumbles over: the file is then left alone
            raise CannotApply(f"{path}: {error or type(error).__name__}") from error
    for removal in removals:
        for path in removal.deletes:
            result.pop(path, None)
    return result
