"""Automations: draft, set, turn on, pause, run, try, and what became of each slot."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from maquette import schedules
from maquette.actions import models, projects, roles
from maquette.actions.home import Home
from maquette.approvals import manifests
from maquette.approvals.shown import Shown, digest
from maquette.domain.automations import Automation, Cause, Plan, Receipt, Reports, State, Wake, When
from maquette.domain.briefs import when_and_what
from maquette.domain.errors import Refused
from maquette.domain.events import AutomationSet, AutomationSwitched, RunBegan
from maquette.domain.gardening import BRIEF
from maquette.domain.ids import new_id
from maquette.domain.labels import PERSON, Label
from maquette.domain.projects import ProjectKind
from maquette.domain.schedules import Slot
from maquette.domain.threads import Mode
from maquette.engine import slots
from maquette.engine.slots import Ground
from maquette.kinds.sandboxes import Tier
from maquette.kinds.triggers import Listens
from maquette.schedules import zones
from maquette.settings import APPRENTICE
from maquette.store.automations import standing
from maquette.store.projections import automations as projection

NEXT = 3
"""Slots ahead that are told."""
GARDENER = "gardener"


@dataclass(frozen=True)
class Told:
    """An automation, with what a person is to know of it.

    `means`: its schedule in a sentence, with `notes`; `shown` is what turning it on approves, `digest` that of exactly
    this. `waits`: how many of its runs wait for a person.
    """

    automation: Automation
    project: str
    means: str
    notes: Sequence[str]
    next: Sequence[Slot]
    shown: Shown
    digest: str
    waits: int
    last: Receipt | None


@dataclass(frozen=True)
class Version:
    """What a plan once was. `changed`: in what it differs from the one before, in words."""

    version: int
    at: datetime
    plan: Plan
    changed: Sequence[str]
    because: str
    said: str | None
    restores: int | None
    label: Label


async def listed(home: Home, *states: State) -> list[Told]:
    """By name; those in some states, or all."""
    found = await home.store.query(projection.automations, *states)
    return await _told(home, found)


async def find(home: Home, automation: str) -> Automation:
    """By id, name, or the end of an id. Refused: `unknown-automation`."""
    return await home.store.query(projection.find, automation)


async def show(home: Home, automation: str) -> Told:
    (told,) = await _told(home, [await find(home, automation)])
    return told


async def draft(home: Home, plan: Plan) -> Automation:
    """A new one, which does nothing until it is turned on. `plan.project` may be a name or a path; a brief that says
    when, of a plan that doesn't, is taken apart.

    Refused: `unknown-project`, `taken-name`, `unknown-model`, `bad-schedule` and the like.
    """
    checked = await _checked(home, _apart(plan))
    id = new_id("automation")
    await home.store.log.append(id, AutomationSet(version=1, plan=checked), expected=0)
    return await find(home, id)


def _apart(plan: Plan) -> Plan:
    if plan.when.schedule or plan.when.wakes or (parts := when_and_what(plan.brief)) is None:
        return plan
    try:
        schedules.read(parts[0], plan.when.zone or zones.here() or "UTC", datetime.now(UTC))
    except Refused:
        return plan
    return plan.model_copy(update={"brief": parts[1], "when": plan.when.model_copy(update={"schedule": parts[0]})})


async def gardener(home: Home, project: str) -> Plan:
    """The night gardener ready-made, by rule, so that it costs nothing. Refused: `unknown-project`."""
    of = await projects.resolve(home, project or None)
    taken = {one.plan.name.lower() for one in await home.store.query(projection.automations)}
    return Plan(
        name=f"Gardener of {of.name}"[:80] if GARDENER in taken else GARDENER,
        project=of.id,
        brief=BRIEF,
        when=When(schedule="weekdays at 3:00"),
        model=APPRENTICE,
        postcondition=Reports(),
    )


async def change(
    home: Home,
    automation: str,
    plan: Plan,
    *,
    because: str = "",
    said: str | None = None,
    restores: int | None = None,
    label: Label = PERSON,
    over: int | None = None,
) -> Automation:
    """Another version. Where it may do more, or costs more, or the words aren't the person's, it must be turned on
    again. `over`: the version that was changed, else the last; a brief that stays is as much worth as it was.

    Refused: as `draft`; `nothing-changed`; `conflict` when somebody changed it meanwhile.
    """
    at = await find(home, automation)
    if over not in (None, at.version):
        raise Refused(await _meanwhile(home, at, over), code="conflict")
    checked = await _checked(home, plan, at)
    if checked == at.plan:
        raise Refused("Nothing is different.", code="nothing-changed")
    whose = at.label.join(label) if checked.brief == at.plan.brief else label
    made = AutomationSet(
        label=whose, version=at.version + 1, plan=checked, because=because, said=said, restores=restores
    )

    async def unless_changed() -> list[AutomationSet]:
        if (now := await find(home, at.id)) != at:
            raise Refused(f"“{now.plan.name}” was changed meanwhile: look at it again.", code="conflict")
        return [made]

    await home.store.log.decide(at.id, unless_changed)
    return await find(home, at.id)


async def _meanwhile(home: Home, at: Automation, over: int | None) -> str:
    """What differs from the version that somebody had before them."""
    known = await versions(home, at.id)
    since = [one for one in known if one.version > (over or 0)]
    seen = next((one for one in known if one.version == over), since[-1])
    why = "".join(f" (“{one.because}”)" for one in since[:1] if one.because)
    other = ", ".join(at.plan.apart(seen.plan)) or "nothing, in the end"
    return (
        f"“{at.plan.name}” is at version {at.version} by now, and you changed version {seen.version}. Since then is "
        f"other: {other}{why}. Look at it again, then keep what you want of yours."
    )


async def restore(home: Home, automation: str, version: int) -> Automation:
    """Bring a former version back, as a new one. Refused: `unknown-version`, `nothing-changed`."""
    at = await find(home, automation)
    former = next((one for one in await versions(home, at.id) if one.version == version), None)
    if former is None:
        raise Refused(f"There is no version {version} of it; it is at {at.version}.", code="unknown-version")
    return await change(home, at.id, former.plan, restores=version, label=former.label, over=at.version)


async def versions(home: Home, automation: str) -> list[Version]:
    """The latest first."""
    at = await find(home, automation)
    found: list[Version] = []
    for entry in await asyncio.to_thread(home.store.log.read, at.id):
        if isinstance(event := entry.event, AutomationSet):
            before = found[-1].plan if found else None
            changed = event.plan.apart(before) if before else []
            told = (event.because, event.said, event.restores, event.label)
            found.append(Version(event.version, entry.at, event.plan, changed, *told))
    return found[::-1]


async def turn_on(home: Home, automation: str, approves: str) -> Automation:
    """Approve what was shown, whose digest `approves` is, and let it run; goes on after a pause.

    Refused: `not-as-shown`, `no-sandbox`.
    """
    if home.probes[0].tier is Tier.NONE:
        why = "Nothing runs by itself where no sandbox holds: `maquette doctor` says what would mend that."
        raise Refused(why, code="no-sandbox")
    last = await asyncio.to_thread(home.store.log.last, (await find(home, automation)).id)
    told = await show(home, automation)
    if approves != told.digest:
        raise Refused("That isn't what it may do now: look at it again.", code="not-as-shown")
    return await _switch(home, told.automation, "on", approves=approves, expected=last)


async def resume(home: Home, automation: str) -> Automation:
    """Go on after a pause, as it was approved. Refused: `not-paused`."""
    at = await find(home, automation)
    if at.state is not State.PAUSED:
        raise Refused(f"It isn't paused, it is {at.state.value}.", code="not-paused")
    return await _switch(home, at, "on")


async def pause(home: Home, automation: str, until: datetime | None = None) -> Automation:
    """No slots until then, or until it is resumed. What is at work goes on. Refused: `not-on`, `past`."""
    at = await find(home, automation)
    if at.state not in (State.ON, State.PAUSED):
        raise Refused(f"It isn't on, it is {at.state.value}.", code="not-on")
    if until is not None and until <= datetime.now(UTC):
        raise Refused("That is past already.", code="past")
    return await _switch(home, at, "paused", until=until)


async def turn_off(home: Home, automation: str) -> Automation:
    """No more slots, and nothing is approved any longer. What is at work goes on."""
    return await _switch(home, await find(home, automation), "off")


async def run(home: Home, automation: str) -> RunBegan:
    """A run now, beside its slots. Refused: `not-on`."""
    at = await find(home, automation)
    if at.approved is None:
        raise Refused("It may do nothing yet: turn it on, or make a trial run.", code="not-on")
    return await _begin(home, at, Cause.NOW)


async def trial(home: Home, automation: str) -> RunBegan:
    """A run of which nothing leaves its own tree, and which counts as no slot."""
    at = await find(home, automation)
    of = await projects.resolve(home, at.plan.project)
    base = None
    if of.kind is not ProjectKind.REPO:
        kept = await home.workspace.keep(at.id, "trial", of, Mode.LOCAL)
        base = kept.commit
    return await _begin(home, at, Cause.DRY, base=base)


async def receipts(home: Home, automation: str | None = None, limit: int = 100) -> list[Receipt]:
    """What became of each slot and run, of one or of all; the latest first."""
    of = (await find(home, automation)).id if automation else None
    return await home.store.query(projection.receipts, of, limit)


async def of_thread(home: Home, thread: str) -> list[Receipt]:
    """Of the runs in a thread; the latest first."""
    return await home.store.query(projection.receipts, thread=thread)


async def _begin(home: Home, at: Automation, cause: Cause, base: str | None = None) -> RunBegan:
    stands = await home.store.query(standing, at, datetime.now(UTC))
    model = at.plan.model or await roles.worker(home, stands.project)
    began = slots.begun(at, Ground(stands.project, model, stands.thread), cause, base=base)
    await home.store.log.append(at.id, began)
    return began


async def _switch(
    home: Home,
    at: Automation,
    to: Literal["on", "paused", "off"],
    *,
    until: datetime | None = None,
    approves: str = "",
    expected: int | None = None,
) -> Automation:
    switched = AutomationSwitched(to=to, version=at.version, since=datetime.now(UTC), until=until, digest=approves)
    await home.store.log.append(at.id, switched, expected=expected)
    if (now := await find(home, at.id)).state.value != to:
        raise Refused(f"“{now.plan.name}” was changed meanwhile: look at it again.", code="conflict")
    return now


async def _checked(home: Home, plan: Plan, at: Automation | None = None) -> Plan:
    """With its project's id, and the schedule as it is kept."""
    of = await projects.resolve(home, plan.project or None)
    if plan.model is not None:
        models.full(home, plan.model)
    if plan.mode is Mode.READ or (plan.mode is Mode.WORKTREE and of.kind is not ProjectKind.REPO):
        raise Refused(f"{of.name} is no repo, so its runs work in the folder: mode local.", code="no-such-mode")
    for other in await home.store.query(projection.automations):
        if other.plan.name.lower() == plan.name.lower() and (at is None or other.id != at.id):
            raise Refused(f"There is an automation called {plan.name!r} already.", code="taken-name")
    when = plan.when
    if not when.zone:
        when = when.model_copy(update={"zone": zones.here() or "UTC"})
    if when.schedule and (at is None or when != at.plan.when):
        read = await asyncio.to_thread(schedules.read, when.schedule, when.zone, datetime.now(UTC))
        when = when.model_copy(update={"schedule": read.text, "zone": read.zone})
    wakes = tuple([await _wake(home, one, at) for one in when.wakes])
    if sum(isinstance(home.triggers[one.trigger], Listens) for one in wakes) > 1:
        raise Refused("An automation has one address, so it waits for one webhook.", code="bad-trigger")
    return plan.model_copy(update={"project": of.id, "when": when.model_copy(update={"wakes": wakes})})


