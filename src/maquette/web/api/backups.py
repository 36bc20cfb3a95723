"""Backups of the whole state."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from maquette.actions import backups
from maquette.domain.labels import Fact
from maquette.web import routes
from maquette.web.api.home import Here
from maquette.web.api.projects import absolute

router = routes.api("backups")


class NewBackup(Fact):
    """`file` is a new file on this machine; without one it lies beside the state."""

    file: Annotated[Path, AfterValidator(absolute)] | None = None


@router.post("/backups", status_code=201)
async def make_backup(home: Here, new: NewBackup) -> backups.Backup:
    """The state as it is now, in one file; all goes on meanwhile."""
    return await backups.back_up(home, new.file)
