"""Code that can't be reached, as vulture sees it, where taking it out changes nothing else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from vulture.core import Vulture

from .removal import Removal
from .surgery import Cut
from .tree import Tree


@dataclass(frozen=True)
class Unused:
    """One of vulture's findings: `kind` is function, class, method, property …"""

    path: str
    name: str
    kind: str
    line: int
    last_line: int
    message: str


def scan(files: dict[str, bytes]) -> list[Unused]:
    """Everything that vulture finds unused in these files, taken together."""
    vulture = Vulture()
    for path, data in files.items():
        try:
            ast.parse(data)
        except (SyntaxError, ValueError, RecursionError):
            continue
        vulture.scan(data.decode("utf-8", "replace"), filename=path)  # pyright: ignore[reportUnknownMemberType]  # untyped
    return [
        Unused(str(i.filename), i.name, i.typ, i.first_lineno, i.last_lineno, i.message)
        for i in vulture.get_unused_code()
    ]


_cache: dict[tuple[str, bytes], list[Unused]] = {}


def unreachable(tree: Tree) -> Iterator[Removal]:
    """What can go of each changeable file's unreachable code."""
    for path, data in tree.python.items():
        if not tree.changeable(path):
            continue
        if (path, data) not in _cache:
            _cache[path, data] = [u for u in scan({path: data}) if u.kind == "unreachable_code"]
        findings = _cache[path, data]
        if findings:
            module = ast.parse(data)
            for finding in findings:
                removal = _Finding(tree, path, module, finding).removal()
                if removal is not None:
                    yield removal


class _Finding:
    def __init__(self, tree: Tree, path: str, module: ast.Module, finding: Unused) -> None:
        self.tree, self.path, self.module, self.finding = tree, path, module, finding

    def removal(self) -> Removal | None:
        message = self.finding.message
        for scope, block in _blocks(self.module, self.module):
            for index, node in enumerate(block):
                part, goes = Cut(), list[ast.stmt]()
                above = block[index - 1].end_lineno or 0 if index else _first(node)
                after = message.startswith("unreachable code after") and _first(node) == self.finding.line
                never = message.startswith("unsatisfiable") and node.lineno == self.finding.line
                if after and above < _first(node):
                    goes = block[index:]
                    part.spans.add((_first(node), block[-1].end_lineno or node.lineno))
                elif never and isinstance(node, ast.If | ast.While) and _always(node.test) is False:
                    goes = node.body
                    part.falses.add((node.lineno, node.col_offset))
                elif isinstance(node, ast.If) and self._has_dead_else(node):
                    goes = node.orelse
                    part.elses.add((node.lineno, node.col_offset))
                if goes and self._harmless(scope, goes):
                    return self._make(goes, part)
        return None

    def _has_dead_else(self, node: ast.If) -> bool:
        at_line = bool(node.orelse) and _first(node.orelse[0]) == self.finding.line
        return at_line and self.finding.message.startswith("unreachable 'else'") and _always(node.test) is True

    def _make(self, goes: list[ast.stmt], part: Cut) -> Removal:
        lines = (goes[-1].end_lineno or goes[-1].lineno) - _first(goes[0]) + 1 + bool(part.falses or part.elses)
        text = ast.unparse(goes[0]).partition("\n")[0]
        return Removal(
            f"{self.path}:unreachable:{text}", "branch", text if len(text) < 60 else text[:57] + "…", self.path,
            self.finding.line, lines, f"vulture: {self.finding.message}", {self.path: part},
        )  # fmt: skip

    def _harmless(self, scope: ast.AST, goes: list[ast.stmt]) -> bool:
        """Even code that never runs can matter: a `yield` makes a generator, an assignment makes a name local."""
        inside = {id(n) for g in goes for n in ast.walk(g)}
        bound: set[str] = set()
        for node in (n for g in goes for n in ast.walk(g)):
            match node:
                case ast.Yield() | ast.YieldFrom() | ast.Global() | ast.Nonlocal() | ast.Await():
                    return False
                case ast.Import() | ast.ImportFrom() if not self.finding.message.startswith("unreachable code"):
                    return False
                case ast.Name(id=name, ctx=ast.Store()) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                    bound.add(name)
                case ast.AsyncFunctionDef(name=name) | ast.ExceptHandler(name=str() as name):
                    bound.add(name)
                case ast.alias(name=name, asname=asname):
                    bound.add(asname or name.partition(".")[0])
                case _:
                    pass
        if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
            names = [n for n in ast.walk(scope) if isinstance(n, ast.Name) and id(n) not in inside]
            still_local = {n.id for n in names if isinstance(n.ctx, ast.Store)}
            still_local |= {n.arg for n in ast.walk(scope.args) if isinstance(n, ast.arg)}
            return not (bound - still_local) & {n.id for n in names}
        first, last = _first(goes[0]), goes[-1].end_lineno or 0
        lines = self.tree.python[self.path].decode("utf-8", "replace").splitlines()
        rest = "\n".join(lines[: first - 1] + lines[last:])
        others = (d.decode("utf-8", "replace") for p, d in self.tree.python.items() if p != self.path)
        texts = [rest, *others] if bound else []
        return not any(re.search(rf"\b{re.escape(name)}\b", text) for text in texts for name in bound)


def _blocks(node: ast.AST, scope: ast.AST) -> Iterator[tuple[ast.AST, list[ast.stmt]]]:
    """Each list of statements, with the function, class or module that it belongs to."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
            yield scope, block  # pyright: ignore[reportUnknownVariableType]  # ast gives lists of statements here
    for child in ast.iter_child_nodes(node):
        inner = child if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else scope
        yield from _blocks(child, inner)


def _first(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(d.lineno for d in decorators)])


def _always(test: ast.expr) -> bool | None:
    """What a test of plain constants always comes to."""
    match test:
        case ast.Constant(value=value):
            return bool(value)
        case ast.UnaryOp(op=ast.Not(), operand=ast.Constant(value=value)):
            return not value
        case ast.BoolOp(op=ast.And(), values=[ast.Constant(value=value), *_]) if not value:
            return False
        case _:
            return None
