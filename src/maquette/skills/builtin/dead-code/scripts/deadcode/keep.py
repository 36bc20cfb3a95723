"""Why something that nothing refers to must stay all the same."""

from __future__ import annotations

import ast
import builtins
import collections.abc
import importlib
import io
import itertools
import re
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from .index import Definition, FileIndex, Key
from .mentions import Mentions, is_library
from .syntax import Function, docstring, last_name
from .tree import Tree

_PLAIN_DECORATORS = {
    "staticmethod", "classmethod", "property", "cached_property", "lru_cache", "cache", "wraps", "contextmanager",
    "asynccontextmanager", "dataclass", "total_ordering", "final", "setter", "getter", "deleter", "overload",
    "singledispatchmethod", "no_type_check", "define", "frozen", "deprecated", "coroutine", "unique",
}  # fmt: skip
_HOOK = re.compile(
    r"pytest_|visit_|depart_|generic_visit|do_[A-Z]|test|setUp|tearDown|asyncSetUp|asyncTearDown|addCleanup|_repr_\w+_$|"
    r"_missing_|_generate_next_value_|_ignore_|"
    r"setup(_|$)|teardown(_|$)|load_tests|upgrade$|downgrade$|on_[a-z]|clean_|validate_|"
    r"get_queryset|perform_|leave_|handle_[A-Z]"
)
_FACE_FUNCTIONS = {"main", "cli", "application", "app", "create_app", "make_app", "handler", "lambda_handler", "run"}
_INNER_CLASSES = {"Meta", "Config", "Params", "Arguments", "Media"}
_PLAIN_BASES = {"object", "ABC", "Generic", "NamedTuple", "TypedDict", "Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"}
_DUCKS = {
    *dir(io.TextIOWrapper), *dir(collections.abc.MutableMapping), *dir(collections.abc.MutableSequence),
    *dir(collections.abc.MutableSet), *dir(collections.abc.AsyncGenerator), *dir(collections.abc.Generator),
    "emit", "filter", "format", "default", "run", "find_spec", "exec_module", "create_module", "acquire",
    "release", "get", "set", "put", "start", "stop", "join",
}  # fmt: skip
_SETTINGS = {"settings", "config", "conf", "gunicorn", "local_settings", "default_settings", "constants_settings"}
_LIBRARY_FACES = {"compat", "_compat", "api", "types", "typing"}


_FOR_OTHERS = re.compile(
    r"#.*\b(backwards?|compat\w*|deprecat\w*|kept for|(do not|don't) (remove|delete)|public api)\b", re.IGNORECASE
)


def _comment(lines: Sequence[str], line: int) -> str:
    """The comment beside a statement, and the one that stands right above it. `line` counts from 1."""
    above = itertools.takewhile(lambda text: text.lstrip().startswith("#"), reversed(lines[: line - 1]))
    return "\n".join([*above, lines[line - 1] if line <= len(lines) else ""])


@dataclass
class Class:
    """What matters of a class for judging its members."""

    key: Key
    bases: list[str]
    external: list[ast.expr]
    """Bases that no class of the repo answers to."""


