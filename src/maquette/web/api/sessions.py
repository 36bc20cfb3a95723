"""Who has come in by a browser, how one more does, and what they and programs show."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from maquette.actions import threads
from maquette.domain.errors import Refused
from maquette.domain.labels import Fact
from maquette.web import routes
from maquette.web.api.home import Here
from maquette.web.keys import Keys, Pass
from maquette.web.launches import Launch
from maquette.web.sessions import Session

router = routes.api("sessions")


def _keys(request: Request) -> Keys:
    keys: Keys | None = getattr(request.app.state, "keys", None)
    if keys is None:
        why = "This base listens on its socket only: MAQUETTE_PORT is none. Set it to a port, and start the base again."
        raise Refused(why, code="no-port")
    return keys


def _pass(request: Request) -> Pass | None:
    """None at the socket, where there is no door."""
    return request.scope.get("pass")


Held = Annotated[Keys, Depends(_keys)]
By = Annotated[Pass | None, Depends(_pass)]


class Door(Fact):
    """`current` is the id of the session that asks, if one does; `wrong` how many keys opened nothing since the base
    began, `last_wrong` when the last of them did.
    """

    sessions: tuple[Session, ...]
    current: str | None
    wrong: int
    last_wrong: datetime | None


class NewLaunch(Fact):
    """`thread`: whose page it leads to; else where one begins."""

    thread: str | None = None


@router.post("/launches", status_code=201)
async def launch(home: Here, keys: Held, by: By, new: NewLaunch | None = None) -> Launch:
    """A way in for one browser, once, soon. Only at the socket: nobody who is in by TCP can let others in."""
    if by is not None:
        raise HTTPException(403, "Only who is at the base's socket can let a browser in: `maquette open`")
    if new is None or new.thread is None:
        return keys.launches.make()
    return keys.launches.make(f"/threads/{(await threads.find(home, new.thread)).id}")


@router.get("/sessions")
async def list_sessions(keys: Held, by: By) -> Door:
    """The latest used first."""
    return Door(
        sessions=tuple(keys.sessions.listed()),
        current=by.session if by else None,
        wrong=keys.wrong.count,
        last_wrong=keys.wrong.last,
    )


@router.post("/sessions/{session}/end", status_code=204)
async def end_session(keys: Held, by: By, session: str) -> None:
    """Logs a browser out, and closes what it has open. `current` is the one that asks."""
    keys.sessions.end(by.session if session == "current" and by and by.session else session)


@router.post("/sessions/end", status_code=204)
async def end_all_sessions(keys: Held) -> None:
    """Logs every browser out."""
    keys.sessions.end_all()


@router.post("/token/renew", status_code=204)
async def renew_token(keys: Held) -> None:
    """Programs must show another token from now on: the file in the state folder has it."""
    keys.token.renew()
