"""What is reached from what runs; the rest is dead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from .index import Definition, FileIndex, Imported, Key, Reference, index_file
from .keep import Keeper
from .mentions import Mentions
from .tree import Role, Tree


@dataclass
class Dead:
    """What can go (modules as definitions with an empty qualname), and what nothing refers to but must stay."""

    items: dict[Key, Definition]
    kept: dict[Key, tuple[Definition, str]]
    users: dict[Key, set[Key]]
    """Of each dead item: the dead items that refer to it."""
    unused_aliases: dict[Key, list[tuple[str, Imported]]]
    """Of each dead item: the imports elsewhere which must go with it."""


_cache: dict[tuple[str, bytes], FileIndex] = {}


def index_all(tree: Tree) -> tuple[dict[str, FileIndex], list[str]]:
    """Also returns the files that can't be parsed; they are left alone, and so is all that they mention."""
    files: dict[str, FileIndex] = {}
    broken: list[str] = []
    for path, data in tree.python.items():
        if (path, data) not in _cache:
            try:
                _cache[path, data] = index_file(path, data, tree.dotted(path))
            except (SyntaxError, ValueError, RecursionError):
                broken.append(path)
                continue
        files[path] = _cache[path, data]
    return files, broken


def find_dead(tree: Tree, files: dict[str, FileIndex], mentions: Mentions, *, public: bool, blocked: set[Key]) -> Dead:
    """Everything that no live code refers to and no rule keeps. `blocked` is what the checks were seen to need."""
    keeper = Keeper(tree, files, mentions, public)
    return _Marking(tree, files, mentions, keeper, blocked).run()


