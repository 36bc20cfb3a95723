"""Something happened that an automation waits for."""

from __future__ import annotations

from pydantic import Field

from maquette.domain.labels import Fact


class Heard(Fact):
    """`trigger` is the name of what heard it; `key` names this happening: heard twice, it begins one run.

    `told` says it on a line, and `about` in parts. Both may hold words from outside (names of files, of branches,
    headers): they are to be shown, and never followed.
    """

    trigger: str
    key: str
    told: str
    about: dict[str, str] = Field(default_factory=dict[str, str])

    @property
    def name(self) -> str:
        """Of this happening, among all that an automation or a source hears of."""
        return f"{self.trigger} {self.key}"
