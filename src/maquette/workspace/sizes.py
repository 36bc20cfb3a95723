"""What a change does to the size of the code: lines, and how many ways lead through them."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass

_BRANCHES = (
    ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.Assert, ast.match_case,
)  # fmt: skip
_UNITS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)

LARGEST = 1 << 20
"""Bytes of a file that is still parsed."""


@dataclass(frozen=True)
class Measure:
    """Of one file. `lines` that hold something; `complexity`: McCabe's, summed; None for what isn't Python."""

    lines: int = 0
    complexity: int | None = None


@dataclass(frozen=True)
class Size:
    """One file before and after a change; a side is None where it isn't there."""

    path: str
    before: Measure | None
    after: Measure | None

    @property
    def lines(self) -> int:
        """How many more."""
        return (self.after.lines if self.after else 0) - (self.before.lines if self.before else 0)

    @property
    def complexity(self) -> int | None:
        """How much more; None where neither side has one."""
        sides = [side.complexity if side else None for side in (self.after, self.before)]
        return None if sides == [None, None] else (sides[0] or 0) - (sides[1] or 0)


def measured(path: str, content: bytes | None) -> Measure | None:
    """None for what isn't there, and for what isn't text."""
    if content is None or b"\0" in content[:8192]:
        return None
    lines = sum(1 for line in content.splitlines() if line.strip())
    return Measure(lines, _complexity(content) if path.endswith((".py", ".pyi")) else None)


def _complexity(content: bytes) -> int | None:
    if len(content) > LARGEST:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found = 0
    for node in ast.walk(tree):
        if isinstance(node, ast.BoolOp):
            found += len(node.values) - 1
        elif isinstance(node, ast.comprehension):
            found += 1 + len(node.ifs)
        elif isinstance(node, (*_BRANCHES, *_UNITS)):
            found += 1
    return found