@dataclass
class _Marking:
    tree: Tree
    files: dict[str, FileIndex]
    mentions: Mentions
    keeper: Keeper
    blocked: set[Key]
    live: set[Key] = field(default_factory=set[Key])
    refs: dict[str, list[Reference]] = field(default_factory=lambda: defaultdict(list))
    aliases: dict[str, list[tuple[str, Imported]]] = field(default_factory=lambda: defaultdict(list))
    loads: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Names imported by each file."""
    starred: set[str] = field(default_factory=set[str])
    importers: dict[str, list[tuple[str, Key]]] = field(default_factory=lambda: defaultdict(list))

    def run(self) -> Dead:
        self._learn()
        definitions = {k: d for f in self.files.values() for k, d in f.definitions.items()}
        for path, file in self.files.items():
            if file.definitions and not self.importers[path] and (loader := self._loader(path)):
                self.keeper.listed.setdefault(path, f"{loader} loads it by a computed name")
        reasons = {
            k: "the checks need it" if k in self.blocked else self.keeper.reason(d) for k, d in definitions.items()
        }
        self.live |= {Key(path, "") for path in self.files if not self._can_be_dead_module(path)}
        waiting = dict(definitions)
        asleep = {Key(p, "") for p in self.files} - self.live
        while True:
            woken = {k for k, d in waiting.items() if d.parent in self.live and (reasons[k] or self._referred(d))}
            modules = {m for m in asleep if any(at in self.live for _, at in self.importers[m.path])}
            if not woken and not modules:
                break
            self.live |= woken | modules
            asleep -= modules
            for key in woken:
                del waiting[key]
        return self._result(definitions, reasons, waiting, asleep)

    def _learn(self) -> None:
        by_tail: dict[str, list[str]] = defaultdict(list)
        for path in self.files:
            by_tail[_tail(path)].append(path)
        for path, file in self.files.items():
            for ref in file.references:
                self.refs[ref.name].append(ref)
            for imported in file.imports:
                if imported.name is not None:
                    self.aliases[imported.name].append((path, imported))
                    self.loads[path].add(imported.name)
                self._connect(imported, by_tail)
            for star in file.stars:
                self.starred.add(path)
                self._connect(Imported(star, None, "*", Key(path, ""), 1, guarded=False, renamed=False), by_tail)

    def _connect(self, imported: Imported, by_tail: dict[str, list[str]]) -> None:
        """Any file whose path could answer to the import counts as imported."""
        wholes = [imported.module] + ([f"{imported.module}.{imported.name}"] if imported.name else [])
        for whole in wholes:
            parts = [p for p in whole.split(".") if p]
            for length in range(1, len(parts) + 1):
                for path in by_tail.get(parts[length - 1], []):
                    if f"/{_unsuffixed(path)}".endswith("/" + "/".join(parts[:length])):
                        self.importers[path].append((imported.local, imported.context))

    def _can_be_dead_module(self, path: str) -> bool:
        file, pure = self.files[path], PurePosixPath(path)
        if self.tree.roles[path] is not Role.SOURCE or not self.tree.in_package(path) or Key(path, "") in self.blocked:
            return False
        if pure.name in {"__init__.py", "__main__.py", "conftest.py"} or file.is_script or not file.definitions:
            return False
        if not self.keeper.public and ((file.has_all and file.exports) or self.keeper.is_open(path)):
            return False
        return self._module_named(path) is None

    def _module_named(self, path: str) -> str | None:
        """Where a module is named other than by importing it."""
        dotted, stem = self.tree.dotted(path), PurePosixPath(path).stem
        mention = self.mentions.module_mentioned(dotted, stem)
        if self.keeper.patterns is not None and self.keeper.patterns.fullmatch(stem):
            return "its name fits one that is put together at run time"
        if mention or dotted in self.mentions.modules:
            return f"named in {mention or 'the documentation'}"
        for other, file in self.files.items():
            if other == path:
                continue
            for text in file.strings:
                if stem in text and (
                    text == stem or dotted in text or f"{stem}.py" in text or text.endswith((f".{stem}", f"/{stem}"))
                ):
                    return f"named in a string in {other}"
        loader = self._loader(path)
        return f"{loader} loads modules by computed names" if loader else None

    def _loader(self, path: str) -> str | None:
        """A file that imports modules by computed names and may mean this one."""
        dotted = self.tree.dotted(path)
        loaders = (other for other, file in self.files.items() if file.loads and other != path)
        return next((other for other in loaders if self._could_load(other, path, dotted)), None)

    def _could_load(self, loader: str, path: str, dotted: str) -> bool:
        """Whether a file that imports by computed names may mean this one. A name that is wholly unknown counts
        only where the file lists a folder: else it comes from a string, which is looked at on its own.
        """
        here = loader.rpartition("/")[0]
        for pattern in self.files[loader].loads:
            if pattern == ".":
                if here == path.rpartition("/")[0]:
                    return True
                if path.startswith(here + "/") and self.tree.roles[loader] is not Role.TEST:
                    return True
            elif fnmatchcase(dotted, pattern) or fnmatchcase(f".{dotted}", pattern):
                return True
        return False

    def _referred(self, item: Definition) -> bool:
        return any(r.context in self.live and self._reaches(r, item) for r in self.refs[item.name]) or any(
            imported.context in self.live and self._counts(path, imported, item)
            for path, imported in self.aliases[item.name]
        )

    def _reaches(self, ref: Reference, item: Definition) -> bool:
        """Whether a reference by that name can mean this one. A bare name can't mean a thing of another file
        unless that file imports it, and never a method outside its class's own body.
        """
        if ref.how in {"attribute", "text"}:
            return True
        if ref.how == "keyword":
            return item.kind == "method"
        if item.kind == "method":
            return ref.context == item.parent
        return ref.context.path == item.key.path or ref.context.path in self.starred

    def _counts(self, path: str, imported: Imported, item: Definition) -> bool:
        """Whether an import of that name keeps it: not when the importing file makes no use of it."""
        if item.kind == "method" or path == item.key.path:
            return False
        if (
            not self.tree.changeable(path)
            or path.endswith("__init__.py")
            or imported.guarded
            or imported.renamed
            or imported.local in self.files[path].exports
            or "#" in self.files[path].lines[imported.line - 1]
        ):
            return True
        if any(
            other != path and i is not imported and i.local == imported.local and self._from(i, path)
            for other, i in self.aliases[imported.local]
        ):
            return True
        return any(
            r.context in self.live and (r.how != "name" or r.context.path == path) and r.how != "keyword"
            for r in self.refs[imported.local]
        )

    def _from(self, imported: Imported, path: str) -> bool:
        """Whether this imports from the file at `path`."""
        return imported.module.split(".")[-1] == _tail(path)

    def _result(
        self,
        definitions: dict[Key, Definition],
        reasons: dict[Key, str | None],
        waiting: dict[Key, Definition],
        asleep: set[Key],
    ) -> Dead:
        items = {k: d for k, d in waiting.items() if d.parent in self.live}
        for module in asleep:
            items[module] = self._module(module.path)
        users: dict[Key, set[Key]] = {k: set() for k in items}
        unused: dict[Key, list[tuple[str, Imported]]] = {k: [] for k in items}
        for key, item in items.items():
            if item.kind == "module":
                users[key] = {self._owner(at, items) for _, at in self.importers[key.path]} - {key}
                continue
            users[key] = {self._owner(r.context, items) for r in self.refs[item.name] if self._reaches(r, item)}
            unused[key] = [(p, i) for p, i in self.aliases[item.name] if p != key.path and i.context in self.live]
            users[key] |= {self._owner(i.context, items) for _, i in self.aliases[item.name]}
            users[key] = {u for u in users[key] if u in items} - {key}
        kept = {
            k: (definitions[k], why)
            for k, why in reasons.items()
            if why and k in self.live and self.tree.changeable(k.path) and not self._referred(definitions[k])
        }
        kept |= {Key(path, ""): (self._module(path), why) for path, why in self._spared_modules()}
        return Dead(items, kept, users, unused)

    def _module(self, path: str) -> Definition:
        key = Key(path, "")
        return Definition(key, PurePosixPath(path).stem, "module", key, [], conditional=False)

    def _spared_modules(self) -> Iterator[tuple[str, str]]:
        """Modules that nothing imports and that stay all the same."""
        for path, file in self.files.items():
            ordinary = self.tree.changeable(path) and self.tree.in_package(path) and not file.is_script
            special = PurePosixPath(path).name in {"__init__.py", "__main__.py"} or not file.definitions
            if ordinary and not special and not self.importers[path] and Key(path, "") in self.live:
                named = self._module_named(path)
                blocked = Key(path, "") in self.blocked
                yield path, "the checks need it" if blocked else named or "public: part of the package's face"

    def _owner(self, context: Key, items: dict[Key, Definition]) -> Key:
        """The dead item that a context lies in (or the context itself)."""
        parts = context.qualname.split(".") if context.qualname else []
        for length in range(len(parts) + 1):
            key = Key(context.path, ".".join(parts[:length]))
            if key in items:
                return key
        return context


def _unsuffixed(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__")


def _tail(path: str) -> str:
    return _unsuffixed(path).rpartition("/")[2]
