"""Dependencies that are declared and, as far as can be known, used by nothing."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import PurePosixPath
from typing import Any

from deadcode.tree import Tree

from .idea import Idea, Unsure

KIND = "unused dependency"
NAME = re.compile(r"^\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(?:[<>=!~;@].*)?$")
LISTS = re.compile(r"(^|/)requirements(\.txt|/(base|main|prod|production)\.txt)$")
PLUGIN = re.compile(
    r"^(pytest|flake8|mypy|pylint|types|sphinx|mkdocs|django|flask|celery|setuptools|hatch|poetry|tox|nose|babel|"
    r"jupyter|ipython|airflow|keyring|keyrings|pre-commit|towncrier)-|-(stubs|plugin|plugins|driver|backend|theme)$"
)
SERVED = {"gunicorn", "uvicorn", "hypercorn", "daphne", "waitress", "uwsgi", "tzdata", "certifi", "uvloop", "greenlet"}
"""What others look for by themselves, or is a program to be run."""
LOCKS = re.compile(
    r"(^|/)([^/]*\.lock|[^/]*lock\.(json|yaml|toml)|CHANGELOG[^/]*|CHANGES[^/]*|NEWS[^/]*)$", re.IGNORECASE
)


@dataclass(frozen=True)
class Declared:
    path: str
    spec: str
    name: str


def unused_dependencies(tree: Tree) -> Iterator[Idea | Unsure]:
    texts = _texts(tree)
    declared = list(_declared(texts))
    installed = metadata.packages_distributions()
    imported = _imported(tree)
    known = {one.name: _brings(one.name, installed) for one in declared}
    explained = {module for name, modules in known.items() for module in (*modules, _plain(name))}
    strange = sorted(imported - explained)
    for one in declared:
        modules = known[one.name]
        if imported & {_plain(one.name), *modules}:
            continue
        what = f"{one.name}, declared in {one.path}"
        if why := _why_not(one, modules, strange, texts, tree):
            yield Unsure(KIND, what, why)
            continue
        new = _without(texts[one.path], one)
        if new is None:
            yield Unsure(KIND, what, "its line can't be taken out cleanly")
            continue
        lines = texts[one.path].count("\n") - new.count("\n")
        why = "nothing imports it, no file speaks of it, and it is no plugin"
        if any(PurePosixPath(path).name in ("uv.lock", "poetry.lock", "pdm.lock") for path in tree.texts):
            why += "; the lock file must be renewed"
        yield Idea(
            "dependency", one.path, (one.name,), f"unused dependency {what}", why, lines, {one.path: new.encode()}
        )


def _texts(tree: Tree) -> dict[str, str]:
    """All that git tracks and is text, Python too."""
    found = {path: data.decode("utf-8", "replace") for path, data in tree.python.items()}
    for path in tree.texts:
        data = (tree.root / path).read_bytes()
        if b"\0" not in data[:8192]:
            found[path] = data.decode("utf-8", "replace")
    return found


def _declared(texts: Mapping[str, str]) -> Iterator[Declared]:
    """What the project needs when it runs. Groups for developers name programs that people run by hand."""
    for path, text in texts.items():
        if path == "pyproject.toml":
            try:
                project: dict[str, Any] = tomllib.loads(text).get("project", {})
            except tomllib.TOMLDecodeError:
                continue
            specs: list[Any] = project.get("dependencies", [])
        elif LISTS.search(path) and "--hash" not in text and "# via" not in text:
            specs = [line.partition(" #")[0] for line in text.splitlines() if not line.lstrip().startswith(("#", "-"))]
        else:
            continue
        for spec in specs:
            if isinstance(spec, str) and (match := NAME.match(spec)):
                yield Declared(path, spec, re.sub(r"[-_.]+", "-", match[1]).lower())


def _brings(name: str, installed: Mapping[str, list[str]]) -> set[str]:
    """Modules by which it is imported; none where it isn't installed here."""
    return {module for module, names in installed.items() if name in {re.sub(r"[-_.]+", "-", n).lower() for n in names}}


def _plain(name: str) -> str:
    return name.replace("-", "_")


def _imported(tree: Tree) -> set[str]:
    """First words of all that is imported, also by name, but for the standard library and the project itself."""
    own = {part for path in tree.python for part in (PurePosixPath(path).stem, *PurePosixPath(path).parts[:-1])}
    found: set[str] = set()
    for data in tree.python.values():
        try:
            module = ast.parse(data)
        except (SyntaxError, ValueError, RecursionError):
            continue
        for node in ast.walk(module):
            if isinstance(node, ast.Import):
                found |= {one.name.partition(".")[0] for one in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                found.add(node.module.partition(".")[0])
    return found - own - set(sys.stdlib_module_names)


def _why_not(one: Declared, modules: set[str], strange: list[str], texts: Mapping[str, str], tree: Tree) -> str:
    if PLUGIN.search(one.name) or one.name in SERVED:
        return "by its name it is a plugin or a program, which others find by themselves"
    try:
        points = {point.group for point in metadata.distribution(one.name).entry_points}
    except metadata.PackageNotFoundError:
        points = set[str]()
        if strange:
            return f"it isn't installed here, and may be what brings {', '.join(strange[:3])}"
    if points:
        return f"it has entry points ({', '.join(sorted(points)[:3])}), by which others find it"
    if path := _spoken_of(one, modules, texts):
        return f"{path} speaks of it"
    if any(_unread(tree, path) for path in tree.python):
        return "there are Python files that can't be read"
    return ""


def _spoken_of(one: Declared, modules: set[str], texts: Mapping[str, str]) -> str:
    """The file with its name, or its modules', beside the declaration: a string, a setting, a command."""
    words = {one.name, _plain(one.name), *modules}
    pattern = re.compile(rf"(?<![A-Za-z0-9])({'|'.join(map(re.escape, sorted(words)))})(?![A-Za-z0-9])", re.IGNORECASE)
    for path, text in texts.items():
        if LOCKS.search(path):
            continue
        count = len(pattern.findall(text))
        own = len(pattern.findall(one.spec)) if path == one.path else 0
        if count > own:
            return path
    return ""


def _unread(tree: Tree, path: str) -> bool:
    try:
        ast.parse(tree.python[path])
    except (SyntaxError, ValueError, RecursionError):
        return True
    return False


def _without(text: str, one: Declared) -> str | None:
    """The text without the declaration, if nothing else is changed by that."""
    if one.path != "pyproject.toml":
        lines = text.splitlines(keepends=True)
        left = [line for line in lines if line.partition(" #")[0].strip() != one.spec.strip()]
        return "".join(left) if len(left) == len(lines) - 1 else None
    quoted = rf"(?:\"{re.escape(one.spec)}\"|'{re.escape(one.spec)}')"
    whole = re.compile(rf"^[ \t]*{quoted}[ \t]*,?[ \t]*(?:#[^\n]*)?\n", re.MULTILINE)
    part = re.compile(rf"{quoted}[ \t]*,[ \t]*|,?[ \t]*{quoted}")
    if len(re.findall(quoted, text)) != 1:
        return None
    new = whole.sub("", text) if whole.search(text) else part.sub("", text)
    try:
        left, before = tomllib.loads(new), tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
    before["project"]["dependencies"].remove(one.spec)
    return new if left == before else None
