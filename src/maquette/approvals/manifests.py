"""What an unattended run may do: shown to a person whole before they turn it on, and held to while it runs."""

from __future__ import annotations

import json
from collections.abc import Sequence, Set

from maquette.approvals.policy import OUTWARD, why_ask
from maquette.approvals.shown import Shown, visible
from maquette.domain.automations import Automation, Leaves, Manifest, Passes, Plan, Reports
from maquette.domain.effects import Effect
from maquette.domain.labels import PERSON, Label
from maquette.domain.projects import Budget
from maquette.domain.threads import Mode
from maquette.kinds.sandboxes import Tier

DOES = {
    Effect.READS: "read the project's files",
    Effect.WRITES: "change files",
    Effect.RUNS: "run commands in the sandbox",
    Effect.NETWORK: "reach out",
    Effect.SCREEN: "use a screen",
}
"""In plain words; authority is never given."""


def shown(automation: Automation, project: str) -> Shown:
    """What turning it on approves, line by line. `project` is a name."""
    plan = automation.plan
    manifest = plan.manifest
    may = [DOES[effect] for effect in DOES if effect in manifest.effects]
    where = {
        Mode.LOCAL: f"in the folder of {project} itself",
        None: f"in {project}, in a work tree of its own where that is a repo",
    }.get(plan.mode, f"in a work tree of {project}")
    wakes = (
        " ".join(
            (one.trigger, *(f"{name}={json.dumps(said, ensure_ascii=False)}" for name, said in one.options.items()))
        )
        for one in plan.when.wakes
    )
    when = [f"{plan.when.schedule} ({plan.when.zone})"] if plan.when.schedule else []
    lines = [("does", plan.brief), ("when", "; ".join((*when, *wakes)) or "never by itself")]
    if automation.label.origin != PERSON.origin:
        lines.append(("in words of", automation.label.origin))
    lines += [("may", ", ".join(may) or "nothing"), ("where", where)]
    if Effect.NETWORK in manifest.effects:
        lines.append(("reaches", ", ".join(manifest.hosts) or "nobody: no host is named"))
    lines += [("costs", f"at most {caps(manifest.budget)} each run"), ("costs a day", caps(manifest.daily))]
    lines += [("model", plan.model)] if plan.model else []
    lines += [("first looks", plan.look)] if plan.look else []
    lines.append(("checked by", checked_by(plan)))
    return tuple((name, visible(text)) for name, text in lines)


def checked_by(plan: Plan) -> str:
    """The postcondition in words."""
    match plan.postcondition:
        case Passes(command=command):
            return f"the command {command}"
        case Leaves(files=files):
            return f"the files {', '.join(files)}"
        case Reports():
            return "a report that says something"
        case _:
            return "nothing: no run is told as proved"


def caps(budget: Budget) -> str:
    """In the units of people."""
    forms = {"money": "${}", "tokens": "{:,} tokens", "steps": "{:,} steps", "seconds": "{:g} s"}
    told = [form.format(cap) for name, form in forms.items() if (cap := getattr(budget, name)) is not None]
    return ", ".join(told) or "no cap"


def why_park(
    effects: Set[Effect], reaches: Sequence[str] | None, manifest: Manifest, *, tier: Tier, label: Label
) -> str | None:
    """Why a call of an unattended run must wait for the person; None where its manifest covers it.

    `reaches`: the hosts and recipients that the call names; None where nobody can say.
    """
    given = frozenset(manifest.effects)
    if Effect.AUTHORITY in effects:
        return why_ask(effects, tier=tier, label=label)
    if beyond := [DOES[effect] for effect in DOES if effect in effects - given]:
        return f"This automation may not {' or '.join(beyond)} by itself."
    if Effect.NETWORK in effects:
        strangers = None if reaches is None else [host for host in reaches if host not in manifest.hosts]
        if strangers is None:
            return "Nobody can say beforehand whom it reaches."
        if strangers:
            return f"This automation may not reach {', '.join(strangers)} by itself."
    return None


def goes_out(effects: Set[Effect]) -> bool:
    """Whether it would do something beyond the tree of a trial."""
    return bool(effects & (OUTWARD | {Effect.AUTHORITY}))
