"""What a tool is. A file in `maquette.tools` that holds a `Tool` is a tool: nothing else need know of it."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar, cast

from pydantic import BaseModel, ConfigDict, model_validator

from maquette.domain.cards import Card, PlanStep
from maquette.domain.effects import Effect
from maquette.domain.gardening import Idea
from maquette.domain.labels import Label
from maquette.domain.messages import Image
from maquette.domain.projects import Budget
from maquette.kinds.files import Files
from maquette.kinds.providers import SkillSpec
from maquette.kinds.reports import Reports
from maquette.kinds.sandboxes import Box

A = TypeVar("A", bound="Arguments")
T = TypeVar("T")


class Arguments(BaseModel):
    """The base of a tool's arguments. Unknown fields are refused with a message the model can act on.

    Null stands for "left out": models give it freely for what they needn't say.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_left_out(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        optional = {field.alias or name for name, field in cls.model_fields.items() if not field.is_required()}
        fields = cast("dict[str, object]", given)
        return {name: value for name, value in fields.items() if value is not None or name not in optional}


@dataclass(frozen=True)
class Result:
    """What a call came to. `text` goes to the model, `card` to the person."""

    text: str
    card: Card | None = None
    images: tuple[Image, ...] = ()
    error: bool = False
    label: Label | None = None
    """What its text is worth, where it wasn't read in the thread's tree."""


@dataclass(frozen=True)
class Asks:
    """In place of a result: the turn waits until the person has answered, however long."""

    question: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plans:
    """In place of a result: the thread's plan is now this."""

    steps: tuple[PlanStep, ...]


@dataclass(frozen=True)
class Delegates:
    """In place of a result: the turn waits until a child, a thread of its own, has done this and reported.

    `reads`: it looks at the tree of the thread that asks; else it has a tree of its own, which begins as that stands.
    Of `budget` no more counts than is left of the thread's own.
    """

    task: str
    reads: bool = False
    model: str | None = None
    budget: Budget = field(default_factory=Budget)


@dataclass(frozen=True)
class Drafts:
    """In place of a result: there is a draft of an automation now, which does nothing until a person turns it on.

    `look`, `check`: commands; "" for none. `zone`: "" for this machine's.
    """

    name: str
    brief: str
    when: str
    zone: str
    look: str
    check: str
    may: tuple[Effect, ...]
    hosts: tuple[str, ...]


@dataclass(frozen=True)
class Offers:
    """In place of a result: each of these is to have a run of its own, of the automation whose run this is."""

    ideas: tuple[Idea, ...]


@dataclass(frozen=True)
class Taken:
    """What of a child's files came into the tree, as a unified diff; or the paths that keep all of it out.

    `conflicts`: each path with the file as it would be, both sides between marks; None where it is no text.
    `kept`: the ref that holds what was there before.
    """

    diff: str = ""
    files: tuple[str, ...] = ()
    added: int = 0
    removed: int = 0
    conflicts: tuple[tuple[str, str | None], ...] = ()
    kept: str = ""


class ToolContext(Protocol):
    """What a running call has at hand."""

    @property
    def thread(self) -> str: ...
    @property
    def call(self) -> str: ...
    @property
    def files(self) -> Files:
        """The thread's tree."""
        ...

    @property
    def box(self) -> Box:
        """The thread's sandbox; lives as long as the thread is being worked on."""
        ...

    @property
    def outputs(self) -> Path:
        """A folder of the thread's, outside its tree, for whole outputs; readable inside the box."""
        ...

    @property
    def later(self) -> Sequence[Tool[Any]]:
        """Tools that the first request leaves out; `find_tool` looks here."""
        ...

    @property
    def skills(self) -> Sequence[SkillSpec]:
        """The skills on offer in this thread; their folders are readable inside the box."""
        ...

    @property
    def reports(self) -> Reports:
        """Posts that were read elsewhere, and reports about them."""
        ...

    async def take(self, child: str, leave: Sequence[str]) -> Taken:
        """Bring what a child of the thread made into the tree, all or nothing; files at or below `leave` stay."""
        ...

    def show(self, output: str) -> None:
        """Live output for whoever watches; not kept."""
        ...

    def keep(self, key: str, make: Callable[[], T]) -> T:
        """Something that lives as long as the box (a table of background processes)."""
        ...


Came = Result | Asks | Plans | Delegates | Drafts | Offers


@dataclass(frozen=True)
class Tool(Generic[A]):
    """A tool. `description` is what a model reads: short, since every request carries it."""

    name: str
    description: str
    arguments: type[A]
    effects: frozenset[Effect]
    run: Callable[[ToolContext, A], Awaitable[Came]]
    idempotent: bool = False
    """Doing it twice is as doing it once, so it may be done again after a crash."""
    reaches: Callable[[A], Sequence[str]] | None = None
    """The hosts and recipients that a call names, by which an automation may be let do it; None: nobody can say."""
    first: bool = True
    """Carried by each request; the others are found by `find_tool` and called by `use_tool`."""


def parameters(tool: Tool[Any]) -> dict[str, object]:
    """The JSON schema of a tool's arguments as a model gets it: closed, without titles, defaults, `$ref` and null.

    An argument that may be left out may be null as well; saying so in each schema would cost bytes in every request.
    """
    return _parameters(tool.arguments)


@functools.cache
def _parameters(arguments: type[Arguments]) -> dict[str, object]:
    schema = arguments.model_json_schema()
    return _compact(schema, cast("Mapping[str, Mapping[str, Any]]", schema.get("$defs", {})))


def _compact(schema: Mapping[str, Any], definitions: Mapping[str, Mapping[str, Any]]) -> dict[str, object]:
    if "$ref" in schema:
        return _compact(definitions[str(schema["$ref"]).rpartition("/")[2]], definitions)
    choices = [c for c in schema.get("anyOf", ()) if c.get("type") != "null"]
    if len(choices) == 1:
        rest = {k: v for k, v in schema.items() if k != "anyOf"}
        return _compact({**choices[0], **rest}, definitions)
    compact: dict[str, object] = {}
    for key, value in schema.items():
        if key in ("title", "default", "$defs") or (key == "description" and "properties" in schema):
            continue
        if key == "properties":
            compact[key] = {name: _compact(of, definitions) for name, of in value.items()}
        elif key == "items":
            compact[key] = _compact(value, definitions)
        elif key == "anyOf":
            compact[key] = [_compact(choice, definitions) for choice in choices]
        else:
            compact[key] = value
    return compact
