"""Where in a repo something can be planted."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

_ELSEWHERE = {
    "tests",
    "test",
    "docs",
    "doc",
    "examples",
    "benchmarks",
    "build",
    "dist",
    "vendor",
    "_vendor",
    "scripts",
    "tools",
}


class NoPackage(Exception):
    """There is nothing to plant in."""


def false_branch(node: ast.FunctionDef, word: str) -> tuple[int, str] | None:
    """Before a function's last statement: where, and what."""
    last = node.body[-1]
    start = min([last.lineno, *(d.lineno for d in getattr(last, "decorator_list", []))])
    if len(node.body) < 2 or start <= (node.body[-2].end_lineno or 0) or last.col_offset != node.body[0].col_offset:
        return None
    pad = " " * last.col_offset
    return start - 1, f"{pad}if False:\n{pad}    {word} = 1\n{pad}    print({word})\n"


def after_return(node: ast.FunctionDef, word: str) -> tuple[int, str] | None:
    """After a `return` that ends a function."""
    last = node.body[-1]
    if not isinstance(last, ast.Return) or last.lineno == node.lineno or last.lineno <= (node.body[0].lineno):
        return None
    pad = " " * last.col_offset
    return last.end_lineno or last.lineno, f"{pad}{word} = [1, 2]\n{pad}print({word})\n"


def largest_package(repo: Path) -> Path:
    candidates = [p.parent for root in (repo, repo / "src") for p in root.glob("*/__init__.py")]
    sizes = {
        folder: sum(f.stat().st_size for f in folder.rglob("*.py"))
        for folder in candidates
        if folder.name not in _ELSEWHERE and not folder.name.startswith((".", "test"))
    }
    if not sizes:
        raise NoPackage(f"no package was found in {repo.name}")
    return max(sizes, key=lambda folder: sizes[folder])


def is_plain_module(path: Path) -> bool:
    """A module that isn't a test, a face or a generated file."""
    special = {
        "__init__.py",
        "__main__.py",
        "conftest.py",
        "_version.py",
        "version.py",
        "compat.py",
        "_compat.py",
        "types.py",
        "api.py",
    }
    return path.name not in special and not _ELSEWHERE.intersection(path.parts) and not path.name.startswith("test_")


def texts(repo: Path) -> Iterator[Path]:
    """Every file in which a name could be mentioned."""
    for path in sorted(repo.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(repo).parts)
        if path.is_file() and not hidden and path.stat().st_size < 1 << 20:
            yield path
