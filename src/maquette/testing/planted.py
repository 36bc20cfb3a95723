"""Plants dead code in a package, and live code that looks dead; then judges what somebody removed.

For measuring whoever claims to find dead code: how much of it they found, and whether they hurt anything.
"""

from __future__ import annotations

import ast
import random
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from maquette.testing.places import after_return, false_branch, is_plain_module, largest_package, texts
from maquette.testing.seeds import STDLIB, Names, dead_class, dead_module, front, function, registry


@dataclass(frozen=True)
class Planted:
    """`name` is qualified by the class; for a branch it is a word that only it holds, for a module it is empty.

    `kind` is function, method, class, constant, import, branch or module; for live ones what keeps it alive.
    """

    path: str
    name: str
    kind: str


@dataclass(frozen=True)
class Judgement:
    """`recall` is the share of the dead that is gone, 0 to 1."""

    recall: float
    deleted_decoys: list[Planted]
    missed: list[Planted]


@dataclass
class Planting:
    """What was planted where."""

    package: str
    dead: list[Planted] = field(default_factory=list[Planted])
    live: list[Planted] = field(default_factory=list[Planted])

    def judge(self, repo: Path) -> Judgement:
        """Looks for each in the repo as it is now."""
        missed = [item for item in self.dead if is_there(repo, item)]
        deleted = [item for item in self.live if not is_there(repo, item)]
        return Judgement(1 - len(missed) / max(len(self.dead), 1), deleted, missed)


def is_there(repo: Path, item: Planted) -> bool:
    """Whether something planted can still be found."""
    path = repo / item.path
    if not path.is_file():
        return False
    text = path.read_text("utf-8")
    if not item.name:
        return True
    if not item.path.endswith(".py") or item.kind == "branch":
        return re.search(rf"\b{re.escape(item.name)}\b", text) is not None
    return item.name in _bound(ast.parse(text))


