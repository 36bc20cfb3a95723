"""What each Python file defines, and which names it refers to from where."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import Literal

from .mentions import string_words
from .syntax import Function, docstring, is_pure, is_telling, last_name, strings, template

Kind = Literal["module", "function", "class", "method", "constant"]
How = Literal["name", "attribute", "text", "keyword", "import"]


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
        return self.nodes[0].lineno if self.nodes else 1


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
    of_instance: bool = False
    """Lists what an object itself holds (`vars(x)`, `x.__dict__`): no methods, unless x is a class or a module."""


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
    loads: set[str] = field(default_factory=set[str])
    """Modules imported by computed names, as patterns of dotted names; "." is the file's own folder and beneath."""
    is_script: bool = False
    lines: list[str] = field(default_factory=list[str])


_LOOKUPS = {"getattr", "hasattr", "setattr", "delattr"}
_LISTINGS = {"vars", "dir", "getmembers", "getmembers_static"}
_IMPORTS = {"import_module", "__import__", "import_string", "resolve_name", "run_module", "find_spec"}
_FILE_LOADERS = {"spec_from_file_location", "run_path", "load_module", "exec_module", "SourceFileLoader"}
_MODULE_LISTS = {"iter_modules", "walk_packages"}
_FOLDER_LISTS = {"listdir", "scandir", "iterdir", "glob", "rglob", "contents"}
_RUNS_TEXT = {"eval", "exec", "compile", "split", "timeit", "repeat", "namedtuple", "Enum", "run", "Popen"}


def index_file(path: str, data: bytes, module: str) -> FileIndex:
    """Raises SyntaxError or ValueError when it can't be parsed."""
    tree = ast.parse(data, filename=path)
    found = FileIndex(path, lines=data.decode("utf-8", "replace").splitlines())
    found.is_script = bool(found.lines and found.lines[0].startswith("#!"))
    _Walker(found, module, path.endswith("__init__.py")).walk(tree)
    return found


class _Walker:
    def __init__(self, found: FileIndex, module: str, is_package: bool) -> None:
        self.found, self.module, self.is_package = found, module, is_package
        self.guards = 0
        self.type_checking = 0
        self.skip: set[int] = set()
        self.lists_folders = self.imports_any = False

    def walk(self, tree: ast.Module) -> None:
        top = Key(self.found.path, "")
        self._doc(tree, top)
        for statement in tree.body:
            self._visit(statement, top, "module")
        if self.lists_folders and self.imports_any:
            self.found.loads.add(".")

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
                    self._lookup(node.value, at, of_instance=True)
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
                self._pattern(template(node))
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
            for text in strings(node):
                words = set(re.findall(r"[^\W\d]\w*", text))
                self.found.references.extend(Reference(word, "text", at, node.lineno) for word in words)
        if called in _LOOKUPS and len(node.args) >= 2 and not isinstance(node.args[1], ast.Constant):
            made = template(node.args[1])
            if not is_telling(made):
                self._lookup(node.args[0], at)
                # Said to getattr, even little is a hint: f"{kind}s".
                if re.fullmatch(r"[\w*]*[a-zA-Z][\w*]*", made):
                    self.found.patterns.add(made)
        elif called in _LISTINGS:
            self._lookup(node.args[0] if node.args else None, at, of_instance=called == "vars")
        elif called in {"globals", "locals"} and (called == "globals" or not at.qualname):
            self.found.lookups.append(Lookup("", at, on_self=False))
        elif called in {"attrgetter", "methodcaller"} and node.args and not isinstance(node.args[0], ast.Constant):
            self._lookup(None, at)
        elif called in _IMPORTS | _FILE_LOADERS | _MODULE_LISTS:
            self._loads(called, node.args[0] if node.args else None)
        elif called in _FOLDER_LISTS:
            self.lists_folders = True
        elif called == "format" and isinstance(node.func, ast.Attribute):
            self._pattern(template(node.func.value))

    def _loads(self, called: str, argument: ast.expr | None) -> None:
        """Which modules a call may mean that imports by a computed name, or lists a package's modules."""
        if called in _FILE_LOADERS:
            self.found.loads.add(".")
        elif called in _MODULE_LISTS:
            named = set(strings(argument)) if argument is not None else set[str]()
            words = (
                {n.id for n in ast.walk(argument) if isinstance(n, ast.Name)} if argument is not None else {"__path__"}
            )
            words -= {"importlib", "pkgutil", "os", "str", "list"}
            self.found.loads.update(f"*{text}.*" for text in named)
            self.found.loads.update("." if word.startswith("__") else f"*{word}.*" for word in words)
        elif argument is not None and not isinstance(argument, ast.Constant):
            made = template(argument)
            if len(re.sub(r"[\W_]", "", made)) >= 3:
                self.found.loads.add(made)
            elif made.strip("*"):
                self.found.loads.add(".")
            else:
                self.imports_any = True

    def _lookup(self, target: ast.expr | None, at: Key, *, of_instance: bool = False) -> None:
        text = ast.unparse(target) if target is not None else "?"
        on_self = bool(re.match(r"(type\()?(self|cls)\b(\)|\.__class__)?$|super\(", text))
        name = last_name(target) if target is not None else "?"
        self.found.lookups.append(Lookup(name, at, on_self, of_instance))

    def _pattern(self, made: str) -> None:
        if is_telling(made):
            self.found.patterns.add(made)
