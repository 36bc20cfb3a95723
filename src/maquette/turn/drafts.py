"""What an agent drafts to be done by itself: written down with whose words it is, and never more than a draft."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import ValidationError

from maquette import schedules
from maquette.domain.automations import Manifest, Passes, Plan, Unchecked, When
from maquette.domain.cards import DraftCard
from maquette.domain.errors import Refused
from maquette.domain.events import AutomationSet
from maquette.domain.ids import new_id
from maquette.domain.labels import Label
from maquette.domain.projects import Project
from maquette.kinds.tools import Drafts, Result
from maquette.schedules import zones
from maquette.store import Store
from maquette.store.projections import automations


@dataclass(frozen=True)
class Drafting:
    """Of one thread."""

    store: Store
    thread: str
    project: Project

    async def made(self, wanted: Drafts, label: Label) -> Result:
        """`label` is the worst that the thread has read. Refused: what the schedule doesn't say, `taken-name`."""
        zone = wanted.zone or zones.here() or "UTC"
        when = await asyncio.to_thread(schedules.read, wanted.when, zone, datetime.now(UTC))
        plan = self._plan(wanted, When(schedule=when.text, zone=when.zone))
        known = await self.store.query(automations.automations)
        if any(one.plan.name.lower() == plan.name.lower() for one in known):
            raise Refused(f"There is an automation called {plan.name!r} already.", code="taken-name")
        origin = label.origin if label.origin != "person" else f"thread:{self.thread}"
        made = AutomationSet(
            label=label.model_copy(update={"origin": origin}),
            version=1,
            plan=plan,
            because="It was asked for in a thread.",
            said=self.thread,
        )
        automation = new_id("automation")
        await self.store.log.append(automation, made, expected=0)
        notes = " ".join((when.means, *when.notes))
        told = f"The draft “{plan.name}” is there; it does nothing until it is turned on. {notes}"
        return Result(told, DraftCard(automation=automation, name=plan.name, brief=plan.brief, means=notes))

    def _plan(self, wanted: Drafts, when: When) -> Plan:
        try:
            return Plan(
                name=wanted.name.strip(),
                project=self.project.id,
                brief=wanted.brief.strip(),
                when=when,
                look=wanted.look,
                manifest=Manifest(effects=wanted.may, hosts=wanted.hosts),
                postcondition=Passes(command=wanted.check) if wanted.check else Unchecked(),
            )
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise Refused(f"{'.'.join(map(str, first['loc']))}: {first['msg']}.", code="bad-arguments") from error
