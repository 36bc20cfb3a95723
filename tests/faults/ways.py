"""The ways in which the program removes, moves or overwrites files, read from its code: a new one is in by itself."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "maquette"
ASIDE = ("testing", "samples", "skills/builtin", "demo.py")
"""What no base runs on a person's tree: the tests' own programs, samples (each in a folder that it makes), a skill's
scripts (which run in a box), the demo."""

FACES = ("Workspace", "BeneathFiles")
"""The classes by which the floors above reach trees."""

CALLS = {
    "rmtree", "move", "rename", "renames", "unlink", "remove", "removedirs", "rmdir", "truncate", "write_text",
    "write_bytes", "copyfile", "copy", "copy2", "copytree", "renameat2",
}  # fmt: skip
OF_MODULES = {"move", "remove", "copy", "truncate"}
"""Names that are also those of harmless methods: meant where they are called on `os` or `shutil`."""
GIT = {
    "am", "apply", "checkout", "checkout-index", "cherry-pick", "clean", "gc", "merge", "mv", "prune", "pull",
    "read-tree", "rebase", "reset", "restore", "revert", "rm", "rmdir", "stash", "switch", "worktree",
}  # fmt: skip
"""Words which begin a command that may change files; `rm` and `rmdir` are also those of a shell."""


@functools.cache
def sites(below: str = "") -> dict[tuple[str, str], set[str]]:
    """Module and function (`Trees.make`) of each call that removes, moves or overwrites, and what it calls."""
    found: dict[tuple[str, str], set[str]] = {}
    for path, name, node in _functions(below):
        if does := {word for inner in ast.walk(node) if isinstance(inner, ast.Call) for word in _destroys(inner)}:
            found[path, name] = does
    return found


@functools.cache
def ways(spared: frozenset[tuple[str, str]]) -> tuple[str, ...]:
    """The public methods of the workspace's faces from which a site in it can be reached, told by the names of calls.

    `spared`: sites that touch no tree.
    """
    bodies = {(path, name): node for path, name, node in _functions("workspace")}
    modules = {Path(path).stem for path, _ in bodies}
    called = {place: _called(node, modules) for place, node in bodies.items()}
    reaching = {*sites("workspace")} - spared
    grown = True
    while grown:
        names = {(bool(owner), name) for _, full in reaching for owner, _, name in [full.rpartition(".")]}
        more = {place for place in bodies if place not in reaching and names & called[place]} - spared
        reaching |= more
        grown = bool(more)
    public = (name for _, name in reaching if name.partition(".")[0] in FACES)
    return tuple(sorted(name for name in public if not name.partition(".")[2].startswith("_")))


def _functions(below: str) -> Iterator[tuple[str, str, ast.AST]]:
    for file in sorted((SOURCE / below).rglob("*.py")):
        path = file.relative_to(SOURCE).as_posix()
        if not path.startswith(ASIDE):
            module = ast.parse(file.read_text())
            yield from ((path, name, node) for name, node in _within(module, ""))


def _within(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.AST]]:
    """Each outermost function with its name in its class; what stands in no function, as the module's."""
    loose: list[ast.stmt] = []
    for inner in getattr(node, "body", []):
        if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + inner.name, inner
        elif isinstance(inner, ast.ClassDef):
            yield from _within(inner, f"{prefix}{inner.name}.")
        else:
            loose.append(inner)
    yield f"{prefix}<module>", ast.Module(loose, [])


def _destroys(call: ast.Call) -> Iterator[str]:
    name, owner = _name(call)
    words = [node.value for node in ast.walk(call) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    if name in CALLS and (name not in OF_MODULES or owner in ("os", "shutil")):
        yield name
    elif (name == "replace" and owner and len(call.args) == 1 and not call.keywords) or (name, owner) == (
        "replace",
        "os",
    ):
        yield "replace"
    elif name in ("open", "fdopen") and any(set(word) <= set("rwaxbt+") and set(word) & set("wax+") for word in words):
        yield "open"
    elif name in ("run", "text", "start", "_each"):
        yield from (word for word in words if word in GIT)


def _called(node: ast.AST, modules: set[str]) -> set[tuple[bool, str]]:
    """What is called, or given away to be called: whether it is a method, and its name."""
    calls = [inner for inner in ast.walk(node) if isinstance(inner, ast.Call)]
    what = [at for call in calls for at in (call.func, *call.args)]
    return {(isinstance(at, ast.Attribute) and _last(at.value) not in modules, _last(at)) for at in what}


def _name(call: ast.Call) -> tuple[str, str]:
    """What is called, and on what."""
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    return _last(call.func), _last(owner) or "?" if owner is not None else ""


def _last(node: ast.AST | None) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
