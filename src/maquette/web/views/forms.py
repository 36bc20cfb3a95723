"""Parts of forms, which speak the JSON interface (`static/elements/forms.js`)."""

from __future__ import annotations

import htpy as h


def told() -> h.Element:
    """Where a form tells what went wrong."""
    return h.p(".alert", role="alert")


def given(name: str, value: str | bool | int) -> h.VoidElement:
    """What a form sends without being asked."""
    if isinstance(value, bool):
        return h.input(type="hidden", name=name, value=str(value).lower(), data_type="boolean")
    if isinstance(value, int):
        return h.input(type="hidden", name=name, value=str(value), data_type="number")
    return h.input(type="hidden", name=name, value=value)
