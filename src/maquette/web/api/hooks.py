"""Hooks: addresses for others' signed webhooks. One is named by its automation or its source."""

from __future__ import annotations

from maquette.actions import hooks
from maquette.actions.hooks import Hook
from maquette.domain.labels import Fact
from maquette.web import routes
from maquette.web.api.home import Here

router = routes.api("hooks")


class MadeSecret(Fact):
    """Given this once; whoever sends signs with it."""

    secret: str


@router.get("/hooks")
async def list_hooks(home: Here) -> list[Hook]:
    """Of automations that wait for a webhook, and of sources that may be told; each takes a POST at `/hooks/{of}`, at
    the TCP port, past the door.
    """
    return await hooks.listed(home)


@router.get("/hooks/{of}")
async def show_hook(home: Here, of: str) -> Hook:
    return await hooks.show(home, of)


@router.post("/hooks/{of}/secret")
async def make_hook_secret(home: Here, of: str) -> MadeSecret:
    """Another one; what is signed with the one before is turned away from now on."""
    return MadeSecret(secret=await hooks.make_secret(home, of))


@router.post("/hooks/{of}/revoke", status_code=204)
async def revoke_hook(home: Here, of: str) -> None:
    """Whatever is sent there is turned away, until there is another secret."""
    await hooks.revoke(home, of)
