"""What looks dead and isn't must stay, even where no check would notice."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from house.skill_runs import make_repo, run_skill

CORE = """
from __future__ import annotations

import abc
import enum
import json  # noqa: F401
import os.path as path_of
import http.server
import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypedDict

from . import effects
from .registry import register
from .shared import passed_on
try:
    import readline
except ImportError:
    readline = None

if TYPE_CHECKING:
    from decimal import Decimal

    class OnlyForTypes: ...


class Machine:
    def step(self, verb, noun):
        return getattr(self, "on_" + verb)(noun), getattr(self, f"{noun}_stepper"), getattr(self, "get_%s" % noun)

    def on_start(self, noun): ...
    def noun_stepper(self): ...
    def get_wheel(self): ...
    def __len__(self): return 0


class Exposed:
    def fields(self):
        return [getattr(self, name) for name in dir(self)]

    def anything_at_all(self): ...


class ExposedBelow(Exposed):
    def more_of_it(self): ...


def by_globals(name):
    return ENGINE.lookup(name)


class Visitor(ast.NodeVisitor):
    def visit_Call(self, node): ...
    def generic_visit(self, node): ...


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self): ...
    def log_message(self, *args): ...


class Speaks(Protocol):
    def speak_up(self): ...


class Parrot:
    def speak_up(self): ...


class Shape(abc.ABC):
    @abc.abstractmethod
    def area_of_it(self): ...


class Square(Shape):
    def area_of_it(self): ...


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


class Point(NamedTuple):
    x_part: int


class Shown(TypedDict):
    shown_field: int


@dataclass
class Record:
    record_field: int = 0

    @property
    def assigned_property(self): return 1

    @assigned_property.setter
    def assigned_property(self, value): ...


@register
def registered_one(): ...


class Plugin:
    def __init_subclass__(cls): ...


class PluggedIn(Plugin): ...


class _Called:
    def from_template(self): ...
    def from_config(self): ...
    def from_docs_example(self): ...
    def from_doctest(self): ...


def from_entry_point(): ...
def from_string_table(): ...
def from_readme(): ...
def from_workflow(): ...
def from_other_language(): ...
def from_exec(): ...
def keep_marked():  # noqa
    ...
def __getattr__(name): raise AttributeError(name)


def uses_things(order: Order):
    '''
    >>> thing.from_doctest()
    '''
    record = Record()
    record.assigned_property = 3
    exec("from_exec()")
    match order:
        case Matched(matched_part=1): ...
    print(ENGINE.step)
    return [
        Machine, Exposed, ExposedBelow, by_globals, Visitor, Handler, Speaks, Parrot, Shape, Square, Colour, Point,
        Shown,
        _Called, path_of, effects, passed_on, "pkg.core:from_string_table", ENGINE, uses_things, generator,
        Late,
        "{0.formatted_one}",
    ]


class Matched:
    @property
    def matched_part(self): ...
    def formatted_one(self): ...


def generator():
    return
    yield


class Late:
    later: "QuotedClass"


class QuotedClass: ...
ENGINE = Machine()
uses_things(None)
"""

FILES: dict[str, str | bytes] = {
    "pkg/older.py": "# for backwards compatibility, in case someone imports it\n_older_name = len\n\n\n"
    "# Kept for the plug-ins of others.\n# They call it by this name.\ndef _hook(): ...\n",
    "pyproject.toml": '[project]\nname = "pkg"\nversion = "1"\n[project.scripts]\npkg = "pkg.core:from_entry_point"\n',
    "README.md": "Call `from_readme` for more.\n\n    thing.from_docs_example()\n",
    ".github/workflows/ci.yml": "run: python -c 'import pkg.core; pkg.core.from_workflow()'\n",
    "pkg/templates/page.html": "<p>{{ thing.from_template }}</p>",
    "pkg/settings.json": '{"call": "from_config"}',
    "web/app.js": "fetch('/rpc', {method: from_other_language})",
    "pkg/__init__.py": "from .core import uses_things\nfrom .exported import re_exported, Public\n"
    "from .starred import *\n"
    "def on_the_face(): ...\n",
    "pkg/core.py": CORE,
    "pkg/registry.py": "def register(f): return f\n",
    "pkg/effects.py": "import atexit\nfrom . import side\natexit.register(print)\n",
    "pkg/side.py": "HOOKS = []\nHOOKS.append(1)\n",
    "pkg/shared.py": "from .origin import passed_on\nfrom .origin import star_wanted\nimport string\n",
    "pkg/origin.py": "def passed_on(): ...\ndef star_wanted(): ...\n",
    "pkg/uses_shared.py": "from .shared import *\nfrom . import shared\nprint(shared.string, star_wanted)\n",
    "pkg/exported.py": "def re_exported(): ...\nclass Public:\n    def public_method(self): ...\n"
    "def in_all(): ...\n__all__ = ['in_all']\n",
    "pkg/starred.py": "def starred_one(): ...\n",
    "pkg/table.py": "def alpha(): ...\ndef beta(): ...\ndef call(name): return globals()[name]()\nprint(call)\n",
    "pkg/handlers.py": "def handler_one(): ...\ndef handler_two(): ...\n",
    "pkg/dispatch.py": "from . import handlers\ndef go(name): return getattr(handlers, name)\nprint(go)\n",
    "pkg/plugins/__init__.py": "import importlib, pkgutil\n"
    "for m in pkgutil.iter_modules(__path__): importlib.import_module(f'{__name__}.{m.name}')\n",
    "pkg/plugins/found.py": "def found_one(): ...\n",
    "pkg/by_string.py": "def loaded(): ...\n",
    "pkg/loader.py": "import importlib\nprint(importlib.import_module('pkg.by_string').loaded)\n",
    "pkg/run_with_m.py": "def nothing(): ...\nif __name__ == '__main__': print(nothing)\n",
    "pkg/ran_by_make.py": "def nothing_either(): ...\nprint(nothing_either)\n",
    "Makefile": "go:\n\tpython -m pkg.ran_by_make\n",
    "pkg/uses_all.py": "from . import effects, table, handlers, dispatch, plugins, loader, uses_shared\n"
    "print(effects, table, handlers, dispatch, plugins, loader, uses_shared)\n",
    "vendor/thing.py": "import os\ndef vendored(): ...\n",
    "docs/conf.py": "import os\ndef setup(app): ...\n",
    "pkg/message_pb2.py": "# Generated by the protocol buffer compiler.  DO NOT EDIT!\n"
    "import os\ndef generated(): ...\n",
    "tests/conftest.py": "import pytest, os\nfrom pkg.core import Machine\n@pytest.fixture\ndef a_fixture(): ...\n"
    "def pytest_configure(config): ...\ndef test_helper_nobody_calls(): ...\n",
    "tests/test_all.py": "import unittest\nimport pkg.core, pkg.uses_all\n"
    "class T(unittest.TestCase):\n    def test_it(self): ...\n",
}

DEAD: dict[str, str | bytes] = {
    "pkg/dead_ends.py": """
