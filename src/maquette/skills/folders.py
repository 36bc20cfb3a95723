"""Agent Skills folders: found, checked by the standard's rules, listed within a budget.

Source of the rules: the Agent Skills specification (a folder with a `SKILL.md`; YAML front matter with `name`,
equal to the folder's, and `description`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from maquette.domain.errors import Refused
from maquette.kinds.providers import SkillSpec
from maquette.workspace.files import BeneathFiles

BUILT_IN = Path(__file__).parent / "builtin"
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LARGEST = 1 << 20
"""Bytes of a SKILL.md that are looked at."""
LISTING = 1_500
"""Characters that the list of skills may take in a first request."""


@dataclass(frozen=True)
class Broken:
    """A folder that looks like a skill and isn't one, and why."""

    folder: str
    why: str


def read(folder: Path) -> SkillSpec:
    """One skill. Raises `Refused` with what is wrong with it."""
    import yaml

    try:
        text = BeneathFiles(folder).read("SKILL.md", limit=LARGEST).decode()
        _, front, _ = re.split(r"^---\s*$", text, maxsplit=2, flags=re.MULTILINE)
        # Of YAML only what has no types: nothing there can be made to grow, or to be something else than it says.
        loaded = yaml.load(front, Loader=yaml.BaseLoader)
    except (ValueError, yaml.YAMLError, RecursionError):
        raise Refused(
            f"{folder.name}/SKILL.md must begin with YAML between two lines of ---.", code="bad-skill"
        ) from None
    fields = _mapping(loaded)
    name, description = _words(fields.get("name")), _words(fields.get("description"))
    if name != folder.name or not NAME.fullmatch(name) or len(name) > 64:
        raise Refused(
            f"{folder.name}/SKILL.md: name must be the folder's own, in small letters, digits and single dashes.",
            code="bad-skill",
        )
    if not 0 < len(description) <= 1024:
        raise _bad(folder, "description must have 1 to 1024 characters")
    metadata = _mapping(fields.get("metadata"))
    script = _words(metadata.get("maquette-script"))
    matches = [m.strip() for m in _words(metadata.get("maquette-matches")).split(";")]
    return SkillSpec(
        name=name,
        when=" ".join(description.split()),
        folder=str(folder),
        script=str(_beneath(folder, script)) if script else None,
        options=_words(metadata.get("maquette-options")),
        tool=_words(metadata.get("maquette-tool")),
        again=_words(metadata.get("maquette-again")) == "yes",
        matches=tuple(m for m in matches if m),
    )


def _mapping(loaded: object) -> dict[object, object]:
    return cast("dict[object, object]", loaded) if isinstance(loaded, dict) else {}


def _words(loaded: object) -> str:
    return loaded.strip() if isinstance(loaded, str) else ""


def _bad(folder: Path, why: str) -> Refused:
    return Refused(f"{folder.name}/SKILL.md: {why}.", code="bad-skill")


def _beneath(folder: Path, script: str) -> Path:
    path = (folder / script).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        raise _bad(folder, f"{script} is no file of this skill")
    return path


def found(places: Sequence[Path]) -> tuple[list[SkillSpec], list[Broken]]:
    """The skills in these folders of skills; where two have one name, the first place wins."""
    skills: dict[str, SkillSpec] = {}
    broken: list[Broken] = []
    for place in places:
        for folder in sorted(place.iterdir()) if place.is_dir() else []:
            if not (folder / "SKILL.md").exists():
                continue
            try:
                skill = read(folder)
            except Refused as refused:
                broken.append(Broken(str(folder), str(refused)))
                continue
            skills.setdefault(skill.name, skill)
    return sorted(skills.values(), key=lambda s: s.name), broken


def places(*, project: Path | None, trusted: bool, user: Path) -> list[Path]:
    """Where skills lie, nearest first. A project's own count only once its folder is trusted."""
    own = [project / ".agents/skills", project / ".claude/skills"] if project and trusted else []
    return [*own, user / ".agents/skills", user / ".claude/skills", BUILT_IN]


def listing(skills: Sequence[SkillSpec]) -> str:
    """A line a skill, as many as fit; says how many were left out."""
    lines: list[str] = []
    for index, skill in enumerate(skills):
        line = f"- {skill.name}: {skill.when}"
        if sum(map(len, lines)) + len(line) > LISTING:
            lines.append(f"(and {len(skills) - index} more: the tool `skill` lists them)")
            break
        lines.append(line)
    return "\n".join(lines)
