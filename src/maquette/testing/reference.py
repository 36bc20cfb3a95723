"""The parts of the reference that are read off the code: `python -m maquette.testing.reference` writes them anew."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from maquette.domain import events
from maquette.web.api import NOUNS

PLACE = Path(__file__).parents[3] / "docs" / "reference"
MADE = "<!-- Made by `python -m maquette.testing.reference` from the code: change that, then make this anew. -->"


def pages() -> Mapping[str, str]:
    """Every page that is made, by its name."""
    return {"events.md": "\n".join(_events()), "routes.md": "\n".join(_routes())}


def _events() -> Iterator[str]:
    yield from ("# Events", "", MADE, "")
    yield "Everything that can happen, and so all that the log, its [feed](api.md) and its [export](exports.md) hold."
    yield "An entry is an event in its place: `cursor` grows over the whole log, `position` within its `stream` (the id"
    yield "of a thread or a project), `at` is when. Every event also has its `type`, and a `label` that says whom its"
    yield "words come from and who may see them. A field with a value behind its name may be left out."
    for found in iter_modules(events.__path__):
        module = import_module(f"{events.__name__}.{found.name}")
        own = [event for event in _all_events() if event.__module__ == module.__name__]
        if own:
            yield from ("", f"## {found.name.capitalize()}", "", _told(module))
        for event in own:
            yield from ("", f"### `{event.model_fields['type'].default}`", "", _told(event))
            fields = [row for name, row in _fields(event) if name not in {"type", "label"}]
            yield from ("", "| field | |", "| --- | --- |", *fields) if fields else ()
    yield ""


def _all_events() -> Sequence[type[BaseModel]]:
    (union, _) = get_args(events.Event)
    return get_args(union)


def _fields(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    for name, field in model.model_fields.items():
        value = field.default
        if field.is_required():
            shown = ""
        else:
            shown = f" = {json.dumps(value)}" if value is None or isinstance(value, int | float | str) else " = empty"
        yield name, f"| `{name}`{shown} | {_kind(field.annotation)} |"


def _kind(of: Any) -> str:
    args = get_args(of)
    if get_origin(of) is Literal:
        return " or ".join(f'"{one}"' for one in args)
    if get_origin(of) in {Union, UnionType}:
        return " or ".join(_kind(one) for one in args if one is not type(None))
    if get_origin(of) is Annotated:  # of unions, the only one in events
        return "`Card`"
    if get_origin(of) is tuple:
        kinds = list(dict.fromkeys(_kind(one) for one in args if one is not ...))
        return f"list of {', '.join(kinds)}"
    names = {"str": "text", "int": "whole number", "float": "number", "bool": "true or false", "datetime": "time"}
    name = getattr(of, "__name__", "")
    return names.get(name) or f"`{name}`"


def _routes() -> Iterator[str]:
    yield from ("# Routes", "", MADE, "")
    yield "Every address of [the API](api.md), beneath `/v1`. What each takes and gives is in its own description, at"
    yield "`/v1/openapi.json`."
    for noun in sorted(NOUNS, key=lambda one: one.__name__):
        yield from ("", f"## {noun.__name__.rpartition('.')[2].capitalize()}", "", _told(noun))
        yield from ("", "| address | |", "| --- | --- |")
        for route in noun.router.routes:
            for method in sorted(route.methods):
                told = _told(route.endpoint) or route.name.replace("_", " ").capitalize()
                yield f"| `{method} {route.path.removeprefix('/v1')}` | {told} |"
    yield ""


def _told(of: Any) -> str:
    """A docstring in one line."""
    text = inspect.getdoc(of) or ""
    return re.sub(r"\s*\n\s*", " ", text)


def main() -> None:
    for name, text in pages().items():
        (PLACE / name).write_text(text)


if __name__ == "__main__":
    main()
