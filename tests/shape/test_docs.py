"""The documents say what is there: every member has its entry, every place they name exists.

A reference is a code span. `turn/loop.py`, `docs/reference/` and `requirements/*.txt` are looked for in src/maquette
and at the root. After `::` follows a name in the file: `turn/loop.py::advance`, `store/log.py::Log.append`. What is
dotted begins with `maquette.`. What begins with `/`, `~`, `.`, `$` or `<` isn't ours.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any, cast

import pytest

from maquette.cli import all_commands
from maquette.kinds import registry
from maquette.kinds.tools import Tool
from shape.house import FAMILIES, ROOT, SOURCE, definitions, tracked

REFERENCE = ROOT / "docs" / "reference"
SPAN = re.compile(r"`([^`\n]+)`")
PLACE = re.compile(r"(?P<path>[\w@*-][\w.@*-]*(?:/[\w.@*-]+)*/?)(?:::(?P<name>[\w.]+))?")
MEDIA = ("text/", "application/", "image/")


def written() -> list[Path]:
    """What a reader is told today; the change log tells of yesterday too."""
    return [
        path for path in tracked() if path.suffix == ".md" and path.parts[0] not in {"src", "tests", "CHANGELOG.md"}
    ]


def is_place(span: str) -> bool:
    return bool(PLACE.fullmatch(span)) and ("/" in span or ".py" in span) and not span.startswith(MEDIA)


def exists(span: str) -> bool:
    found = PLACE.fullmatch(span)
    assert found
    path, name = found["path"], found["name"]
    places = [place for home in (SOURCE, ROOT) for place in home.glob(path.rstrip("/"))]
    if "/" not in path:
        places += [ROOT / file for file in tracked() if file.name == path]
    if name:
        return any(name in definitions(place.relative_to(ROOT)) for place in places if place.suffix == ".py")
    return bool(places)


def is_dotted(span: str) -> bool:
    return re.fullmatch(r"maquette(\.\w+)+", span) is not None


def resolves(dotted: str) -> bool:
    parts = dotted.split(".")[1:]
    for cut in range(len(parts), 0, -1):
        path = SOURCE.joinpath(*parts[:cut])
        module = next((p for p in (path.with_suffix(".py"), path / "__init__.py") if p.is_file()), None)
        if module:
            rest = ".".join(parts[cut:])
            return not rest or rest in definitions(module.relative_to(ROOT))
    return False


@pytest.mark.parametrize(
    ("span", "there"),
    [
        ("kinds/tools.py", True),
        ("kinds/tools.py::Tool", True),
        ("kinds/tools.py::ToolContext.keep", True),
        ("requirements/*.txt", True),
        ("docs/reference/", True),
        ("registry.py", True),
        ("kinds/tols.py", False),
        ("kinds/tools.py::Toll", False),
        ("kinds/tools.py::Tool.no_such", False),
        ("attic/", False),
    ],
)
def test_a_place_is_found_where_there_is_one(span: str, there: bool) -> None:
    assert is_place(span)
    assert exists(span) is there


@pytest.mark.parametrize(
    ("dotted", "there"),
    [
        ("maquette.kinds.tools", True),
        ("maquette.kinds.tools.ToolContext.keep", True),
        ("maquette.kinds.tools.Toll", False),
        ("maquette.attic", False),
    ],
)
def test_a_dotted_name_is_found_where_there_is_one(dotted: str, there: bool) -> None:
    assert is_dotted(dotted)
    assert resolves(dotted) is there


@pytest.mark.parametrize("document", written(), ids=str)
def test_what_a_document_names_exists(document: Path) -> None:
    spans = SPAN.findall((ROOT / document).read_text())
    missing = [s for s in spans if (is_place(s) and not exists(s)) or (is_dotted(s) and not resolves(s))]
    assert not missing


@pytest.mark.parametrize("document", written(), ids=str)
def test_links_of_a_document_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)", (ROOT / document).read_text())
    here = [target.partition("#")[::2] for target in targets if not re.match(r"\w+:", target)]
    places = [((ROOT / document).parent / path if path else ROOT / document, heading) for path, heading in here]
    missing = [place for place in places if not place[0].exists() or (place[1] and place[1] not in headings(place[0]))]
    assert not missing


def test_the_index_leads_to_every_document() -> None:
    index = (ROOT / "docs" / "README.md").read_text()
    linked = {Path("docs", path) for path in re.findall(r"\]\((\w[^)#]*\.md)", index)}
    assert {path for path in written() if path.parts[0] == "docs"} - {Path("docs/README.md")} == linked


def headings(document: Path) -> set[str]:
    """As links name them: small letters, dashes for spaces, nothing else but letters and digits."""
    found = re.findall(r"(?m)^#+ (.+)$", document.read_text())
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_architecture_walks_a_message_through_the_code() -> None:
    sections = re.split(r"(?m)^## ", (ROOT / "ARCHITECTURE.md").read_text())
    walk = next((section for section in sections if "walk" in section.partition("\n")[0].lower()), "")
    steps = [span for span in SPAN.findall(walk) if "::" in span]
    assert len(steps) >= 8, "a section whose heading speaks of the walk of a message, with `path::name` at each step"


def targets() -> set[str]:
    return set(re.findall(r"(?m)^([a-z][a-z-]*):(?!=)", (ROOT / "Makefile").read_text()))


def test_make_help_tells_of_every_target() -> None:
    told = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert "test" in targets()
    assert {line.split()[1] for line in told.splitlines()} == targets()


@pytest.mark.parametrize("document", written(), ids=str)
def test_every_make_command_in_a_document_works(document: Path) -> None:
    text = (ROOT / document).read_text()
    commands = [*SPAN.findall(text), *re.findall(r"(?m)^\s*(?:\$ )?(make\b.*)$", text)]
    asked = {m[1] for command in commands if (m := re.match(r"make ([a-z][a-z-]*)", command))}
    assert asked <= targets()


def entries(page: str) -> set[str]:
    """What a page of the reference has an entry for: headings that are one code span."""
    path = REFERENCE / page
    return set(re.findall(r"(?m)^#{2,3} `([^`]+)`\s*$", path.read_text())) if path.is_file() else set()


def names(family: str) -> set[str]:
    """By which the members of a family are called: a provider by its wire, a connector by its kind."""
    attribute = {"providers": "wire", "connectors": "kind"}.get(family, "name")
    return {str(getattr(m, attribute)) for m in registry.members(f"maquette.{family}", FAMILIES[family])}


def commands() -> set[str]:
    return set(all_commands().known)


def skills() -> set[str]:
    return {path.parent.name for path in (SOURCE / "skills" / "builtin").glob("*/SKILL.md")}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_member_of_a_family_has_its_entry_in_the_reference(family: str) -> None:
    assert entries(f"{family}.md") == names(family)


def test_the_reference_tells_the_effects_of_each_tool() -> None:
    told = dict(re.findall(r"(?m)^## `(\w+)`\n\nEffects: ([\w, ]+)\.", (REFERENCE / "tools.md").read_text()))
    tools = cast("list[Tool[Any]]", registry.members("maquette.tools", "TOOL"))
    effects = {tool.name: set(tool.effects) for tool in tools}
    assert {name: set(line.split(", ")) - {"none"} for name, line in told.items()} == effects


def test_every_built_in_skill_has_its_entry_in_the_reference() -> None:
    assert entries("skills.md") == skills()


def test_every_command_has_its_entry_in_the_reference() -> None:
    assert entries("commands.md") == commands()
