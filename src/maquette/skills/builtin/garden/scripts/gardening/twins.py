"""Functions that are equal up to names, of which one is enough."""

from __future__ import annotations

import ast
import builtins
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from deadcode.surgery import Cut, cut
from deadcode.syntax import Function, docstring
from deadcode.tree import Tree

from .idea import Idea, Unsure, saved

SMALLEST = 4
"""Statements of a function that is worth it."""
OWN_PLACE = {"locals", "globals", "vars", "super", "__name__", "__file__", "__class__"}
"""What means something else in another place."""


@dataclass(frozen=True)
class Twin:
    path: str
    node: ast.FunctionDef | ast.AsyncFunctionDef
    module: ast.Module

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def parameters(self) -> list[str]:
        return [arg.arg for arg in ast.walk(self.node.args) if isinstance(arg, ast.arg)]


def duplicates(tree: Tree) -> Iterator[Idea | Unsure]:
    modules = dict(_modules(tree))
    groups: dict[str, list[Twin]] = {}
    for path, module in modules.items():
        defined = Counter(name for node in module.body for name in _bound(node))
        for node in module.body:
            if (
                isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                and defined[node.name] == 1
                and _is_worth_it(node)
            ):
                groups.setdefault(_shape(node), []).append(Twin(path, node, module))
    keywords = {name for module in modules.values() for name in _called_with_keywords(module)}
    for group in groups.values():
        kept, *others = group
        for other in others:
            yield _idea(tree, modules, kept, other, keywords)


def _idea(tree: Tree, modules: dict[str, ast.Module], kept: Twin, other: Twin, keywords: set[str]) -> Idea | Unsure:
    what = f"{other.name} in {other.path}, which is {kept.name} in {kept.path} again"
    if why := _why_not(tree, modules, kept, other, keywords):
        return Unsure("duplicate", what, why)
    data = tree.python[other.path]
    if kept.path == other.path:
        lines = data.splitlines(keepends=True)
        assert other.node.end_lineno is not None
        lines[other.node.lineno - 1 : other.node.end_lineno] = [f"{other.name} = {kept.name}\n".encode()]
        new = b"".join(lines)
    else:
        alias = kept.name if kept.name == other.name else f"{kept.name} as {other.name}"
        lines = cut(data, Cut(names={other.name})).splitlines(keepends=True)
        lines.insert(_after_imports(other.module), f"from {tree.dotted(kept.path)} import {alias}\n".encode())
        new = b"".join(lines)
    after = {other.path: new}
    why = "the same syntax tree but for names of variables; the name stays, and means the other function"
    names = (f"{kept.path}:{kept.name}", f"{other.path}:{other.name}")
    return Idea("duplicate", other.path, names, what, why, saved(tree.python, after), after)


def _why_not(tree: Tree, modules: dict[str, ast.Module], kept: Twin, other: Twin, keywords: set[str]) -> str:
    if kept.parameters != other.parameters and keywords & {kept.name, other.name}:
        return "its parameters have other names, and it is called by such names"
    if kept.path == other.path:
        return ""
    if not (tree.in_package(kept.path) and tree.in_package(other.path)):
        return "the files are in no package, so that one can't surely import the other"
    if tree.dotted(kept.path).partition(".")[0] != tree.dotted(other.path).partition(".")[0]:
        return "they are in two packages"
    free = _free(other.node)
    if free != _free(kept.node) or any(_binding(kept.module, name) != _binding(other.module, name) for name in free):
        return "it uses names that may mean something else there"
    if _reaches(tree, modules, kept.path, other.path):
        return "an import would go in a circle"
    return ""


def _modules(tree: Tree) -> Iterator[tuple[str, ast.Module]]:
    for path, data in tree.python.items():
        if tree.changeable(path):
            try:
                yield path, ast.parse(data)
            except (SyntaxError, ValueError, RecursionError):
                continue


