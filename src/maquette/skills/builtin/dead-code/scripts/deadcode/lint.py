"""What ruff says: unused imports and variables, and names that a removal would leave undefined."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import TypedDict

from ruff import find_ruff_bin

from .index import FileIndex, Imported, Key
from .mentions import Mentions
from .removal import Removal
from .surgery import Cut
from .syntax import is_pure
from .tree import Role, Tree

_SIDE_EFFECTS = {"readline", "rlcompleter", "antigravity", "this", "site", "turtle", "idlelib", "__future__"}
_FACES = {"compat", "_compat", "api", "types", "_types", "typing"}


class _Place(TypedDict):
    row: int
    column: int


class Finding(TypedDict):
    """One of ruff's findings, as its JSON has it."""

    code: str | None
    message: str
    filename: str
    location: _Place


def ruff(root: Path, paths: Sequence[str], codes: str, *, isolated: bool = False) -> list[Finding]:
    """Runs ruff with the project's own settings (its exceptions are evidence), or without when it can't."""
    if not paths:
        return []
    command = [
        find_ruff_bin(),
        "check",
        "--no-cache",
        "--no-fix",
        "--exit-zero",
        "--force-exclude",
        "--output-format",
        "json",
    ]
    command += ["--select", codes, *(["--isolated"] if isolated else []), "--", *paths]
    done = subprocess.run(command, cwd=root, capture_output=True, check=False)
    if done.returncode:
        if isolated:
            raise SystemExit(f"ruff failed: {done.stderr.decode(errors='replace').strip()[-300:]}")
        return ruff(root, paths, codes, isolated=True)
    return json.loads(done.stdout)


def undefined(root: Path, paths: Sequence[str]) -> Counter[tuple[str, str]]:
    """Names used but defined nowhere, by file; to be compared before and after."""
    findings = ruff(root, paths, "F821,F822,F823", isolated=True)
    return Counter((str(Path(f["filename"]).relative_to(root.resolve())), f["message"]) for f in findings)


def unused(
    root: Path, tree: Tree, files: dict[str, FileIndex], mentions: Mentions
) -> Iterator[Removal | tuple[str, str]]:
    """Unused imports and variables that can go; (what, why) for those that must stay."""
    paths = [p for p in tree.python if tree.changeable(p) and p in files]
    excused = _flake8_exceptions(root)
    judge = _Imports(tree, files, mentions)
    for finding in ruff(root, paths, "F401,F841"):
        path = Path(finding["filename"]).relative_to(root.resolve()).as_posix()
        row, column = finding["location"]["row"], finding["location"]["column"]
        module = ast.parse(tree.python[path])
        if finding["code"] == "F841":
            removal = _variable(path, module, row)
            if removal is not None:
                yield removal
            continue
        alias, statement = _alias(module, row, column)
        if alias is None or statement is None:
            continue
        local = alias.asname or alias.name.partition(".")[0]
        found = next((i for i in files[path].imports if i.line == statement.lineno and i.local == local), None)
        if found is None:
            continue
        text = ast.unparse(statement) if len(statement.names) == 1 else f"{local} ({ast.unparse(statement)[:60]})"
        why = "flake8's settings excuse it" if _excused(path, excused) else judge.reason(path, found)
        if why is not None:
            yield f"{path}:{row} import of {local}", why
            continue
        yield Removal(
            f"{path}:import:{local}@{found.context.qualname}", "import", text, path, row, 1,
            "ruff: imported but unused (F401)", {path: Cut(aliases={(statement.lineno, local)})},
        )  # fmt: skip


def _variable(path: str, module: ast.Module, row: int) -> Removal | None:
    for function in ast.walk(module):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for block in _blocks(function):
            for node in block:
                target = _target(node)
                alone = sum(other.lineno == row for other in block) == 1
                if target is not None and node.lineno == row and alone and node.lineno != function.lineno:
                    lines = (node.end_lineno or row) - row + 1
                    return Removal(
                        f"{path}:variable:{function.name}.{target}", "variable", f"{function.name}: {target}", path,
                        row, lines, "ruff: assigned but never used (F841)", {path: Cut(spans={(row, row)})},
                    )  # fmt: skip
    return None


def _target(node: ast.stmt) -> str | None:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if is_pure(value):
            return name
        case ast.AnnAssign(target=ast.Name(id=name), value=value) if is_pure(value):
            return name
        case _:
            return None


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for part in ast.walk(node):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(part, name, None)
            if isinstance(block, list):
                yield block  # pyright: ignore[reportUnknownVariableType]  # ast gives lists of statements here


def _alias(module: ast.Module, row: int, column: int) -> tuple[ast.alias | None, ast.Import | ast.ImportFrom | None]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                if alias.lineno == row and (alias.col_offset + 1 == column or len(node.names) == 1):
                    return alias, node
    return None, None


