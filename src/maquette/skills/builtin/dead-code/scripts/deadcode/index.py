"""What each Python file defines, and which names it refers to from where."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from .mentions import string_words

Kind = Literal["module", "function", "class", "method", "constant"]
How = Literal["name", "attribute", "text", "keyword", "import"]
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, order=True)
class Key:
    """One definition by place: `qualname` is empty for the module itself. Overloads and setters share a key."""

    path: str
    qualname: str

    def __str__(self) -> str:
        return f"{self.path}: {self.qualname}" if self.qualname else self.path


@dataclass
class Definition:
    """Something that could be removed, with the nodes that make it (several for overloads, setters)."""

    key: Key
    name: str
    kind: Kind
    parent: Key
    nodes: list[ast.stmt]
    conditional: bool
    """Under `if TYPE_CHECKING`."""

    @property
    def line(self) -> int:
        return self.nodes[0].lineno


@dataclass(frozen=True)
class Reference:
    name: str
    how: How
    context: Key
    line: int


@dataclass(frozen=True)
class Imported:
    """One alias. `module` is absolute (dotted) as far as it can be told; `name` is None for `import module`."""

    module: str
    name: str | None
    local: str
    context: Key
    line: int
    guarded: bool
    """Under `try` or `if`: its being there may matter more than its use."""
    renamed: bool
    """`import x as x`, `from m import x as x`: an export by convention."""


@dataclass(frozen=True)
class Lookup:
    """Names computed at run time: `getattr(target, something)`, `vars(target)`, `globals()` (target is "")."""

    target: str
    context: Key
    on_self: bool


@dataclass
class FileIndex:
    path: str
    definitions: dict[Key, Definition] = field(default_factory=dict[Key, Definition])
    references: list[Reference] = field(default_factory=list[Reference])
    imports: list[Imported] = field(default_factory=list[Imported])
    stars: list[str] = field(default_factory=list[str])
    exports: set[str] = field(default_factory=set[str])
    has_all: bool = False
    patterns: set[str] = field(default_factory=set[str])
    lookups: list[Lookup] = field(default_factory=list[Lookup])
    holds: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    """Variables by the class names that were called for them or annotate them."""
    strings: set[str] = field(default_factory=set[str])
    loads_modules: bool = False
    """Imports modules by computed names, or lists a package's."""
    is_script: bool = False
    lines: list[str] = field(default_factory=list[str])


_LOOKUPS = {"getattr", "hasattr", "setattr", "delattr"}
_LISTINGS = {"vars", "dir", "getmembers", "getmembers_static"}
_MODULE_LOADERS = {
    "import_module", "__import__", "iter_modules", "walk_packages", "spec_from_file_location", "run_module", "run_path",
    "find_spec", "resolve_name", "import_string", "load_module", "exec_module",
}  # fmt: skip
_RUNS_TEXT = {"eval", "exec", "compile", "split", "timeit", "repeat", "namedtuple", "Enum", "run", "Popen"}
_PURE_CALLS = {"frozenset", "set", "dict", "tuple", "list", "re.compile", "Decimal", "Fraction", "TypeVar", "object"}


def index_file(path: str, data: bytes, module: str) -> FileIndex:
    """Raises SyntaxError or ValueError when it can't be parsed."""
    tree = ast.parse(data, filename=path)
    found = FileIndex(path, lines=data.decode("utf-8", "replace").splitlines())
    found.is_script = bool(found.lines and found.lines[0].startswith("#!"))
    _Walker(found, module, path.endswith("__init__.py")).walk(tree)
    return found


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


