"""What gets planted: code that looks as if someone once needed it, and code that only looks unused."""

from __future__ import annotations

import random
from collections.abc import Iterator
from textwrap import indent

_VERBS = [
    "collect",
    "merge",
    "reset",
    "expand",
    "trim",
    "rank",
    "batch",
    "resolve",
    "pad",
    "shift",
    "drain",
    "settle",
    "weigh",
    "fold",
]
_KINDS = [
    "pending",
    "stale",
    "nested",
    "spare",
    "leading",
    "remote",
    "partial",
    "odd",
    "hidden",
    "mixed",
    "lonely",
    "brittle",
]
_NOUNS = [
    "entries",
    "tokens",
    "chunks",
    "margins",
    "columns",
    "windows",
    "ledgers",
    "buckets",
    "labels",
    "spans",
    "marks",
    "slots",
]
STDLIB = [
    "bisect",
    "calendar",
    "colorsys",
    "fractions",
    "graphlib",
    "heapq",
    "linecache",
    "mimetypes",
    "netrc",
    "quopri",
    "sched",
    "wave",
    "zlib",
]
"""Modules that may be imported for nothing: importing them does nothing."""


class Names:
    """Names that occur nowhere in the repo, each given once."""

    def __init__(self, chance: random.Random, taken: str) -> None:
        self._chance, self._taken = chance, taken

    def snake(self) -> str:
        return next(name for name in self._tries() if name not in self._taken and self._take(name))

    def camel(self) -> str:
        return "".join(word.title() for word in self.snake().split("_"))

    def _tries(self) -> Iterator[str]:
        number = 0
        while True:
            words = [self._chance.choice(_VERBS), self._chance.choice(_KINDS), self._chance.choice(_NOUNS)]
            yield "_".join(words) + (f"_{number}" if number > 50 else "")
            number += 1

    def _take(self, name: str) -> bool:
        self._taken += f" {name} {''.join(w.title() for w in name.split('_'))}"
        return True


BODIES = (
    """found = []
for index, item in enumerate({arg}):
    if index % 2:
        continue
    found.append(item)
return found""",
    """total = 0
for item in {arg}:
    total += len(str(item))
if total > 100:
    return total // 2
return total""",
    """seen = set()
while {arg}:
    item = {arg}.pop()
    if item in seen:
        break
    seen.add(item)
return sorted(seen, key=str)""",
    """left, right = 0, len({arg}) - 1
while left < right:
    if {arg}[left] == {arg}[right]:
        return left
    left += 1
    right -= 1
return -1""",
    """try:
    return dict({arg})
except (TypeError, ValueError):
    return {{str(item): None for item in {arg}}}""",
)


def function(name: str, chance: random.Random, *, calls: str = "", method: bool = False, doc: bool = True) -> str:
    """A function's text; `calls` names another that it hands its result to."""
    arg = chance.choice(("items", "values", "rows", "parts"))
    body = chance.choice(BODIES).format(arg=arg)
    if calls:
        body = f"{arg} = {calls}({arg})\n{body}"
    text = f'"""Once needed for {name.replace("_", " ").strip()}."""\n' if doc else ""
    return f"def {name}({'self, ' if method else ''}{arg}):\n" + indent(text + body, "    ") + "\n"


def dead_class(name: str, inner: str, chance: random.Random) -> str:
    return (
        f'class {name}:\n    """Holds what {inner.replace("_", " ")} works on."""\n\n'
        f"    limit = {chance.randint(2, 90)}\n\n"
        f"    def __init__(self, rows):\n        self.rows = rows\n\n"
        + indent(function(inner, chance, method=True), "    ")
    )


def dead_module(names: tuple[str, str, str], chance: random.Random) -> str:
    first, second, table = names
    return (
        '"""From before the rewrite."""\n\nimport os\nimport re\n\n'
        f"{table.upper()} = {{'a': 1, 'b': 2}}\n\n\n"
        f"def {first}(text):\n    return [re.sub(r'\\W', '', part) for part in text.split(os.sep)]\n\n\n"
        + function(second, chance, calls=first)
    )


def front(package: str, n: dict[str, str]) -> str:
    """A live module: all in it can be reached, most of it only in ways that no reference shows."""
    return f'''"""Steps by name."""

import ast
import importlib
import json
import pkgutil
from typing import TYPE_CHECKING, Protocol

from {package}.{n["registry"]} import KNOWN, {n["register"]}
from {package} import {n["effects"]}

if TYPE_CHECKING:
    from {package}.{n["registry"]} import {n["only_type"]}

TARGETS = {{"first": "{package}.{n["by_string"]}:{n["by_string_function"]}"}}


class {n["steps"]}:
    """Runs `{n["prefix"]}_one`, `{n["prefix"]}_two` …"""

    def run(self, name, row):
        return getattr(self, "{n["prefix"]}_" + name)(row)

    def {n["prefix"]}_{n["step_a"]}(self, row):
        return [row]

    def {n["prefix"]}_{n["step_b"]}(self, row: "{n["only_type"]}"):
        return (row,)

    @property
    def {n["in_format"]}(self):
        return "steps"

    def __str__(self):
        return "<{{0.{n["in_format"]}}}>".format(self)


class {n["encoder"]}(json.JSONEncoder):
    def default(self, o):
        return str(o)


class {n["visitor"]}(ast.NodeVisitor):
    def visit_Call(self, node):
        return node


class {n["speaks"]}(Protocol):
    def {n["demanded"]}(self): ...


class {n["speaker"]}:
    def {n["demanded"]}(self):
        return 1


@{n["register"]}
def {n["registered"]}(row):
    return row


class {n["base"]}:
    kinds = []

    def __init_subclass__(cls):
        {n["base"]}.kinds.append(cls)


class {n["subclass"]}({n["base"]}):
    pass


def _{n["global_prefix"]}_{n["global_a"]}(row):
    return row


def {n["front"]}(name, row):
    """Finds what a name stands for, one way or another."""
    if name in TARGETS:
        module, _, attribute = TARGETS[name].partition(":")
        return getattr(importlib.import_module(module), attribute)(row)
    if name in KNOWN:
        return KNOWN[name](row)
    for found in pkgutil.iter_modules(importlib.import_module("{package}.{n["plugins"]}").__path__):
        importlib.import_module(f"{package}.{n["plugins"]}.{{found.name}}")
    step = globals().get("_{n["global_prefix"]}_" + name)
    tools = [{n["encoder"]}, {n["visitor"]}, {n["speaker"]}(), {n["base"]}.kinds, {n["effects"]}]
    return step(row) if step else ({n["steps"]}().run(name, row), str({n["steps"]}()), tools)
'''


def registry(n: dict[str, str]) -> str:
    return (
        '"""Who answers to which name."""\n\nKNOWN = {}\n\n\n'
        f'class {n["only_type"]}:\n    """Named in annotations only."""\n\n\n'
        f"def {n['register']}(function):\n    KNOWN[function.__name__] = function\n    return function\n"
    )
