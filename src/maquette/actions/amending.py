"""Replies that change an automation itself: when it runs, or what its brief says."""

from __future__ import annotations

from maquette.actions import automations
from maquette.actions.home import Home
from maquette.domain.automations import Automation, Plan
from maquette.domain.briefs import another_when, to_remember
from maquette.domain.errors import Refused
from maquette.domain.events import PlanAmended, ReplyGiven
from maquette.store.interests import History

FORMS = ("weekdays at 6 instead", "at 6:30", "remember: say prices in euros")
"""One of each form, beside those about reports."""


async def amended(home: Home, automation: str, said: ReplyGiven) -> PlanAmended | None:
    """None: the reply isn't about that. Refused: as `automations.change`."""
    at = await automations.find(home, automation)
    if schedule := another_when(said.text, at.plan.when.schedule):
        when = at.plan.when.model_copy(update={"schedule": schedule})
        told, plan = "From now on it runs {means}.", at.plan.model_copy(update={"when": when})
    elif what := to_remember(said.text):
        brief = f"{at.plan.brief}\n{what[:1].upper()}{what[1:]}"
        told, plan = "Its brief says that, too, from now on.", at.plan.model_copy(update={"brief": brief})
    else:
        return None
    return await _changed(home, at, plan, said, told)


async def taken_back(home: Home, automation: str, said: ReplyGiven, known: History) -> PlanAmended | None:
    """“undo”, where the last thing that a reply changed was the automation. Refused: as `automations.restore`."""
    last = next((event for _, event in reversed(known.told) if not isinstance(event, ReplyGiven)), None)
    if said.text.strip(" .!").lower() != "undo" or not isinstance(last, PlanAmended):
        return None
    restored = await automations.restore(home, automation, last.version - 1)
    sentence = f"Undone: {last.sentence}"
    return PlanAmended(reply=said.id, said=said.text, sentence=sentence, version=restored.version, undoes=True)


async def _changed(home: Home, at: Automation, plan: Plan, said: ReplyGiven, told: str) -> PlanAmended | None:
    """What is added to a stranger's brief leaves that a stranger's."""
    try:
        now = await automations.change(home, at.id, plan, because=said.text, label=at.label, over=at.version)
    except Refused as refused:
        if refused.code == "bad-schedule":  # other words that begin as a schedule does
            return None
        raise
    means = (await automations.show(home, now.id)).means if "{means}" in told else ""
    means = f"{means[:1].lower()}{means[1:].rstrip('.')}"
    return PlanAmended(reply=said.id, said=said.text, sentence=told.format(means=means), version=now.version)
