"""What is run on a result: checks say whether it holds, probes what it does."""

from __future__ import annotations

from maquette.domain.labels import Fact

_NEVER_RAN = 126
"""From here on a shell's status says that it could not run it, or that a signal ended it."""


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


class Probe(Fact):
    """A command that was run to see what a result does: nothing it says is right or wrong. `status` as a check's.

    `output`: its beginning; of what is longer also how long that is and a digest, so that two are the
    same only where all is.
    """

    command: str
    status: int | None
    output: str

    @property
    def came_to(self) -> str | None:
        """What to compare; None where it was cut short, or could not be run at all."""
        return None if self.status is None or self.status >= _NEVER_RAN else f"{self.status} {self.output}"
