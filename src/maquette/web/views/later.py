"""Not now, but when? One dialog a page, for all that can be put off on it (`static/elements/later.js`)."""

from __future__ import annotations

import htpy as h

from maquette.web.views.forms import told

WHEN = (
    ("hour", "In an hour"),
    ("evening", "This evening"),
    ("morning", "Tomorrow morning"),
    ("monday", "On Monday"),
)


def puts_off(to: str, title: str, says: str, *, of: str = "", kind: str = "") -> h.Element:
    """The button that opens it. What is chosen goes to `to`, as `until`."""
    return h.button(type="button", data_puts_off=to, data_title=title, data_what=of, class_=kind)[says]


def dialog(title: str, does: str) -> h.Element:
    """`does`: what its button says."""
    return h.dialog(id="later", aria_labelledby="later-title")[
        h.h2(id="later-title")[title],
        h.form(data_item="Put off")[
            h.input(type="hidden", name="of"),
            h.div(".acts")[(h.button(name="until", data_until=when)[says] for when, says in WHEN)],
            h.label["or when? ", h.input(type="datetime-local", name="until", data_type="moment")],
            h.div(".acts")[h.button(".main")[does], h.button(type="button", data_closes=True)["Leave it"]],
            told(),
        ],
    ]
