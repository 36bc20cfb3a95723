"""Programs with one thing changed, as in mutation testing: most are nearly right."""

from __future__ import annotations

import ast
from collections.abc import Sequence


def mutants(source: str) -> list[str]:
    """The source with one thing changed, in every way that is known here."""
    found: list[str] = []
    count = sum(1 for _ in ast.walk(ast.parse(source)))
    for place in range(count):
        for kind in range(3):
            tree = ast.parse(source)
            node = list(ast.walk(tree))[place]
            if _changed(node, kind):
                found.append(ast.unparse(tree) + "\n")
    return [one for one in dict.fromkeys(found) if one != ast.unparse(ast.parse(source)) + "\n"]


_COMPARED: dict[type[ast.cmpop], Sequence[type[ast.cmpop]]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}


def _changed(node: ast.AST, kind: int) -> bool:
    """Changes it in place, if there is such a way."""
    match node:
        case ast.Compare(ops=[op, *_]) if len(_COMPARED.get(type(op), ())) > kind:
            node.ops[0] = _COMPARED[type(op)][kind]()
        case ast.Constant(value=bool()) if kind == 0:
            node.value = not node.value
        case ast.Constant(value=int(value)) if kind < 2:
            node.value = value + (1, -1)[kind]
        case ast.BinOp(op=ast.Add()) if kind == 0:
            node.op = ast.Sub()
        case ast.BinOp(op=ast.Sub()) if kind == 0:
            node.op = ast.Add()
        case ast.BoolOp(op=op) if kind == 0:
            node.op = ast.Or() if isinstance(op, ast.And) else ast.And()
        case ast.BoolOp() if kind == 1:
            del node.values[-1]
        case ast.Name(id="max" | "min" as name) if kind == 0:
            node.id = "min" if name == "max" else "max"
        case ast.If(body=body) if kind == 0:
            node.body = [ast.Pass()] if not isinstance(body[0], ast.Pass) else body
        case ast.Call(func=ast.Name(id="sorted" | "set" | "abs" as name) as function) if kind == 0:
            function.id = "int" if name == "abs" else "list"
        case _:
            return False
    return True