async def _wake(home: Home, wake: Wake, at: Automation | None) -> Wake:
    """Another automation is named by its id. Refused: `bad-trigger`."""
    trigger = home.triggers.get(wake.trigger)
    if trigger is None:
        there = ", ".join(sorted(home.triggers))
        raise Refused(f"No trigger {wake.trigger!r} begins automations. There are: {there}.", code="bad-trigger")
    trigger.means(wake.options)
    if "automation" not in wake.options:
        return wake
    other = await find(home, wake.options["automation"])
    if at is not None and at.id in await _begun_by(home, other):
        raise Refused("It can't be begun by its own end: that would never end.", code="bad-trigger")
    return wake.model_copy(update={"options": {**wake.options, "automation": other.id}})


async def _begun_by(home: Home, at: Automation) -> set[str]:
    """Whose ends begin it, at however many removes; itself too."""
    known = {one.id: one for one in await home.store.query(projection.automations)}
    found, ahead = {at.id}, [at]
    while ahead:
        ids = {wake.options.get("automation", "") for wake in ahead.pop().plan.when.wakes} - found
        found |= ids
        ahead += [known[id] for id in ids if id in known]
    return found


async def _told(home: Home, some: Sequence[Automation]) -> list[Told]:
    """What is stored of them is asked for at once, however many they are."""
    projects_ = {one.id: one.name for one in await projects.listed(home)}
    last = await home.store.query(projection.last_receipts, [at.id for at in some])
    runs = await home.store.query(projection.open_runs, some[0].id if len(some) == 1 else None)
    waits = Counter(run.automation for run, _ in runs if run.state == "waits")
    found: list[Told] = []
    for at in some:
        means, notes, coming = await asyncio.to_thread(_ahead, at)
        woken = [f"{home.triggers[one.trigger].means(one.options)}." for one in at.plan.when.wakes]
        of = projects_.get(at.plan.project, at.plan.project)
        lines = manifests.shown(at, of)
        found.append(
            Told(
                automation=at,
                project=of,
                means=" ".join(filter(None, (means, *woken))),
                notes=notes,
                next=coming,
                shown=lines,
                digest=digest(lines),
                waits=waits[at.id],
                last=last.get(at.id),
            )
        )
    return found


def _ahead(at: Automation) -> tuple[str, Sequence[str], Sequence[Slot]]:
    """What its schedule means, and the slots to come. A rule may take long."""
    if not at.plan.when.schedule:
        return "", (), ()
    schedule, now = schedules.read(at.plan.when.schedule, at.plan.when.zone), datetime.now(UTC)
    after = max(now, at.until or at.since) if at.state is State.PAUSED else now
    return schedule.means, schedule.notes, schedule.slots(after, NEXT)
