"""Where a person says what is to be done."""

from __future__ import annotations

import htpy as h

from maquette.domain.threads import Thread, ThreadState
from maquette.web.views.forms import told


def composer(at: Thread) -> h.Element:
    """At the foot of a thread. While a turn is at work, what is said steers it; or it waits in line."""
    busy = at.state in (ThreadState.RUNNING, ThreadState.WAITING)
    return h.form(id="composer", class_="composer", data_api=f"/v1/threads/{at.id}/messages", data_draft=at.id)[
        h.textarea(
            id="say",
            name="text",
            rows="2",
            required=True,
            placeholder="Say more…",
            aria_label="Say more to this thread",
        ),
        h.div(".row")[
            h.label(".choice", hidden=not busy)[
                h.input(type="checkbox", name="steer", data_type="boolean", checked=True),
                " to the work under way (else it waits in line)",
            ],
            h.span(".hint")[h.kbd["Ctrl"], " ", h.kbd["Enter"]],
            h.button(".main")["Send"],
        ],
        told(),
    ]
