"""Where a person says what is to be done."""

from __future__ import annotations

import htpy as h

from maquette.domain.threads import Thread, ThreadState
from maquette.web.views.forms import told


def composer(at: Thread) -> h.Element:
    """At the foot of a thread. While a turn is at work, what is said steers it; or it waits in line."""
    busy = at.state in (ThreadState.RUNNING, ThreadState.WAITING)
    return h.form(
        id="composer",
        class_="composer",
        data_api=f"/v1/threads/{at.id}/messages",
        data_draft=at.id,
        data_thread=at.id,
        data_project=at.project,
    )[
        say("Say more to this thread", "Say more… (@ names a file, / does something)", rows=2),
        h.div(".row")[
            h.label(".choice", hidden=not busy)[
                h.input(type="checkbox", name="steer", data_type="boolean", checked=True),
                " to the work under way (else it waits in line)",
            ],
            attach(),
            h.span(".hint")[h.kbd["Ctrl"], " ", h.kbd["Enter"]],
            h.button(".main")["Send"],
        ],
        h.button(id="below", type="button", hidden=True)["↓ More below"],
        told(),
    ]


def attach() -> h.Element:
    """Pictures and files that go with a message; they may also be pasted or dropped (`static/elements/pictures.js`)."""
    return h.label(".attach")["Attach", h.input(type="file", multiple=True, data_attaches=True)]


def say(label: str, hint: str, *, rows: int, autofocus: bool = False) -> h.Fragment:
    """The field, and what it offers while somebody writes (`static/elements/offers.js`)."""
    return h.fragment[
        h.textarea(
            id="say",
            name="text",
            rows=str(rows),
            required=True,
            autofocus=autofocus,
            placeholder=hint,
            aria_label=label,
            aria_autocomplete="list",
            aria_haspopup="listbox",
        ),
        h.ul(".pictures", hidden=True),
        h.ul(id="offers", class_="offers", role="listbox", aria_label="Offers", tabindex="0", hidden=True),
        h.span(".said", id="offered", role="status"),
    ]
