"""What waits in line in a thread."""

from __future__ import annotations

from maquette.actions import line
from maquette.domain.labels import Fact
from maquette.store.line import InLine
from maquette.web import routes
from maquette.web.api.home import Here

router = routes.api("line")


class Change(Fact):
    """What it says instead."""

    text: str


@router.get("/threads/{thread}/line")
async def list_line(home: Here, thread: str) -> list[InLine]:
    """Messages whose turns have not begun, what comes next first."""
    return await line.listed(home, thread)


@router.patch("/threads/{thread}/line/{message}", status_code=204)
async def change_message(home: Here, thread: str, message: str, change: Change) -> None:
    """Until its turn is begun."""
    await line.change(home, thread, message, change.text)


@router.post("/threads/{thread}/line/{message}/withdraw", status_code=204)
async def withdraw_message(home: Here, thread: str, message: str) -> None:
    """Takes it back, until its turn is begun."""
    await line.withdraw(home, thread, message)