def _bound(tree: ast.Module) -> set[str]:
    """Qualified names of all that a module defines, and what its imports bind."""
    found: set[str] = set()

    def walk(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            match child:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    found.add(prefix + name)
                    walk(child, f"{prefix}{name}.")
                case ast.Name(id=name, ctx=ast.Store()):
                    found.add(prefix + name)
                case ast.alias(name=name, asname=asname):
                    found.add(asname or name.partition(".")[0])
                case _:
                    walk(child, prefix)

    walk(tree, "")
    return found


def plant(repo: Path, seed: int) -> Planting:
    """Changes files of the repo's largest package and adds some; adds them to git's index if there is one.

    The same repo and seed give the same planting. Raises `places.NoPackage`.
    """
    gardener = _Gardener(repo, random.Random(seed))
    gardener.plant_live()
    gardener.plant_dead()
    if (repo / ".git").exists():
        subprocess.run(["git", "add", "-A"], cwd=repo, check=True, capture_output=True)
    return gardener.planting


class _Gardener:
    def __init__(self, repo: Path, chance: random.Random) -> None:
        self.repo, self.chance = repo, chance
        self.folder = largest_package(repo)
        self.package = self.folder.name
        self.planting = Planting(self.package)
        self.said = "\n".join(p.read_text("utf-8", "replace") for p in texts(repo))
        self.names = Names(chance, self.said)
        modules = [p for p in sorted(self.folder.rglob("*.py")) if is_plain_module(p.relative_to(self.folder))]
        self.modules = modules or [self.folder / "__init__.py"]
        self.imported = [path for path in self.modules if self._is_imported(path)] or self.modules
        face = (self.folder / "__init__.py").read_text("utf-8")
        self.bare = "import" not in face and "Developers" in self.said
        self.face = {p for p in self.modules if p.name == "__init__.py"}

    def plant_live(self) -> None:
        """A module of indirections, what it reaches, and a few in the package's own files."""
        roles = [
            "registry",
            "register",
            "effects",
            "only_type",
            "by_string",
            "by_string_function",
            "steps",
            "prefix",
            "step_a",
            "step_b",
            "in_format",
            "encoder",
            "visitor",
            "speaks",
            "demanded",
            "speaker",
            "registered",
            "base",
            "subclass",
            "global_prefix",
            "global_a",
            "front",
            "plugins",
            "plugin",
            "module",
            "in_all",
            "in_readme",
            "re_exported",
            "in_template",
            "entry",
            "fixture",
        ]
        camel = {"only_type", "steps", "encoder", "visitor", "speaks", "speaker", "base", "subclass"}
        n = {role: self.names.camel() if role in camel else self.names.snake() for role in roles}
        files = {
            f"{n['module']}.py": front(self.package, n),
            f"{n['registry']}.py": registry(n),
            f"{n['by_string']}.py": function(n["by_string_function"], self.chance),
            f"{n['effects']}.py": f"from {self.package}.{n['registry']} import KNOWN\n\nKNOWN['effects'] = repr\n",
            f"{n['plugins']}/__init__.py": "",
            f"{n['plugins']}/{n['plugin']}.py": f"from {self.package}.{n['registry']} import {n['register']}\n\n\n"
            f"@{n['register']}\ndef {n['plugin']}(row):\n    return row\n",
            f"{n['in_all']}_api.py": f'__all__ = ["{n["in_all"]}"]\n\n\n' + function(n["in_all"], self.chance),
        }
        for name, text in files.items():
            (self.folder / name).parent.mkdir(exist_ok=True)
            (self.folder / name).write_text(text, "utf-8")
        module = f"{n['module']}.py"
        for name, why in (
            ("front", "re-exported"), ("registered", "registered by a decorator"),
            ("subclass", "registered by inheriting"),
        ):  # fmt: skip
            self._live(module, n[name], why)
        self._live(module, f"_{n['global_prefix']}_{n['global_a']}", "looked up in globals()")
        self._live(module, n["only_type"], "imported for annotations")
        for step in ("step_a", "step_b"):
            self._live(module, f"{n['steps']}.{n['prefix']}_{n[step]}", "getattr with a name put together")
        self._live(module, f"{n['steps']}.{n['in_format']}", "named in a format string")
        self._live(module, f"{n['encoder']}.default", "overrides an inherited method")
        self._live(module, f"{n['visitor']}.visit_Call", "called by the name of a node")
        self._live(module, f"{n['speaker']}.{n['demanded']}", "demanded by a Protocol")
        self._live(f"{n['by_string']}.py", n["by_string_function"], "named in a string")
        self._live(f"{n['effects']}.py", "", "imported for its effect")
        self._live(f"{n['plugins']}/{n['plugin']}.py", n["plugin"], "a plugin that pkgutil finds")
        self._live(f"{n['in_all']}_api.py", n["in_all"], "in __all__")
        self._re_export(n)
        self._outside(n)

    def _live(self, name: str, what: str, why: str) -> None:
        path = (self.folder / name).relative_to(self.repo).as_posix()
        self.planting.live.append(Planted(path, what, why))

    def _re_export(self, n: dict[str, str]) -> None:
        """Through the package's own `__init__`, as most libraries do."""
        home = self._any_module()
        self._append(home, function(n["re_exported"], self.chance))
        lines = [f"from {self.package}.{n['module']} import {n['front']}"]
        if home.name != "__init__.py":
            dotted = ".".join([self.package, *home.relative_to(self.folder).with_suffix("").parts])
            lines.append(f"from {dotted} import {n['re_exported']}")
        init = self.folder / "__init__.py"
        text = init.read_text("utf-8")
        init.write_text(text.rstrip("\n") + "\n\n" + "\n".join(lines) + "\n", "utf-8")
        self.planting.live.append(Planted(home.relative_to(self.repo).as_posix(), n["re_exported"], "re-exported"))

    def _outside(self, n: dict[str, str]) -> None:
        """What documentation, a template, packaging and the tests know of."""
        for role, name, text, why in (
            ("in_readme", "PLANTED.md", "Call `{}` when in doubt.\n", "named in documentation"),
            ("in_template", "planted.html", "<p>{{{{ page.{}() }}}}</p>\n", "named in a template"),
            ("entry", "planted.cfg", "[plugins]\nplanted = {}\n", "named in a configuration"),
        ):
            home = self.chance.choice(self.imported)
            (self.repo / name).write_text(text.format(n[role]), "utf-8")
            self._append(home, function(n[role], self.chance))
            self.planting.live.append(Planted(home.relative_to(self.repo).as_posix(), n[role], why))
        project = self.repo / "pyproject.toml"
        if project.is_file() and re.search(r"^\[project\]", project.read_text("utf-8"), re.M):
            home, name = self._any_module(), self.names.snake()
            dotted = ".".join([self.package, *home.relative_to(self.folder).with_suffix("").parts]).removesuffix(
                ".__init__"
            )
            self._append(home, function(name, self.chance))
            with project.open("a", encoding="utf-8") as file:
                file.write(f'\n[project.entry-points."planted.plugins"]\nplanted = "{dotted}:{name}"\n')
            self.planting.live.append(Planted(home.relative_to(self.repo).as_posix(), name, "entry point"))
        tests = next((p for p in (self.repo / "tests", self.folder / "tests") if p.is_dir()), None)
        if tests is not None:
            conftest = tests / "conftest.py"
            old = conftest.read_text("utf-8") if conftest.exists() else ""
            fixture = f"\n\nimport pytest as _pytest\n\n\n@_pytest.fixture\ndef {n['fixture']}():\n    return 1\n"
            conftest.write_text(old.rstrip("\n") + fixture, "utf-8")
            self.planting.live.append(Planted(conftest.relative_to(self.repo).as_posix(), n["fixture"], "fixture"))

    def plant_dead(self) -> None:
        for _ in range(4):
            self._dead_function()
        for _ in range(2):
            self._dead_pair()
            self._dead_class()
            self._dead_branch(false_branch)
            self._dead_branch(after_return)
        for _ in range(3):
            self._dead_method()
            self._dead_import()
        self._dead_constant()
        self._dead_module()

    def _add(self, path: Path, name: str, kind: str) -> None:
        self.planting.dead.append(Planted(path.relative_to(self.repo).as_posix(), name, kind))

    def _any_module(self) -> Path:
        return self.chance.choice(self.modules)

    def _is_imported(self, path: Path) -> bool:
        """Whether something says so: in a module that nothing imports, nothing lives."""
        others = [other for other in self.modules if other != path]
        said = re.compile(rf"^\s*(?:from|import)\b.*\b{re.escape(path.stem)}\b", re.M)
        return path.name == "__init__.py" or any(said.search(other.read_text("utf-8", "replace")) for other in others)

    def _private(self, path: Path, name: str) -> str:
        """What stands in a package's `__init__` is public unless its name says otherwise."""
        return f"_{name}" if self._is_face(path) else name

    def _is_face(self, path: Path) -> bool:
        """A package's `__init__`, a module of which it imports everything, one that the documentation shows whole;
        in a library whose `__init__` imports nothing, each module.
        """
        if self.bare or self._is_starred(path):
            return True
        dotted = re.escape(".".join([self.package, *path.relative_to(self.folder).with_suffix("").parts]))
        return path in self.face or re.search(rf"(automodule::|:::)\s*{dotted}\b", self.said) is not None

    def _is_starred(self, path: Path) -> bool:
        inits = "\n".join(p.read_text("utf-8") for p in self.folder.rglob("__init__.py"))
        return re.search(rf"\b{path.stem} import \*", inits) is not None

    def _append(self, path: Path, text: str) -> None:
        old = path.read_text("utf-8")
        path.write_text(old.rstrip("\n") + "\n\n\n" + text, "utf-8")

    def _dead_function(self) -> None:
        path = self._any_module()
        name = self._private(path, self.names.snake())
        self._append(path, function(name, self.chance))
        self._add(path, name, "function")

    def _dead_pair(self) -> None:
        """A function and a helper that only it calls."""
        path = self._any_module()
        name, helper = self._private(path, self.names.snake()), f"_{self.names.snake()}"
        self._append(path, function(helper, self.chance) + "\n\n" + function(name, self.chance, calls=helper))
        self._add(path, name, "function")
        self._add(path, helper, "function")

    def _dead_class(self) -> None:
        path = self._any_module()
        name = self._private(path, self.names.camel())
        self._append(path, dead_class(name, self.names.snake(), self.chance))
        self._add(path, name, "class")

    def _dead_constant(self) -> None:
        path = self._any_module()
        name = f"_{self.names.snake().upper()}"
        self._append(path, f"{name} = {{\n    'a': 1,\n    'b': 2,\n}}\n")
        self._add(path, name, "constant")

    def _dead_module(self) -> None:
        path = self.folder / f"{self.names.snake()}.py"
        path.write_text(dead_module((self.names.snake(), self.names.snake(), self.names.snake()), self.chance), "utf-8")
        self._add(path, "", "module")

    def _dead_import(self) -> None:
        for path in self._shuffled():
            text = path.read_text("utf-8")
            free = [m for m in STDLIB if not re.search(rf"\b{m}\b", self.said + text)]
            imports = [n for n in ast.parse(text).body if isinstance(n, ast.Import | ast.ImportFrom)]
            if free and imports and not self._is_starred(path):
                name = self.chance.choice(free)
                lines = text.splitlines(keepends=True)
                lines.insert(imports[-1].end_lineno or imports[-1].lineno, f"import {name}\n")
                path.write_text("".join(lines), "utf-8")
                self._add(path, name, "import")
                return

    def _dead_method(self) -> None:
        """At the end of a class; with an underscore where the class is known outside."""
        for path in self._shuffled():
            text = path.read_text("utf-8")
            classes = [
                c
                for c in ast.parse(text).body
                if isinstance(c, ast.ClassDef) and self._is_plain(c) and c.name in self.said
            ]
            if not classes:
                continue
            owner = self.chance.choice(classes)
            known = self._is_face(path) or re.search(rf"\b{owner.name}\b", self._shown()) is not None
            name = ("_" if known else "") + self.names.snake()
            lines = text.splitlines(keepends=True)
            body = "".join(
                f"    {line}\n" if line else "\n" for line in function(name, self.chance, method=True).splitlines()
            )
            lines.insert(owner.end_lineno or 0, f"\n{body}")
            path.write_text("".join(lines), "utf-8")
            self._add(path, f"{owner.name}.{name}", "method")
            return

    def _is_plain(self, node: ast.ClassDef) -> bool:
        """Indented by four, without bases, decorators or computed attributes that could make its methods live."""
        text = ast.unparse(node)
        last = node.body[-1]
        return (
            not node.bases and not node.keywords and not node.decorator_list and last.col_offset == 4
            and not re.search(r"getattr|__dict__|dir\(|vars\(", text) and (last.end_lineno or 0) > last.lineno
        )  # fmt: skip

    def _shown(self) -> str:
        """The package's face and its documentation."""
        inits = [p.read_text("utf-8") for p in self.folder.rglob("__init__.py")]
        docs = [p.read_text("utf-8", "replace") for p in texts(self.repo) if p.suffix in {".md", ".rst", ".txt"}]
        return "\n".join([*inits, *docs])

    def _dead_branch(self, make: Callable[[ast.FunctionDef, str], tuple[int, str] | None]) -> None:
        for path in self._shuffled():
            text = path.read_text("utf-8")
            functions = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef)]
            self.chance.shuffle(functions)
            word = self.names.snake()
            for node in functions:
                made = make(node, word)
                if made is not None:
                    lines = text.splitlines(keepends=True)
                    lines.insert(*made)
                    path.write_text("".join(lines), "utf-8")
                    self._add(path, word, "branch")
                    return

    def _shuffled(self) -> list[Path]:
        return self.chance.sample(self.modules, len(self.modules))
