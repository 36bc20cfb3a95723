"""The form of an automation's plan, and what a schedule means, said while somebody writes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

import htpy as h
from starlette.responses import HTMLResponse

from maquette import schedules
from maquette.approvals.manifests import DOES
from maquette.domain.automations import Automation, Leaves, Passes, Plan, Postcondition, Wake
from maquette.domain.errors import Refused
from maquette.domain.projects import Budget, Project, ProjectKind
from maquette.domain.schedules import Slot
from maquette.schedules import zones
from maquette.web import routes
from maquette.web.views.forms import given, told

router = routes.pages()

NEXT = 5
"""Times ahead that are said."""
CHECKED = (
    ("unchecked", "nothing: no run is told as proved"),
    ("reports", "a report that says something"),
    ("passes", "a command that ends well"),
    ("leaves", "files that are there afterwards"),
)
GOES_ON = ((False, "has a thread of its own"), (True, "goes on in one thread"))
OVERLAP = (("skip", "is skipped"), ("wait", "waits for it"))
CATCH_UP = (("once", "is made up for once"), ("record", "is only recorded"))


@router.get("/automations/when")
def when(text: str = "", zone: str = "") -> HTMLResponse:
    """What is meant, or why it means nothing: an answer too, since it comes while somebody writes. In a thread of its
    own, as a rule may take long.
    """
    return HTMLResponse(str(meant(text, zone)))


def meant(text: str, zone: str) -> h.Element:
    """In a sentence, with the next times by the clocks of its zone."""
    if not text.strip():
        return h.div(".meant")[h.p(".note")["No schedule: it runs when you say so."]]
    try:
        schedule = schedules.read(text, zone.strip() or "UTC", datetime.now(UTC))
    except Refused as refused:
        return h.div(".meant")[h.p(".bad")[str(refused)]]
    return h.div(".meant")[
        h.p[schedule.means],
        [h.p(".note")[note] for note in schedule.notes],
        times(schedule.slots(datetime.now(UTC), NEXT)),
    ]


def times(slots: Sequence[Slot]) -> h.Element:
    if not slots:
        return h.p(".note")["There is no time ahead."]
    return h.ol(".times", aria_label="The next times")[(h.li[wall(slot.local)] for slot in slots)]


def wall(local: str) -> h.Element:
    """A slot by the clock on the wall. What is added where that shows a time twice stays."""
    at = datetime.fromisoformat(local)
    said = f"{at:%a} {at.day} {at:%b}, {at:%H:%M}{at:%z}"
    return h.time(datetime=local)[said if at.year == datetime.now(UTC).year else f"{said}, {at.year}"]


def form(
    plan: Plan | None, projects: Sequence[Project], *, like: Plan, automation: Automation | None = None
) -> h.Element:
    """Of a new one, filled as `like`; or of one that there is, which then gets another version: of that one, and not
    of what somebody else made of it meanwhile.
    """
    to = f"/v1/automations/{automation.id}" if automation else "/v1/automations"
    at = plan or like
    return h.form(
        ".plan",
        data_api=to,
        data_method="PATCH" if automation else "POST",
        data_then=None if automation else "/automations/{id}",
        data_waits=automation and f"plan-{automation.id}",
    )[
        automation and given("over", automation.version),
        h.label["Its name ", h.input(name="name", required=True, maxlength="80", value=at.name, autocomplete="off")],
        h.label[
            "What is to be done, and what you care about ",
            h.textarea(name="brief", rows="4", required=True)[at.brief],
        ],
        _when(at),
        _where(at, projects, new=plan is None),
        _may(at),
        _costs(at),
        _proved(at.postcondition),
        _more(at),
        automation and h.label["Why you change it ", h.input(name="because", autocomplete="off")],
        h.div(".acts")[
            h.button(".main")["Keep as a new version" if automation else "Make the draft"],
            h.p(".note")[
                "What may do or cost something else is turned on again by you."
                if automation
                else "A draft does nothing until you turn it on."
            ],
        ],
        told(),
    ]


def _when(at: Plan) -> h.Element:
    zone = at.when.zone if at.when.schedule else zones.here() or "UTC"
    return h.fieldset[
        h.legend["When"],
        h.Element("when-said")[
            h.div(".pair")[
                h.label[
                    "As you would say it ",
                    h.input(
                        name="when.schedule",
                        value=at.when.schedule,
                        placeholder="weekdays at 7",
                        autocomplete="off",
                        data_type="text",
                    ),
                ],
                h.label[
                    "by the clocks of ",
                    h.input(name="when.zone", value=zone, list="zones", autocomplete="off", required=True),
                ],
            ],
            h.div(aria_live="polite", data_said=True)[meant(at.when.schedule, zone)],
        ],
    ]


def zone_names() -> h.Element:
    """Once for a page, beside what is drawn anew."""
    return h.datalist(id="zones")[(h.option(value=name) for name in sorted(zones.names()))]


def _wakes(at: Plan) -> h.Element:
    held = "\n".join(_wake(wake) for wake in at.when.wakes)
    return h.label[
        "What else begins a run, one a line: files path=in, git refs=main, after automation=mornings, ",
        "webhook scheme=github ",
        h.textarea(name="when.wakes", rows="2", data_type="wakes", spellcheck="false")[held],
    ]


def _wake(wake: Wake) -> str:
    """As it is written; `static/elements/forms.js` reads it."""
    return " ".join([wake.trigger, *(f'{name}="{value}"' for name, value in wake.options.items())])


def _where(at: Plan, projects: Sequence[Project], *, new: bool) -> h.Element:
    modes = (("", "suits the project"), ("worktree", "in a copy, to be reviewed"), ("local", "in the folder itself"))
    held = at.mode.value if at.mode else ""
    repos = [one for one in projects if one.kind is not ProjectKind.DESK]
    return h.fieldset[
        h.legend["Where"],
        h.div(".pair")[
            h.label[
                "It works in ",
                h.select(name="project")[
                    new and h.option(value="")["a desk, with no project"],
                    (
                        h.option(value=one.id, selected=one.id == at.project)[one.name]
                        for one in (repos if new else projects)
                    ),
                ],
            ],
            h.label[
                "and there ",
                h.select(name="mode", data_type="maybe")[
                    (h.option(value=mode, selected=mode == held)[says] for mode, says in modes)
                ],
            ],
            h.label[
                "by ",
                h.input(
                    name="model",
                    data_type="maybe",
                    value=at.model or "",
                    placeholder="the project's model",
                    autocomplete="off",
                    aria_label="Model",
                ),
            ],
        ],
    ]


def _may(at: Plan) -> h.Element:
    return h.fieldset[
        h.legend["What it may do without asking"],
        h.div(".ticks")[
            (
                h.label[
                    h.input(
                        type="checkbox",
                        name="manifest.effects",
                        data_type="each",
                        value=effect.value,
                        checked=effect in at.manifest.effects,
                    ),
                    f" {says}",
                ]
                for effect, says in DOES.items()
            )
        ],
        h.label(data_shows="manifest.effects=network")[
            "Whom it may reach, one host a line ",
            h.textarea(name="manifest.hosts", rows="2", data_type="lines", placeholder="api.github.com")[
                "\n".join(at.manifest.hosts)
            ],
        ],
        h.p(".note")["Whatever needs more waits for you in the inbox; a run never approves itself."],
    ]


def _costs(at: Plan) -> h.Element:
    run, day = at.manifest.budget, at.manifest.daily
    return h.fieldset[
        h.legend["What it may cost"],
        h.div(".pair")[
            _sum("manifest.budget.money", "Each run, $ ", run.money),
            h.label[
                "minutes ",
                h.input(
                    ".sum",
                    name="manifest.budget.seconds",
                    data_type="minutes",
                    inputmode="decimal",
                    value=_minutes(run),
                ),
            ],
            h.label[
                "steps ",
                h.input(".sum", name="manifest.budget.steps", inputmode="numeric", value=str(run.steps or "")),
            ],
            _sum("manifest.daily.money", "All in a day, $ ", day.money),
        ],
    ]


def _minutes(budget: Budget) -> str:
    return f"{float(budget.seconds) / 60:g}" if budget.seconds is not None else ""


def _sum(name: str, says: str, held: Decimal | None) -> h.Element:
    value = "" if held is None else str(held)
    return h.label[says, h.input(".sum", name=name, inputmode="decimal", value=value, placeholder="no cap")]


def _proved(held: Postcondition) -> h.Element:
    return h.fieldset[
        h.legend["How a run is known to have worked"],
        h.div(".pair")[
            h.label[
                "It is proved by ",
                h.select(name="postcondition.kind")[
                    (h.option(value=kind, selected=kind == held.kind)[says] for kind, says in CHECKED)
                ],
            ],
            h.label(data_shows="postcondition.kind=passes")[
                "which command ",
                h.input(
                    name="postcondition.command",
                    value=held.command if isinstance(held, Passes) else "",
                    autocomplete="off",
                    spellcheck="false",
                ),
            ],
            h.label(data_shows="postcondition.kind=leaves")[
                "which files, one a line ",
                h.textarea(name="postcondition.files", rows="2", data_type="lines")[
                    "\n".join(held.files) if isinstance(held, Leaves) else ""
                ],
            ],
        ],
    ]


def _more(at: Plan) -> h.Element:
    return h.details(".detail")[
        h.summary["More"],
        _wakes(at),
        h.label[
            "A command that looks first: while it prints nothing, no model is asked and nothing is spent ",
            h.input(name="look", data_type="text", value=at.look, autocomplete="off", spellcheck="false"),
        ],
        h.div(".pair")[
            _choice("goes_on", "Each run ", GOES_ON, at.goes_on),
            _choice("overlap", "Due while one is at work ", OVERLAP, at.overlap),
            _choice("catch_up", "Missed while no base was up ", CATCH_UP, at.catch_up),
        ],
    ]


def _choice(name: str, says: str, among: Sequence[tuple[str | bool, str]], held: str | bool) -> h.Element:
    kind = "boolean" if isinstance(held, bool) else None
    options = [
        h.option(value=str(value).lower() if isinstance(value, bool) else value, selected=value == held)[meaning]
        for value, meaning in among
    ]
    return h.label[says, h.select(name=name, data_type=kind)[options]]
