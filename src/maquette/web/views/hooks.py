"""A hook as a part of its automation's page, or of the page of sources: its address, and the making of its secret."""

from __future__ import annotations

import htpy as h

from maquette.actions.hooks import Hook
from maquette.web.hooks import PATH
from maquette.web.views.forms import told
from maquette.web.views.pieces import piece
from maquette.web.views.words import moment

_SURE = "Turn away whatever is sent there, until there is another secret?"


def part(hook: Hook) -> list[h.Element]:
    """The form that shows a secret stays as it is when the page changes, until the page is left."""
    id, to = f"hook-{hook.of}", f"/v1/hooks/{hook.of}"
    standing = [
        h.p["Takes a POST at ", h.code[f"{PATH}{hook.of}"]],
        h.p[
            "It has a secret" if hook.secret else "It takes nothing until it has a secret",
            hook.last and [", and was told something last ", moment(hook.last)],
            ".",
        ],
        hook.secret
        and h.form(data_api=f"{to}/revoke", data_sure=_SURE)[
            h.button(".quiet", aria_label=f"Revoke the secret of {hook.name}")["Revoke it"], told()
        ],
    ]
    making = h.form(data_api=f"{to}/secret", data_tells="secret")[
        h.button(aria_label=f"Make a secret for {hook.name}")["Make a secret"],
        h.p(".note")["It is shown this once. The one before, if there was one, no longer counts."],
        h.output(aria_label="The secret"),
        told(),
    ]
    return [piece(h.div, f"{id}-is", "", standing), piece(h.div, f"{id}-makes", "makes", making)]
