"""Another automation that comes to its end."""

from __future__ import annotations

from collections.abc import Mapping

from maquette.domain.triggers import Heard
from maquette.kinds.triggers import Ended
from maquette.triggers import options as of


class After:
    """`automation`: its id; `outcomes`: which ends count, between commas (else any)."""

    name = "after"

    def means(self, options: Mapping[str, str]) -> str:
        of.checked(self.name, options, must=("automation",), may=("outcomes",))
        outcomes = " or ".join(of.words(options, "outcomes"))
        return f"When a run of {options['automation']} ends{f' as {outcomes}' if outcomes else ''}"

    def follow(self, options: Mapping[str, str], ended: Ended) -> Heard | None:
        """The key is the run: each end begins one."""
        outcomes = of.words(options, "outcomes")
        if ended.automation != options["automation"] or (outcomes and ended.outcome not in outcomes):
            return None
        told = f"A run of {ended.automation} ended: {ended.outcome}."
        about = {"automation": ended.automation, "run": ended.run, "outcome": ended.outcome}
        return Heard(trigger=self.name, key=ended.run, told=told, about=about)


TRIGGER = After()
