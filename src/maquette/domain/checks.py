"""A check: a command of the project's that says whether a result holds."""

from __future__ import annotations

from maquette.domain.labels import Fact


class Check(Fact):
    """One of the project's checks, run on a result. `status` is the exit status, None when it was cut short."""

    command: str
    status: int | None
    seconds: float
    output: str
    """Its tail."""

    @property
    def passed(self) -> bool:
        return self.status == 0