import json
import os, sys
from collections import (
    OrderedDict,
    deque,
)
from .origin import passed_on


class Alive:
    def used(self):
        \"\"\"Does not call method_gone, whatever this says.\"\"\"
        unused_here = 3
        return deque()
        print("never")

    def method_gone(self):
        return self.method_gone_too()

    def method_gone_too(self): ...


class GoneClass(Alive):
    @property
    def inside(self): return GONE_TABLE


GONE_TABLE = {"a": 1}


def gone_function(n):
    return gone_function(n - 1) + even_gone(n)


def even_gone(n): return odd_gone(n)
def odd_gone(n): return even_gone(n)


def used(total):
    while False:
        print("never either")
    if 0:
        print("nor this")
    elif total:
        return sys
    def inner_gone(): ...
    return used(total), Alive().used()


print(used(1))
""",
    "pkg/gone_module.py": "from .gone_with_it import thing\ndef first(): return thing\n",
    "pkg/gone_with_it.py": "def thing(): ...\n",
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, str]]:
    """What the skill would remove from all of this, by file and name."""
    folder = make_repo(
        tmp_path_factory.mktemp("repo") / "project",
        {
            **FILES,
            **DEAD,
            "pkg/uses_dead.py": "from . import dead_ends, older\nprint(dead_ends, older)\n",
            "tests/test_dead.py": "import pkg.uses_dead\n",
        },
    )
    result = folder.parent / "result.json"
    check = f"{sys.executable} -c 'import pkg.core, pkg.uses_all, pkg.uses_dead'"
    ran = run_skill("dead-code", folder, "--list", "--check", check, "--json", str(result))
    assert ran.status == 0, ran.err
    told: dict[str, Any] = json.loads(result.read_text())
    return {(item["path"], item["name"]) for item in told["found"]}


def test_nothing_that_something_may_use_is_found(found: set[tuple[str, str]]) -> None:
    assert {item for item in found if item[0] not in DEAD} == set()


@pytest.mark.parametrize(
    "name",
    [
        "import json", "os (import os, sys)", "OrderedDict (from collections import OrderedDict, deque)",
        "from .origin import passed_on", "Alive.method_gone", "Alive.method_gone_too", "GoneClass", "GONE_TABLE",
        "gone_function", "even_gone", "odd_gone",
        "used.inner_gone", "print('never')", "print('never either')", "print('nor this')",
        "used: unused_here",
    ],
)  # fmt: skip
def test_what_nothing_uses_is_found(found: set[tuple[str, str]], name: str) -> None:
    assert ("pkg/dead_ends.py", name) in found


def test_modules_that_only_dead_modules_import_are_found(found: set[tuple[str, str]]) -> None:
    assert {("pkg/gone_module.py", "pkg.gone_module"), ("pkg/gone_with_it.py", "pkg.gone_with_it")} <= found


def test_what_is_used_beside_it_stays(found: set[tuple[str, str]]) -> None:
    names = {name for path, name in found if path == "pkg/dead_ends.py"}
    assert not names & {"Alive", "Alive.used", "used"}