class _Walker:
    def __init__(self, found: FileIndex, module: str, is_package: bool) -> None:
        self.found, self.module, self.is_package = found, module, is_package
        self.guards = 0
        self.type_checking = 0
        self.skip: set[int] = set()

    def walk(self, tree: ast.Module) -> None:
        top = Key(self.found.path, "")
        self._doc(tree, top)
        for statement in tree.body:
            self._visit(statement, top, "module")

    def _visit(self, node: ast.AST, at: Key, scope: Kind) -> None:
        if id(node) in self.skip:
            return
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self._definition(node, at, scope)
                return
            case ast.Assign() | ast.AnnAssign() if scope == "module" and self._constant(node, at):
                return
            case ast.If() | ast.Try():
                self._guarded(node, at, scope)
                return
            case ast.Import() | ast.ImportFrom():
                self._import(node, at)
            case _:
                self._refer(node, at)
        for child in ast.iter_child_nodes(node):
            self._visit(child, at, scope)

    def _definition(self, node: Function | ast.ClassDef, at: Key, scope: Kind) -> None:
        kind: Kind = "class" if isinstance(node, ast.ClassDef) else "method" if scope == "class" else "function"
        key = Key(at.path, f"{at.qualname}.{node.name}" if at.qualname else node.name)
        self._add(key, node.name, kind, at, node)
        self._doc(node, key)
        for base in node.bases if isinstance(node, ast.ClassDef) else []:
            self._visit(base, key, kind)
        for child in ast.iter_child_nodes(node):
            # Decorators belong to the thing itself: a dead function keeps nothing alive.
            if not (isinstance(node, ast.ClassDef) and child in node.bases):
                self._visit(child, key, kind)
        if not isinstance(node, ast.ClassDef):
            for arg in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]:
                if arg.annotation is not None:
                    self.found.holds.setdefault(arg.arg, set()).add(last_name(arg.annotation))

    def _add(self, key: Key, name: str, kind: Kind, parent: Key, node: ast.stmt) -> None:
        known = self.found.definitions.get(key)
        if known is not None:
            known.nodes.append(node)
        else:
            self.found.definitions[key] = Definition(key, name, kind, parent, [node], bool(self.type_checking))

    def _constant(self, node: ast.Assign | ast.AnnAssign, at: Key) -> bool:
        """A plain name given a plain value at the top of a module can be removed like a function."""
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        target = targets[0]
        if len(targets) != 1 or not isinstance(target, ast.Name):
            return False
        if target.id == "__all__":
            self.found.has_all = True
            values = [n.value for n in ast.walk(node.value or target) if isinstance(n, ast.Constant)]
            self.found.exports.update(v for v in values if isinstance(v, str))
        if target.id.startswith("__") or self.guards or not is_pure(node.value):
            return False
        key = Key(at.path, target.id)
        self._add(key, target.id, "constant", at, node)
        for child in ast.iter_child_nodes(node):
            if child is not target:
                self._visit(child, key, "constant")
        return True

    def _guarded(self, node: ast.If | ast.Try, at: Key, scope: Kind) -> None:
        typing = isinstance(node, ast.If) and last_name(node.test) == "TYPE_CHECKING"
        if isinstance(node, ast.If) and "__name__" in ast.unparse(node.test):
            self.found.is_script = True
        self.guards += 1
        self.type_checking += typing
        for child in ast.iter_child_nodes(node):
            self._visit(child, at, scope)
        self.guards -= 1
        self.type_checking -= typing

    def _import(self, node: ast.Import | ast.ImportFrom, at: Key) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                local = alias.asname or alias.name.partition(".")[0]
                self._imported(alias.name, None, local, at, node.lineno, alias.asname)
            return
        base = node.module or ""
        if node.level:
            parts = self.module.split(".")
            parts = parts[: len(parts) - node.level + (1 if self.is_package else 0)]
            base = ".".join([*parts, *([node.module] if node.module else [])])
        for alias in node.names:
            if alias.name == "*":
                self.found.stars.append(base)
            else:
                self._imported(base, alias.name, alias.asname or alias.name, at, node.lineno, alias.asname)

    def _imported(self, module: str, name: str | None, local: str, at: Key, line: int, asname: str | None) -> None:
        renamed = asname is not None and asname == (name or module)
        self.found.imports.append(Imported(module, name, local, at, line, self.guards > 0, renamed))

    def _refer(self, node: ast.AST, at: Key) -> None:
        add = self.found.references.append
        match node:
            case ast.Name(id=name):
                if not isinstance(node.ctx, ast.Store):
                    add(Reference(name, "name", at, node.lineno))
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                self.found.references.extend(Reference(n, "name", at, node.lineno) for n in names)
            case ast.Attribute(attr=name):
                add(Reference(name, "attribute", at, node.lineno))
                if name == "__dict__":
                    self._lookup(node.value, at)
            case ast.keyword(arg=str() as name):
                add(Reference(name, "keyword", at, node.lineno))
            case ast.MatchClass(kwd_attrs=names):
                self.found.references.extend(Reference(n, "attribute", at, node.lineno) for n in names)
            case ast.Constant(value=str() as text):
                self._text(text, at, node.lineno)
            case _:
                self._learn(node, at)

    def _learn(self, node: ast.AST, at: Key) -> None:
        """What variables hold, and names that are computed."""
        match node:
            case ast.AugAssign(target=ast.Name(id=name)):
                self.found.references.append(Reference(name, "name", at, node.lineno))
            case ast.Assign(targets=[ast.Name(id=name) | ast.Attribute(attr=name)], value=ast.Call() as call):
                self.found.holds.setdefault(name, set()).add(last_name(call))
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                self.found.holds.setdefault(name, set()).add(last_name(annotation))
            case ast.Call():
                self._call(node, at)
            case ast.JoinedStr() | ast.BinOp():
                self._pattern(_template(node))
            case ast.Subscript(value=ast.Attribute(attr="modules")):
                self.found.lookups.append(Lookup("", at, on_self=False))
            case _:
                pass

    def _text(self, text: str, at: Key, line: int) -> None:
        self.found.strings.add(text)
        self.found.references.extend(Reference(word, "text", at, line) for word in set(string_words(text)))

    def _doc(self, node: ast.AST, at: Key) -> None:
        """Of a docstring only its examples count."""
        doc = docstring(node)
        if doc is None:
            return
        self.skip.add(id(doc))
        for line in str(doc.value).splitlines():
            if line.lstrip().startswith((">>>", "... ")):
                words = set(re.findall(r"[^\W\d]\w*", line))
                self.found.references.extend(Reference(word, "text", at, doc.lineno) for word in words)

    def _call(self, node: ast.Call, at: Key) -> None:
        called = last_name(node.func)
        if called in _RUNS_TEXT:
            for text in _strings(node):
                words = set(re.findall(r"[^\W\d]\w*", text))
                self.found.references.extend(Reference(word, "text", at, node.lineno) for word in words)
        if called in _LOOKUPS and len(node.args) >= 2 and not isinstance(node.args[1], ast.Constant):
            if not _strong(_template(node.args[1])):
                self._lookup(node.args[0], at)
        elif called in _LISTINGS:
            self._lookup(node.args[0] if node.args else None, at)
        elif called in {"globals", "locals"} and (called == "globals" or not at.qualname):
            self.found.lookups.append(Lookup("", at, on_self=False))
        elif called in {"attrgetter", "methodcaller"} and node.args and not isinstance(node.args[0], ast.Constant):
            self._lookup(None, at)
        elif called in _MODULE_LOADERS and not (node.args and isinstance(node.args[0], ast.Constant)):
            self.found.loads_modules = True
        elif called == "format" and isinstance(node.func, ast.Attribute):
            self._pattern(_template(node.func.value))

    def _lookup(self, target: ast.expr | None, at: Key) -> None:
        text = ast.unparse(target) if target is not None else "?"
        on_self = bool(re.match(r"(type\()?(self|cls)\b(\)|\.__class__)?$|super\(", text))
        self.found.lookups.append(Lookup(last_name(target) if target is not None else "?", at, on_self))

    def _pattern(self, template: str) -> None:
        if _strong(template):
            self.found.patterns.add(template)


def _strings(node: ast.AST) -> Iterator[str]:
    return (n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str))


def _template(node: ast.expr) -> str:
    """A string put together at run time, with `*` for what isn't known: f"do_{x}" → `do_*`."""
    match node:
        case ast.Constant(value=str() as text):
            return re.sub(r"%(\(\w+\))?[-#0-9.]*[srda]|\{[^{}]*\}", "*", text)
        case ast.JoinedStr(values=values):
            return "".join(_template(v) for v in values)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _template(left) + _template(right)
        case ast.BinOp(left=left, op=ast.Mod()):
            return _template(left)
        case ast.Call(func=ast.Attribute(value=inner, attr="format")):
            return _template(inner)
        case _:
            return "*"


def _strong(template: str) -> bool:
    """It says enough of the name: `do_*`, `*_handler`; not `*`, `*_*`, and not a sentence."""
    if "*" not in template or not re.fullmatch(r"[\w.*:-]+", template):
        return False
    return len(re.sub(r"[\W_]", "", re.split(r"[.:]", template.rstrip(".:"))[-1])) >= 2