@dataclass
class Keeper:
    """Holds what the rules need; `reason` answers them."""

    tree: Tree
    files: dict[str, FileIndex]
    mentions: Mentions
    public: bool
    """The person said that public names may go as well."""
    classes: dict[str, list[Class]] = field(default_factory=dict[str, list[Class]])
    exported: set[str] = field(default_factory=set[str])
    starred: set[str] = field(default_factory=set[str])
    """Modules (dotted) of which a package's `__init__` imports everything."""
    contracts: set[str] = field(default_factory=set[str])
    """Names of methods that a Protocol or an ABC demands."""
    looked_up: dict[str, str] = field(default_factory=dict[str, str])
    """Classes (by name) whose members are looked up by computed names, and where."""
    listed: dict[str, str] = field(default_factory=dict[str, str])
    """Modules (by path) whose members are looked up by computed names, and where."""
    patterns: re.Pattern[str] | None = None
    open_library: bool = False
    """A library by its packaging that re-exports little: users import its modules one by one."""
    registers: set[str] = field(default_factory=set[str])
    """Classes whose subclasses are known to somebody at run time."""

    lists_subclasses: bool = False

    def __post_init__(self) -> None:
        references = (r for f in self.files.values() for r in f.references)
        self.lists_subclasses = any(r.name == "__subclasses__" for r in references)
        self._learn_classes()
        self._learn_exports()
        for file in self.files.values():
            self._learn_lookups(file)
        templates = {t for f in self.files.values() for t in f.patterns}
        tails = {re.split(r"[.:]", t.rstrip(".:"))[-1] for t in templates}
        if tails:
            self.patterns = re.compile("|".join(re.escape(t).replace(r"\*", r"\w+") for t in sorted(tails)))

    def _learn_classes(self) -> None:
        nodes = [(d.key, n) for f in self.files.values() for d in f.definitions.values() for n in d.nodes]
        classes = [(key, node) for key, node in nodes if isinstance(node, ast.ClassDef)]
        names = {node.name for _, node in classes}
        for key, node in classes:
            bases = [last_name(b) for b in node.bases]
            external = [b for b in node.bases if last_name(b) not in names]
            if node.keywords and last_name(node.keywords[0].value) not in {"ABCMeta", "EnumMeta", "True", "False"}:
                external += [k.value for k in node.keywords]
            self.classes.setdefault(node.name, []).append(Class(key, bases, external))
            members = [n for n in node.body if isinstance(n, Function)]
            if "Protocol" in bases or any("abstract" in last_name(d) for m in members for d in m.decorator_list):
                self.contracts.update(m.name for m in members)
            if any(m.name == "__init_subclass__" for m in members) or (node.keywords and "Protocol" not in bases):
                self.registers.add(node.name)

    def _learn_exports(self) -> None:
        for file in self.files.values():
            self.exported |= file.exports
            if file.path.endswith("__init__.py"):
                self.exported.update(i.local for i in file.imports if not i.local.startswith("_"))
                self.starred.update(file.stars)
        self.exported |= self.mentions.documented
        setup = self.files.get("setup.py")
        said = {s for s in setup.strings if "::" in s} if setup else set[str]()
        if self.mentions.is_library or any(map(is_library, said)):
            self.open_library = self._shown() < 0.25

    def _shown(self) -> float:
        """The share of public functions and classes that can be had from a package itself."""
        shown = public = 0
        own = {self.tree.dotted(path) for path in self.files}
        for path, file in self.files.items():
            dotted = self.tree.dotted(path)
            if not self.tree.changeable(path) or not self.tree.in_package(path):
                continue
            names = sum(d.kind in {"function", "class"} and not d.name.startswith("_") for d in _top(file))
            if path.endswith("__init__.py"):
                shown += names + sum(i.module in own for i in file.imports if i.name)
            elif not re.search(r"(^|\.)_", dotted):
                starred = any(dotted in f.stars for p, f in self.files.items() if p.endswith("__init__.py"))
                public, shown = public + names, shown + (names if starred else 0)
        return shown / max(public, shown, 1) if public else 1

    def _learn_lookups(self, file: FileIndex) -> None:
        for look in file.lookups:
            where = str(look.context)
            if look.target == "":
                self.listed.setdefault(file.path, where)
                continue
            if look.on_self:
                for name in look.context.qualname.split("."):
                    self._look_up(name, where)
                continue
            wanted = {look.target, *file.holds.get(look.target, set())}
            wanted |= {i.name or i.module for i in file.imports if i.local == look.target}
            wanted |= {i.module for i in file.imports if i.local == look.target and i.name is None}
            stems = {w.split(".")[-1] for w in wanted}
            known = False
            for path in self.files:
                pure = PurePosixPath(path)
                if (pure.parent.name if pure.stem == "__init__" else pure.stem) in stems:
                    self.listed.setdefault(path, where)
                    known = True
            like = {s.replace("_", "").lower() for s in stems}
            for name in self.classes:
                if name.lower() in like and not (look.of_instance and name not in stems):
                    self._look_up(name, where)
                    known = True
            if not known and not look.of_instance:
                self._unknown_target(file, where, bool(wanted & {"import_module", "__import__"}))

    def _unknown_target(self, file: FileIndex, where: str, loaded: bool) -> None:
        """Could be any of the file's own classes; what was imported by a name in a string, one of those modules."""
        for definition in file.definitions.values():
            if definition.kind == "class":
                self._look_up(definition.name, where)
        for path in self.files if loaded else ():
            dotted = self.tree.dotted(path)
            if "." in dotted and any(dotted == s or s.startswith(dotted + ":") for s in file.strings):
                self.listed.setdefault(path, where)

    def _look_up(self, name: str, where: str) -> None:
        """A class, and all that inherit from it or that it inherits from."""
        todo = deque([name])
        while todo:
            current = todo.popleft()
            if current in self.looked_up or current not in self.classes:
                continue
            self.looked_up[current] = where
            todo.extend(b for c in self.classes[current] for b in c.bases)
            todo.extend(n for n, cs in self.classes.items() if any(current in c.bases for c in cs))

    def ancestors(self, name: str) -> tuple[set[str], list[ast.expr]]:
        """Names of a class's ancestors in the repo, and the bases from outside that end the lines."""
        seen: set[str] = set()
        external: list[ast.expr] = []
        todo = [name]
        while todo:
            for known in self.classes.get(todo.pop(), []):
                external += known.external
                todo += [b for b in known.bases if b not in seen]
                seen.update(b for b in known.bases if b in self.classes)
        return seen, external

    def reason(self, item: Definition) -> str | None:
        """None: no rule keeps it."""
        if not self.tree.changeable(item.key.path):
            return "in a file that is not to be changed"
        if item.name.startswith("__") and item.name.endswith("__"):
            return "a special name of Python's"
        if item.name == "_" or item.conditional:
            return "for type checkers only" if item.conditional else "a name of convention"
        return (
            self._marked(item)
            or self._looked_up(item)
            or self._by_kind(item)
            or self._public(item)
            or self._named(item)
        )

    def _named(self, item: Definition) -> str | None:
        where = self.mentions.names.get(item.name)
        return f"named in {where}" if where else None

    def _marked(self, item: Definition) -> str | None:
        lines = self.files[item.key.path].lines
        if item.nodes and _FOR_OTHERS.search(_comment(lines, item.line)):
            return "a comment says that it is kept for others"
        for node in item.nodes:
            if re.search(
                r"#.*(noqa|pragma: keep|vulture)", lines[node.lineno - 1] if node.lineno <= len(lines) else ""
            ):
                return "marked with a comment"
            for decorator in getattr(node, "decorator_list", []):
                if last_name(decorator) not in _PLAIN_DECORATORS:
                    return f"decorated with @{ast.unparse(decorator).partition('(')[0]}, which may register it"
        return None

    def _looked_up(self, item: Definition) -> str | None:
        if self.patterns is not None and self.patterns.fullmatch(item.name):
            return "its name fits one that is put together at run time"
        top = "." not in item.key.qualname
        if top and item.key.path in self.listed:
            return f"its module's names are looked up at run time ({self.listed[item.key.path]})"
        owner = item.parent.qualname.split(".")[-1]
        if item.kind == "method" and owner in self.looked_up:
            return f"its class's names are looked up at run time ({self.looked_up[owner]})"
        return None

    def _by_kind(self, item: Definition) -> str | None:
        match item.kind:
            case "method":
                return self._method(item)
            case "class":
                return self._class(item)
            case "constant":
                settings = PurePosixPath(item.key.path).stem in _SETTINGS and item.name.isupper()
                return "a setting" if settings else None
            case _:
                if _HOOK.match(item.name):
                    return "a hook by its name"
                return "a usual entry point by its name" if item.name in _FACE_FUNCTIONS else None

    def _method(self, item: Definition) -> str | None:
        if item.name in self.contracts:
            return "a Protocol or an ABC demands it"
        if _HOOK.match(item.name):
            return "a hook by its name"
        if item.name in _DUCKS:
            return "part of a usual interface (file, mapping, handler …)"
        owner = item.parent.qualname.split(".")[-1]
        inherited, external = self.ancestors(owner)
        if "Protocol" in {b for n in (owner, *inherited) for c in self.classes.get(n, []) for b in c.bases}:
            return "member of a Protocol"
        for base in external:
            if last_name(base) in _PLAIN_BASES:
                continue
            names = _names_of(base, self.files[item.key.path])
            if names is None:
                return f"may override one of {ast.unparse(base)}'s"
            if item.name in names:
                return f"overrides {ast.unparse(base)}.{item.name}"
        return None

    def _class(self, item: Definition) -> str | None:
        if item.name in _INNER_CLASSES and item.parent.qualname:
            return "a settings class by its name"
        ancestors, external = self.ancestors(item.name)
        if ancestors & self.registers:
            return "its base class registers those that inherit from it"
        for base in external:
            if last_name(base) not in _PLAIN_BASES and _names_of(base, self.files[item.key.path]) is None:
                return f"{ast.unparse(base)}, from outside, may register it"
        return "subclasses are listed at run time (__subclasses__)" if self.lists_subclasses and ancestors else None

    def _public(self, item: Definition) -> str | None:
        if self.public or item.name.startswith("_"):
            return None
        top = "." not in item.key.qualname
        pure = PurePosixPath(item.key.path)
        if top and self.open_library and self.is_open(item.key.path):
            return "public: a library whose modules are imported one by one"
        if top and (pure.name == "__init__.py" or pure.stem in _LIBRARY_FACES or self._is_distributed_module(item.key)):
            return "public: part of the package's face"
        dotted = self.tree.dotted(item.key.path)
        if top and dotted in self.starred:
            return "public: a package's __init__ imports all of its module"
        if top and dotted in self.mentions.modules and (self.mentions.shows_all or _has_doc(item)):
            return "public: its module is documented whole"
        owner = item.parent.qualname.split(".")[-1]
        if item.kind == "method" and (owner in self.exported or self._on_face(item.parent)):
            return "public: a method of a public class"
        return None

    def is_open(self, path: str) -> bool:
        """A module that users of a library without a face of its own import by name."""
        return self.open_library and not any(part.startswith("_") for part in self.tree.dotted(path).split("."))

    def _on_face(self, owner: Key) -> bool:
        if self.is_open(owner.path) and not owner.qualname.startswith("_"):
            return True
        return owner.path.endswith("__init__.py") or self.tree.dotted(owner.path) in self.mentions.modules

    def _is_distributed_module(self, key: Key) -> bool:
        """A single module that the packaging files name."""
        stem = PurePosixPath(key.path).stem
        if self.tree.in_package(key.path):
            return False
        if self.mentions.names.get(stem, "").endswith(("pyproject.toml", "setup.cfg")):
            return True
        setup = self.files.get("setup.py")
        return setup is not None and stem in setup.strings


def _top(file: FileIndex) -> list[Definition]:
    return [d for d in file.definitions.values() if "." not in d.key.qualname]


def _has_doc(item: Definition) -> bool:
    """Documentation of a whole module shows what has a docstring."""
    return item.kind == "constant" or any(docstring(node) is not None for node in item.nodes)


def _names_of(base: ast.expr, file: FileIndex) -> set[str] | None:
    """The attributes of a base class from the standard library; None when it isn't from there."""
    name = last_name(base)
    if isinstance(base, ast.Name) and isinstance(getattr(builtins, name, None), type):
        return set(dir(getattr(builtins, name)))
    root = ast.unparse(base).partition(".")[0].partition("[")[0]
    for imported in file.imports:
        if imported.local != root or imported.module.partition(".")[0] not in sys.stdlib_module_names:
            continue
        found = getattr(importlib.import_module(imported.module), name, None)
        return set(dir(found)) if isinstance(found, type) else None
    return None
