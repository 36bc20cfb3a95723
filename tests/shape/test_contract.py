"""The import contract bites: each of its rules is broken on purpose, in a house of empty rooms."""

from __future__ import annotations

import configparser
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
    "door-pathspec": {"workspace/trees.py": "import pathspec"},
    "door-pyseccomp": {"workspace/git.py": "import pyseccomp"},
    "door-previews": {"web/server.py": "import openpyxl", "turn/loop.py": "import PIL"},
    "inside": {"actions/reviews.py": "import maquette.workspace.previews.inside"},
}
LOOSE = (
    "web cli actions engine turn store curation approvals skills memory workspace samples connections kinds "
    "domain testing workspace/previews workspace/previews/inside"
)
FREE = {"pydantic", "pydantic_core", "anyio", "orjson"}
"""Outside libraries that any floor may import (but for domain and cli, which have rules of their own)."""


def contracts() -> Mapping[str, configparser.SectionProxy]:
    parsed = configparser.ConfigParser()
    parsed.read(CONTRACT)
    return {name.split(":")[2]: parsed[name] for name in parsed.sections() if name.count(":") == 2}


def lint(src: Path, contract: str) -> subprocess.CompletedProcess[str]:
    """Of the package in `src`, as `make check` does it."""
    script = "import sys; sys.path.insert(0, sys.argv.pop(1)); import importlinter.cli as c; c.lint_imports_command()"
    rule = ["--config", str(CONTRACT), "--contract", contract, "--no-cache"]
    return subprocess.run(
        [sys.executable, "-I", "-c", script, str(src), *rule], cwd=src, capture_output=True, text=True, check=False
    )


@pytest.fixture
def rooms(tmp_path: Path) -> Path:
    """A `src` whose packages are all there, and empty."""
    for floor in ["", *FAMILIES, *LOOSE.split()]:
        room = tmp_path / "maquette" / floor
        room.mkdir()
        (room / "__init__.py").write_text("")
    return tmp_path


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_a_breach_of_the_contract_is_found(rooms: Path, contract: str) -> None:
    for name, source in VIOLATIONS[contract].items():
        (rooms / "maquette" / name).write_text(source + "\n")
    broken = lint(rooms, contract)
    assert broken.returncode == 1, broken.stdout + broken.stderr
    assert "BROKEN" in broken.stdout, broken.stdout + broken.stderr
    for name in VIOLATIONS[contract]:
        (rooms / "maquette" / name).write_text("")
    kept = lint(rooms, contract)
    assert kept.returncode == 0, kept.stdout + kept.stderr


def test_each_rule_of_the_contract_is_broken_above() -> None:
    assert contracts().keys() == VIOLATIONS.keys()


def test_a_module_on_no_floor_is_found(rooms: Path) -> None:
    (rooms / "maquette" / "attic.py").write_text("")
    assert "BROKEN" in lint(rooms, "floors").stdout


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
