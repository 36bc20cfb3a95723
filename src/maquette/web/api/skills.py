"""Skills on offer."""

from __future__ import annotations

from maquette.actions import skills
from maquette.kinds.providers import SkillSpec
from maquette.web import routes
from maquette.web.api.home import Here

router = routes.api("skills")


@router.get("/skills")
async def list_skills(home: Here, project: str | None = None) -> skills.Offer:
    """What a thread of `project` would be offered, and what looks like a skill and is broken."""
    return await skills.listed(home, project)


@router.get("/skills/{name}")
async def one_skill(home: Here, name: str, project: str | None = None) -> SkillSpec:
    return await skills.one(home, name, project)
