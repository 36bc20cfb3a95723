"""Where a person begins: what is to be done, where, and by whom; and what needs them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

import htpy as h
from starlette.responses import HTMLResponse, StreamingResponse

from maquette.actions import models, projects, reviews, roles, samples
from maquette.actions.home import Home
from maquette.domain.projects import Project, ProjectKind
from maquette.settings import APPRENTICE
from maquette.web import routes
from maquette.web.api.home import Here
from maquette.web.views.away import notice
from maquette.web.views.composer import attach, say
from maquette.web.views.forms import given, told
from maquette.web.views.frame import page
from maquette.web.views.here import Beats
from maquette.web.views.rail import rail
from maquette.web.views.streaming import of_room

router = routes.pages()

TRIES = (
    ("Delete the dead code", "Delete the dead code.", "looks for what nobody calls, deletes it, runs the checks"),
    ("Make one spreadsheet", "Make a spreadsheet of the data files.", "CSV, JSON … in a folder become typed sheets"),
    ("What changed here?", "What changed in the last month?", "a digest of a repo's history, with its sources"),
)
"""What the apprentice can do, by rule: a title, what to say, and what comes of it."""

SAMPLES = (
    (
        samples.SHOP,
        "Delete dead code, and merge it",
        "Delete the dead code.",
        "what nobody calls is looked for and deleted on a copy, and the checks run. You see the difference, and merge.",
    ),
    (
        samples.TILL,
        "A folder of CSVs → a spreadsheet",
        "Make a spreadsheet of the data files.",
        "six files of a till become one workbook, with typed columns and totals; you are told what is in it.",
    ),
    (
        samples.SHOP,
        "What changed last month?",
        "What changed in this repo last month?",
        "a digest of the repo's history, in which each line names the commits it stands on.",
    ),
)
"""What can be tried on which sample: a title, what to say, and what comes of it."""


@router.get("/")
async def start(home: Here, away: str = "") -> HTMLResponse:
    """`away`: a thread that was put away just now."""
    known, worker = await projects.listed(home), await roles.worker(home)
    main = h.article(".start")[
        [notice(one) for one in (await reviews.away(home, away) if away else [])],
        h.h1["What is to be done?"],
        _form(home, known, worker),
        worker == APPRENTICE and _apprentice(samples.among(home, known), known, await samples.has_messages(home)),
    ]
    return page("New work", await rail(home, "/"), main, stream="/stream")


@router.get("/stream")
async def changes(home: Here, pulse: Beats) -> StreamingResponse:
    """Of every page that shows no thread, and has nothing else that changes by itself."""
    return of_room(home, pulse)


def _form(home: Home, known: Sequence[Project], worker: str) -> h.Element:
    listed = [wire for wire in models.listed(home) if wire.ready]
    named = sorted({worker, *(project.model for project in known if project.model)})
    repos = [project for project in known if project.kind is not ProjectKind.DESK]
    return h.form(
        id="composer", class_="composer", data_api="/v1/threads", data_then="/threads/{thread}", data_draft="new"
    )[
        say("What is to be done", "Say it in your own words…", rows=4, autofocus=True),
        h.div(".row")[
            h.label[
                "In ",
                h.select(name="project", aria_label="In which project")[
                    h.option(value="")["a desk, with no project"],
                    (h.option(value=project.id, selected=project is repos[-1])[project.name] for project in repos),
                ],
            ],
            h.label[
                "as ",
                h.select(name="mode", aria_label="How it works there")[
                    h.option(value="")["suits the project"],
                    h.option(value="worktree")["a copy, to be reviewed"],
                    h.option(value="local")["work in place"],
                ],
            ],
            h.label[
                "by ",
                h.input(
                    name="model",
                    list="models",
                    autocomplete="off",
                    placeholder=worker,
                    aria_label="Model",
                ),
                h.datalist(id="models")[
                    (h.option(value=name) for name in named), (h.option(value=f"{wire.wire}:") for wire in listed)
                ],
            ],
            h.label[
                "up to $",
                h.input(
                    ".sum", name="budget.money", inputmode="decimal", placeholder="no cap", aria_label="Cap in dollars"
                ),
            ],
            attach(),
            h.span(".hint")[h.kbd["Ctrl"], " ", h.kbd["Enter"]],
            h.button(".main")["Begin"],
        ],
        told(),
    ]


def _apprentice(made: Mapping[str, Project], known: Sequence[Project], has_messages: bool) -> h.Element:
    own = any(project.kind is not ProjectKind.DESK and project not in made.values() for project in known)
    return h.section(".tries")[
        h.h2["No model is connected"],
        h.p[
            "That is all right: ",
            h.a(href="/models#connect")["connect one"],
            ", or meet the apprentice. It is no language model: it works by rule, and says so in each answer. Three "
            "tasks it does, for real: delete dead code, make data files a spreadsheet, tell what changed in a repo.",
        ],
        _on_samples(made) if made else _no_samples(),
        own and _on_own(),
        _rooms(has_messages),
    ]


def _rooms(has_messages: bool) -> h.Fragment:
    """A taste of the rooms beside threads, each by one press."""
    report = _pressed(
        "A report of what matters", "a dozen lines out of thousands of messages; say what was wrong with it."
    )
    return h.fragment[
        h.h3["In the other rooms"],
        h.ul[
            h.li[
                h.form(data_api="/v1/threads", data_then="/threads/{thread}")[
                    given("text", "Report what matters."), given("model", APPRENTICE), report, told()
                ]
                if has_messages
                else h.form(data_api="/v1/samples/messages", data_then="/")[
                    _pressed("Bring in messages", "six weeks of a made-up company's, for reports to be made of."),
                    told(),
                ]
            ],
            h.li[
                h.form(data_api="/v1/samples/exploration", data_then="/explore/{id}")[
                    _pressed("Twelve tries at one page", "compare them side by side, vote, and pick one."), told()
                ]
            ],
        ],
    ]


def _pressed(name: str, what: str) -> h.Element:
    return h.button[h.b[name], h.small[f"By rule: {what}"]]


def _no_samples() -> h.Element:
    return h.form(data_api="/v1/samples", data_then="/")[
        h.button(".main")["Make a sample project"],
        h.p(".note")[
            "A small bookshop with code and a history, and a folder of what its till exported; both in ",
            h.code["~/maquette-samples"],
            ". Nothing else is touched.",
        ],
        told(),
    ]


def _on_samples(made: Mapping[str, Project]) -> h.Fragment:
    return h.fragment[
        h.h3["Things to try on the sample"],
        h.ul[(h.li[_try(made[which], *said)] for which, *said in SAMPLES if which in made)],
        samples.SHOP in made and _killed(made[samples.SHOP]),
    ]


def _try(project: Project, name: str, says: str, what: str) -> h.Element:
    return h.form(data_api="/v1/threads", data_then="/threads/{thread}")[
        given("text", says),
        given("project", project.id),
        given("model", APPRENTICE),
        _pressed(name, what),
        told(),
    ]


def _killed(project: Project) -> h.Element:
    return h.details(".killed")[
        h.summary["Kill the base in mid-task, and watch it go on"],
        h.p["Begin the task, and while it is at work, type this in a terminal:"],
        h.pre(tabindex="0", role="group", aria_label="What to type")[
            f"kill -9 {os.getpid()}; sleep 3; maquette threads"
        ],
        h.p[
            "The first command ends the base on the spot; the last starts it again, as each of ours does. The page "
            "says that its line is broken, and then the task goes on from where it was. Nothing is done twice "
            "that may be done once only."
        ],
        _try(project, "Begin that task", "Delete the dead code.", "the same as above, on a fresh copy."),
    ]


def _on_own() -> h.Fragment:
    return h.fragment[
        h.h3["On a project of yours"],
        h.ul[
            (
                h.li[h.button(type="button", data_say=says)[h.b[name], h.small[f"By rule: {what}."]]]
                for name, says, what in TRIES
            )
        ],
    ]
