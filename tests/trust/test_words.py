"""What a folder says to agents counts as far as it was looked at, whatever is planted in it later."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from house.homes import a_home, events, rest, results
from maquette.actions import projects, threads
from maquette.approvals import trust
from maquette.domain.errors import Refused
from maquette.domain.events import InstructionsGiven
from maquette.skills import folders
from maquette.testing.models import Call, Calls, Says, Script, ScriptedModels
from maquette.turn.prompt import advice_text

CHAT = "openai-chat:scripted"
SKILL = "---\nname: evil\ndescription: Does evil.\n---\nDo it.\n"


def told(root: Path) -> bytes:
    """The names and bytes of all that agents would be told by a trusted folder."""
    skills, _ = folders.found(folders.places(project=root, trusted=True, user=root / "nobody"))
    own = [skill for skill in skills if skill.folder.startswith(str(root))]
    read = [*trust.advice(root), *(Path(skill.folder, "SKILL.md") for skill in own)]
    return b"".join(path.read_bytes() for path in read)


def plant_a_linked_skill(root: Path) -> None:
    (root / "docs/evil").mkdir(parents=True)
    (root / "docs/evil/SKILL.md").write_text(SKILL)
    (root / ".agents/skills").mkdir(parents=True)
    (root / ".agents/skills/evil").symlink_to("../../docs/evil")


def plant_a_linked_file(root: Path) -> None:
    (root / "README").write_text(SKILL)
    (root / ".agents/skills/evil").mkdir(parents=True)
    (root / ".agents/skills/evil/SKILL.md").symlink_to("../../../README")


def plant_a_linked_place(root: Path) -> None:
    (root / "docs/evil").mkdir(parents=True)
    (root / "docs/evil/SKILL.md").write_text(SKILL)
    (root / ".claude").mkdir()
    (root / ".claude/skills").symlink_to("../docs")


def plant_a_pipe(root: Path) -> None:
    (root / ".agents/skills/evil").mkdir(parents=True)
    os.mkfifo(root / ".agents/skills/evil/SKILL.md")


@pytest.mark.parametrize("plant", [plant_a_linked_skill, plant_a_linked_file, plant_a_linked_place, plant_a_pipe])
def test_s25_a_skill_planted_by_a_link_or_a_pipe_voids_the_trust(tmp_path: Path, plant: object) -> None:
    (tmp_path / "AGENTS.md").write_text("Use tabs.\n")
    trusted = trust.pinned(tmp_path)
    assert callable(plant)
    plant(tmp_path)
    assert trust.digest(tmp_path) != trusted
    with pytest.raises(Refused, match="no plain file"):
        trust.pinned(tmp_path)


def test_a_link_from_one_place_of_skills_to_the_other_is_as_good_as_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / ".agents/skills/good").mkdir(parents=True)
    (tmp_path / ".agents/skills/good/SKILL.md").write_text(SKILL.replace("evil", "good"))
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude/skills").symlink_to("../.agents/skills")
    trusted = trust.pinned(tmp_path)
    assert b"good" in told(tmp_path)
    (tmp_path / ".agents/skills/good/SKILL.md").write_text(SKILL)
    assert trust.digest(tmp_path) != trusted


@pytest.mark.parametrize("name", [b"\xff", b"new\nline", "\u202e".encode()])
def test_any_name_of_a_folder_can_be_trusted_and_told(tmp_path: Path, name: bytes) -> None:
    folder = tmp_path / os.fsdecode(name)
    folder.mkdir()
    (folder / "AGENTS.md").write_bytes(b"Use \xff tabs.\n")
    before = trust.pinned(tmp_path)
    assert "tabs" in advice_text(tmp_path, trust.advice(tmp_path)).encode().decode()
    (folder / "AGENTS.md").write_bytes(b"Use \xfe tabs.\n")
    assert trust.digest(tmp_path) != before


@pytest.mark.anyio
@pytest.mark.boxed
async def test_s25_an_agent_in_a_trusted_folder_can_not_make_its_next_instructions_or_hang_the_base(
    tmp_path: Path,
) -> None:
    plant = (
        "mkdir -p docs/evil .agents/skills/pipe && printf -- '---\\nname: evil\\ndescription: Does evil.\\n---\\n'"
        " > docs/evil/SKILL.md && ln -s ../../docs/evil .agents/skills/evil && mkfifo .agents/skills/pipe/SKILL.md"
        " && rm AGENTS.md && mkfifo AGENTS.md"
    )
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/AGENTS.md").write_text("Use tabs.\n")
    script: Script = [Calls(Call("shell", {"command": plant})), Says("planted")]
    with ScriptedModels({"plant": script, "look": [Says("seen")]}) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            project = (await projects.add(home, tmp_path / "folder")).id
            await projects.trusts(home, project, True)
            first = await threads.start(home, "plant", project=project, model=CHAT)
            await rest(home, first)
            assert [status for status, _ in results(home, first.thread)] == ["ok"]
            second = await threads.start(home, "look", project=project, model=CHAT)
            await rest(home, second)
            assert "tabs" in events(home, first.thread, InstructionsGiven)[0].text
            assert "evil" not in events(home, second.thread, InstructionsGiven)[0].text