def _is_worth_it(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """No stub, no overload (or whatever else a decorator makes), nothing that speaks of its own place."""
    statements = sum(isinstance(part, ast.stmt) for part in ast.walk(node)) - 1 - (docstring(node) is not None)
    names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    moved = any(isinstance(part, ast.Global | ast.Nonlocal | ast.Import | ast.ImportFrom) for part in ast.walk(node))
    itself = node.name in names
    return statements >= SMALLEST and not (node.decorator_list or moved or itself or names & OWN_PLACE)


def _shape(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """The syntax tree with numbers for its own names, and without its docstring."""
    made = copy.deepcopy(node)
    if docstring(made) is not None:
        made.body = made.body[1:]
    made.name = "_"
    numbers = {name: f"${number}" for number, name in enumerate(_own(made))}
    for part in ast.walk(made):
        match part:
            case ast.Name():
                part.id = numbers.get(part.id, part.id)
            case ast.arg():
                part.arg = numbers.get(part.arg, part.arg)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                part.name = numbers.get(name, name)
            case ast.FunctionDef() | ast.AsyncFunctionDef() if part is not made:
                part.name = numbers.get(part.name, part.name)
            case _:
                pass
    return ast.dump(made)


def _own(node: ast.AST) -> list[str]:
    """Names that it binds itself, in the order of the text."""
    found: dict[str, None] = {}
    for part in ast.walk(node):
        match part:
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                found[name] = None
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                found[name] = None
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if part is not node:
                found[name] = None
            case _:
                pass
    return list(found)


def _free(node: ast.AST) -> set[str]:
    """Names of its module that it uses."""
    used = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    return used - set(_own(node))


def _binding(module: ast.Module, name: str) -> str:
    """What gives a module this name, where that is an import or a builtin; else something that equals nothing."""
    found = [node for node in module.body if name in _bound(node)]
    if not found and hasattr(builtins, name):
        return "builtin"
    if len(found) == 1 and isinstance(node := found[0], ast.Import | ast.ImportFrom):
        (alias,) = [one for one in node.names if (one.asname or one.name.partition(".")[0]) == name]
        if not getattr(node, "level", 0):
            return f"{getattr(node, 'module', '')}:{alias.name}"
    return f"{id(module)}"


def _bound(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            yield from ((one.asname or one.name.partition(".")[0]) for one in names)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case _:
            for part in ast.walk(node):
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                    yield part.id
                elif isinstance(part, Function | ast.ClassDef):
                    yield part.name
                elif isinstance(part, ast.Import | ast.ImportFrom):
                    yield from ((one.asname or one.name.partition(".")[0]) for one in part.names)


def _called_with_keywords(module: ast.Module) -> Iterator[str]:
    for part in ast.walk(module):
        if isinstance(part, ast.Call) and part.keywords:
            match part.func:
                case ast.Name(id=name) | ast.Attribute(attr=name):
                    yield name
                case _:
                    pass


def _reaches(tree: Tree, modules: dict[str, ast.Module], start: str, goal: str) -> bool:
    """Whether importing `start` may import `goal`: by any import in it, as if each named a module or what is in one."""
    by_name = {tree.dotted(path): path for path in modules}
    seen, waiting = {start}, [start]
    while waiting:
        path = waiting.pop()
        package = tree.dotted(path).split(".")[: None if path.endswith("__init__.py") else -1]
        named = {".".join(package[:end]) for end in range(1, len(package) + 1)}
        for node in ast.walk(modules[path]):
            if isinstance(node, ast.Import):
                named |= {one.name for one in node.names}
            elif isinstance(node, ast.ImportFrom):
                above = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
                base = ".".join(filter(None, (above, node.module or "")))
                named |= {base, *(f"{base}.{one.name}" for one in node.names)}
        whole = {
            ".".join(parts[:end]) for name in named for parts in [name.split(".")] for end in range(1, len(parts) + 1)
        }
        fresh = {by_name[name] for name in whole if name in by_name} - seen
        if goal in fresh:
            return True
        seen |= fresh
        waiting += fresh
    return False


def _after_imports(module: ast.Module) -> int:
    """The line after which one more import goes: the last of those that it begins with."""
    line = 0
    for number, node in enumerate(module.body):
        is_doc = number == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not (is_doc or isinstance(node, ast.Import | ast.ImportFrom)):
            break
        line = node.end_lineno or line
    return line