class _Imports:
    """Judges whether an import that ruff calls unused may be there for another reason."""

    def __init__(self, tree: Tree, files: dict[str, FileIndex], mentions: Mentions) -> None:
        self.tree, self.files, self.mentions = tree, files, mentions

    def reason(self, path: str, found: Imported) -> str | None:
        """None: it can go."""
        top = found.module.partition(".")[0]
        stem = PurePosixPath(path).stem
        if found.guarded:
            return "under if or try: its being importable may be what matters"
        if found.renamed or found.local in self.files[path].exports:
            return "exported"
        if "#" in self.files[path].lines[found.line - 1]:
            return "a comment stands beside it"
        if (stem == "__init__" and found.name is not None) or stem in _FACES:
            return "may be re-exported"
        if found.module in _SIDE_EFFECTS or top in _SIDE_EFFECTS:
            return "imported for its effect"
        if self._wanted_elsewhere(path, found):
            return "reached through this module from elsewhere"
        own = self._own(found)
        if own:
            return (
                None
                if all(self._inert(p) or self._also_loaded(p, path) for p in own)
                else "may be imported for its effect"
            )
        if top in sys.stdlib_module_names or self._elsewhere(top, path, found):
            return None
        return "may be imported for its effect"

    def _wanted_elsewhere(self, path: str, found: Imported) -> bool:
        tail = _tail(path)
        for other, file in self.files.items():
            if other == path:
                continue
            if any(i.name == found.local and i.module.split(".")[-1] == tail for i in file.imports):
                return True
            starred = any(s == tail or s.endswith("." + tail) for s in file.stars)
            if starred and not self.files[path].has_all:
                return True
            holds = any((i.name or i.module).split(".")[-1] == tail for i in file.imports)
            if holds and any(r.name == found.local and r.how in {"attribute", "text"} for r in file.references):
                return True
            if any(text.endswith(f"{tail}.{found.local}") or f"{tail}.{found.local}." in text for text in file.strings):
                return True
        return False

    def _own(self, found: Imported) -> list[str]:
        wholes = [found.module] + ([f"{found.module}.{found.name}"] if found.name else [])
        ends = [f"/{w.replace('.', '/')}" for w in wholes]
        return [
            p
            for p in self.files
            if any(f"/{p.removesuffix('.py').removesuffix('/__init__')}".endswith(e) for e in ends)
        ]

    def _inert(self, path: str) -> bool:
        """Importing it only defines things."""
        for node in ast.parse(self.tree.python[path]).body:
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    if node.decorator_list and not all(_plain(d) for d in node.decorator_list):
                        return False
                    if isinstance(node, ast.ClassDef) and (node.bases or node.keywords):
                        return False
                case ast.Assign() | ast.AnnAssign():
                    if not is_pure(node.value):
                        return False
                case ast.Expr(value=ast.Constant()) | ast.Pass():
                    pass
                case ast.Import() | ast.ImportFrom():
                    module = (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
                    if (isinstance(node, ast.ImportFrom) and node.level) or module.partition(".")[
                        0
                    ] not in sys.stdlib_module_names:
                        return False
                case _:
                    return False
        return True

    def _also_loaded(self, own: str, path: str) -> bool:
        """Some other source file imports it too, at its top."""
        tail = _tail(own)
        return any(
            other != path
            and self.tree.roles[other] is Role.SOURCE
            and any(
                tail in {i.module.split(".")[-1], i.name} and i.context == Key(other, "") and not i.guarded
                for i in file.imports
            )
            for other, file in self.files.items()
        )

    def _elsewhere(self, top: str, path: str, found: Imported) -> bool:
        return any(
            i.module.partition(".")[0] == top and (other, i.line) != (path, found.line)
            for other, file in self.files.items()
            for i in file.imports
        )


def _plain(node: ast.expr) -> bool:
    return ast.unparse(node).partition("(")[0] in {
        "dataclass",
        "dataclasses.dataclass",
        "contextmanager",
        "staticmethod",
    }


def _tail(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").rpartition("/")[2]


def _flake8_exceptions(root: Path) -> list[str]:
    """Patterns of files for which F401 is switched off in flake8's settings."""
    found: list[str] = []
    for name in ("setup.cfg", "tox.ini", ".flake8"):
        path = root / name
        if path.is_file():
            found += re.findall(r"([\w./*-]+)\s*:[^\n#]*F401", path.read_text("utf-8", "replace"))
    return found


def _excused(path: str, patterns: Sequence[str]) -> bool:
    return any(PurePosixPath(path).match(pattern.removeprefix("./")) for pattern in patterns)
