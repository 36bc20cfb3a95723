"""Small questions about pieces of Python."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef
_PURE_CALLS = {"frozenset", "set", "dict", "tuple", "list", "re.compile", "Decimal", "Fraction", "TypeVar", "object"}


def is_pure(node: ast.expr | None) -> bool:
    """Evaluating it does nothing but make a value."""
    if node is None:
        return True
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and ast.unparse(part.func) not in _PURE_CALLS:
            return False
        if isinstance(part, ast.Await | ast.Yield | ast.YieldFrom | ast.NamedExpr | ast.Lambda | ast.comprehension):
            return False
        if isinstance(part, ast.Subscript | ast.Attribute | ast.BinOp) and not _plain(part):
            return False
    return True


def _plain(node: ast.expr) -> bool:
    """Attributes and subscripts of names (types, mostly), sums of constants."""
    if isinstance(node, ast.BinOp):
        return all(isinstance(p, ast.Constant | ast.BinOp | ast.Name | ast.Attribute) for p in (node.left, node.right))
    return isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.value, ast.Name | ast.Attribute)


def docstring(node: ast.AST) -> ast.Constant | None:
    if not isinstance(node, ast.Module | ast.ClassDef | Function) or not node.body:
        return None
    first = node.body[0]
    value = first.value if isinstance(first, ast.Expr) else None
    return value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def last_name(node: ast.expr) -> str:
    """The last word of `a.b.c`, of `a.b.c(...)`, of `a.b[c]`; empty when there is none."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=inner) | ast.Subscript(value=inner):
            return last_name(inner)
        case ast.Constant(value=str() as text):
            return re.split(r"\W", text.strip())[-1]
        case _:
            return ""


def strings(node: ast.AST) -> Iterator[str]:
    return (n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str))


def template(node: ast.expr) -> str:
    """A string put together at run time, with `*` for what isn't known: f"do_{x}" → `do_*`."""
    match node:
        case ast.Constant(value=str() as text):
            return re.sub(r"%(\(\w+\))?[-#0-9.]*[srda]|\{[^{}]*\}", "*", text)
        case ast.JoinedStr(values=values):
            return "".join(template(v) for v in values)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return template(left) + template(right)
        case ast.BinOp(left=left, op=ast.Mod()):
            return template(left)
        case ast.Call(func=ast.Attribute(value=inner, attr="format")):
            return template(inner)
        case _:
            return "*"


def is_telling(made: str) -> bool:
    """It says enough of the name: `do_*`, `*_handler`, `handle*`; not `*`, `*_*`, `*es`, and not a sentence."""
    if "*" not in made or not re.fullmatch(r"[\w.*:-]+", made):
        return False
    parts = re.split(r"[.:]", made.rstrip(".:"))[-1].split("*")
    letters = {part: len(re.sub(r"[\W\d_]", "", part)) for part in parts}
    return any(count >= 4 or (count >= 2 and "_" in part) for part, count in letters.items())
