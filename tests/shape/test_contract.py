"""The import contract bites: each of its rules is broken on purpose, in a house of empty rooms."""

from __future__ import annotations

import configparser
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import grimp
import pytest

from shape.house import FAMILIES, ROOT, members

CONTRACT = ROOT / ".importlinter"
VIOLATIONS: Mapping[str, Mapping[str, str]] = {
    "floors": {"store/threads.py": "import maquette.engine.queue", "engine/queue.py": ""},
    "cycles": {"turn/loop.py": "import maquette.turn.prompt", "turn/prompt.py": "import maquette.turn.loop"},
    "families": {"turn/toolbox.py": "import maquette.tools.shell", "tools/shell.py": ""},
    "domain": {"domain/threads.py": "import orjson"},
    "cli": {"cli/show.py": "import maquette.domain.threads", "domain/threads.py": "import pydantic"},
    "door-dbos": {"engine/inline.py": "import dbos"},
    "door-sqlalchemy": {"curation/rank.py": "from sqlalchemy import select"},
    "door-psycopg": {"engine/workers.py": "import psycopg"},
    "door-web": {"actions/threads.py": "import starlette.requests"},
    "door-models": {"store/prices.py": "from pydantic_ai.usage import RequestUsage"},
    "door-rich": {"actions/threads.py": "import rich.table"},
    "door-yaml": {"memory/notes.py": "import yaml"},
    "door-keyring": {"store/keys.py": "import keyring"},
    "door-feedparser": {"store/feeds.py": "import feedparser"},
    "door-pathspec": {"workspace/trees.py": "import pathspec"},
    "door-pyseccomp": {"workspace/git.py": "import pyseccomp"},
    "door-schedules": {"engine/alarms.py": "import dateutil.rrule"},
    "door-previews": {"web/server.py": "import openpyxl", "turn/loop.py": "import PIL"},
    "tastes": {
        "testing/readers/tastes.py": "import maquette.curation.reports",
        "curation/reports.py": "",
        "testing/readers/__init__.py": "",
    },
    "inside": {"actions/reviews.py": "import maquette.workspace.previews.inside"},
}
LOOSE = (
    "web cli actions engine turn store curation approvals skills memory schedules workspace samples connections kinds "
    "domain testing testing/readers workspace/previews workspace/previews/inside"
)
FREE = {"pydantic", "pydantic_core", "anyio", "orjson"}
"""Outside libraries that any floor may import (but for domain and cli, which have rules of their own)."""


def contracts() -> Mapping[str, configparser.SectionProxy]:
    parsed = configparser.ConfigParser()
    parsed.read(CONTRACT)
    return {name.split(":")[2]: parsed[name] for name in parsed.sections() if name.count(":") == 2}


LINT = """
import contextlib, importlib, json, pathlib, sys
from importlinter import cli
rooms, config = pathlib.Path(sys.argv[1]), sys.argv[2]

def is_broken(files, *contracts):
    for name, source in files.items():
        (rooms / name).write_text(source + "\\n")
    sys.path.insert(0, str(rooms.parent))
    with contextlib.redirect_stdout(sys.stderr):
        status = cli.lint_imports(config, contracts, None, True, True)
    for name in files:
        (rooms / name).write_text("")
    return status != 0

violations = json.load(sys.stdin)
found = [contract for contract, files in violations.items() if is_broken(files, contract)]
json.dump([found, is_broken({}), is_broken({"attic.py": ""}, "floors")], sys.stdout)
"""
"""As `make check` does it, where this package isn't imported: in one process for all, since to begin takes longest."""


def test_each_breach_of_the_contract_is_found_and_a_module_on_no_floor(tmp_path: Path) -> None:
    rooms = tmp_path / "src" / "maquette"
    for floor in ["", *FAMILIES, *LOOSE.split()]:
        (rooms / floor).mkdir(parents=True)
        (rooms / floor / "__init__.py").write_text("")
    linted = subprocess.run(
        [sys.executable, "-I", "-c", LINT, str(rooms), str(CONTRACT)],
        input=json.dumps(VIOLATIONS),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode == 0, linted.stderr
    breaches, mended, attic = json.loads(linted.stdout)
    assert breaches == list(VIOLATIONS), linted.stderr
    assert not mended, "nothing is broken where every room is empty"
    assert attic


def test_each_rule_of_the_contract_is_broken_above() -> None:
    assert contracts().keys() == VIOLATIONS.keys()


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("maquette", include_external_packages=True, cache_dir=None)


def test_every_outside_library_has_a_door(graph: grimp.ImportGraph) -> None:
    doors = {
        library
        for name, rule in contracts().items()
        if name.startswith("door-")
        for library in rule["forbidden_modules"].split()
    }
    doorless = {
        f"{importer} imports {module}"
        for module in graph.modules
        if graph.is_module_squashed(module) and module not in {*sys.stdlib_module_names, *doors, *FREE}
        for importer in graph.find_modules_that_directly_import(module)
        if not importer.startswith("maquette.testing.")
    }
    assert not doorless, "give the library a door in .importlinter"


@pytest.mark.parametrize("family", FAMILIES)
def test_members_of_a_family_do_not_import_one_another(graph: grimp.ImportGraph, family: str) -> None:
    modules = set(members(family))
    entangled = {
        f"{one} imports {two}" for one in modules for two in modules if one != two and graph.chain_exists(one, two)
    }
    assert not entangled, "move what they share to a module beside them that holds no member"
