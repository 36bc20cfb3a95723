# pyright: basic, reportMissingImports=false
"""The refactorings: each changes a tree in place, and says how often."""

import ast


class _Counting(ast.NodeTransformer):
    def __init__(self):
        self.done = 0


class Guards(_Counting):
    """A function that is one `if` at its end gets an early return."""

    def visit_FunctionDef(self, node):
        self.generic_visit(node)
        last = node.body[-1]
        if isinstance(last, ast.If) and not last.orelse and len(last.body) > 1:
            guard = ast.If(ast.UnaryOp(ast.Not(), last.test), [ast.Return(None)], [])
            node.body = [*node.body[:-1], guard, *last.body]
            self.done += 1
        return node


class Comprehensions(_Counting):
    """`found = []` and a loop that only appends become one."""

    def visit_FunctionDef(self, node):
        self.generic_visit(node)
        body = []
        for statement in node.body:
            if body and (made := _comprehension(body[-1], statement)):
                body[-1] = made
                self.done += 1
            else:
                body.append(statement)
        node.body = body
        return node


def _comprehension(first, loop):
    match first, loop:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=ast.List(elts=[])),
            ast.For(target=target, iter=source, body=[inner], orelse=[]),
        ):
            conditions = []
            if isinstance(inner, ast.If) and not inner.orelse and len(inner.body) == 1:
                conditions, inner = [inner.test], inner.body[0]
            match inner:
                case ast.Expr(ast.Call(ast.Attribute(ast.Name(id=to), "append"), [value], [])) if to == name:
                    if any(
                        isinstance(part, ast.Name) and part.id == name for test in conditions for part in ast.walk(test)
                    ):
                        return None
                    made = ast.ListComp(value, [ast.comprehension(target, source, conditions, 0)])
                    return ast.Assign(first.targets, made)
    return None


class Constants(_Counting):
    """Numbers in functions get names at the top."""

    def __init__(self):
        super().__init__()
        self.names = {}
        self._within = 0

    def visit_FunctionDef(self, node):
        self._within += 1
        node.body = [self.visit(statement) for statement in node.body]
        self._within -= 1
        return node

    def visit_Constant(self, node):
        number = node.value
        if not self._within or type(number) not in (int, float) or number in (0, 1, 2):
            return node
        self.done += 1
        name = self.names.setdefault(number, f"NUMBER_{str(number).replace('.', '_').replace('-', 'MINUS_')}")
        return ast.Name(name, ast.Load())

    def visit_Module(self, node):
        self.generic_visit(node)
        given = [ast.Assign([ast.Name(name, ast.Store())], ast.Constant(number)) for number, name in self.names.items()]
        at = next(
            (n for n, one in enumerate(node.body) if isinstance(one, ast.FunctionDef | ast.ClassDef)), len(node.body)
        )
        node.body[at:at] = given
        return node


class Conditions(_Counting):
    """`x == True` and `len(x) == 0`, said plainly."""

    def visit_Compare(self, node):
        self.generic_visit(node)
        match node:
            case ast.Compare(left, [ast.Eq() | ast.Is()], [ast.Constant(value=True)]):
                self.done += 1
                return left
            case ast.Compare(left, [ast.Eq() | ast.Is()], [ast.Constant(value=False)]):
                self.done += 1
                return ast.UnaryOp(ast.Not(), left)
            case ast.Compare(ast.Call(ast.Name(id="len"), [what], []), [ast.Eq()], [ast.Constant(value=0)]):
                self.done += 1
                return ast.UnaryOp(ast.Not(), what)
        return node


class Sorted(_Counting):
    """Functions that stand beside each other, by their names."""

    def visit_Module(self, node):
        plain = {
            n: one for n, one in enumerate(node.body) if isinstance(one, ast.FunctionDef) and not one.decorator_list
        }
        for place, one in zip(plain, sorted(plain.values(), key=lambda one: one.name), strict=True):
            self.done += node.body[place] is not one
            node.body[place] = one
        return node


class TurnedAround(_Counting):
    """Wrong on purpose: the first condition of the module says the opposite."""

    def visit_If(self, node):
        if not self.done:
            self.done += 1
            node.test = ast.UnaryOp(ast.Not(), node.test)
        return node


RULES = {
    "guards": Guards,
    "comprehensions": Comprehensions,
    "constants": Constants,
    "conditions": Conditions,
    "sorted": Sorted,
}
