"""The house as it lies on disk, for the tests of its shape."""

from __future__ import annotations

import ast
import functools
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "maquette"
FAMILIES = {
    "tools": "TOOL",
    "providers": "PROVIDER",
    "connectors": "CONNECTOR",
    "triggers": "TRIGGER",
    "sandboxes": "SANDBOX",
    "agents": "AGENT",
}
"""Each family, and what a module of it calls its member (`maquette.kinds.registry` finds it by that)."""


@functools.cache
def tracked() -> tuple[Path, ...]:
    """Every file that is, or could be, in a commit; relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout.decode()
    return tuple(path for name in sorted(listed.split("\0")) if name and (ROOT / (path := Path(name))).is_file())


def text(path: Path) -> str | None:
    """None for what isn't text."""
    try:
        return (ROOT / path).read_text()
    except UnicodeDecodeError:
        return None


@functools.cache
def definitions(path: Path) -> dict[str, str]:
    """Functions, classes, methods (`Loop.advance`) and module-level names of a Python file, with their docstrings."""
    found: dict[str, str] = {}

    def walk(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    found[prefix + node.name] = ast.get_docstring(node) or ""
                case ast.ClassDef():
                    found[prefix + node.name] = ast.get_docstring(node) or ""
                    walk(node.body, f"{prefix}{node.name}.")
                case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                    found.setdefault(prefix + name, "")
                case _:
                    pass

    walk(ast.parse((ROOT / path).read_text()).body, "")
    return found


def members(family: str) -> list[str]:
    """The modules of a family which hold a member; beside them lies what several share."""
    files = sorted((SOURCE / family).glob("*.py"))
    return [f"maquette.{family}.{f.stem}" for f in files if FAMILIES[family] in definitions(f.relative_to(ROOT))]
