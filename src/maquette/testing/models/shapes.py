"""Whether a request has the shape that the vendor's own SDK declares."""

from __future__ import annotations

import base64
import binascii
import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import orjson
from pydantic import TypeAdapter
from pydantic_core import SchemaValidator, ValidationError

from maquette.testing.models.turns import Answer

Json = dict[str, Any]
"""Parsed JSON, as hostile as it came."""

_MAGIC = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
}


class Shape:
    """What an SDK declares a request to be. The items of the history are looked at one by one, and each but once: an
    SDK's union of everything that may be in a message takes 60 ms for 400 of them.
    """

    def __init__(self, request: Any, item: Any, grows: str) -> None:
        self._request = _strictly(request)
        self._item = _strictly(item)
        self._grows = grows
        self._good: set[int] = set()

    def faults(self, body: Json) -> Iterator[str]:
        items: Any = body.get(self._grows)
        if not isinstance(items, list):
            yield from _faults(self._request, body, "request")
            return
        yield from _faults(self._request, {**body, self._grows: []}, "request")
        for number, item in enumerate(cast("list[Json]", items)):
            mark = hash(orjson.dumps(item))
            if mark not in self._good:
                found = list(_faults(self._item, item, f"{self._grows}[{number}]"))
                yield from found
                if not found:
                    self._good.add(mark)


@functools.cache
def _strictly(declared: Any) -> SchemaValidator:
    """A validator of an SDK's TypedDict: unknown fields refused, and lists looked into at once.

    It takes up to 0.2 s to make: once a process, however many servers there are.
    """
    return SchemaValidator(_strict(TypeAdapter(declared).core_schema))


def _strict(schema: Any) -> Any:
    """Pydantic reads `Iterable[X]` lazily, which would let anything pass; here it is a list."""
    if isinstance(schema, list):
        return [_strict(s) for s in cast("list[object]", schema)]
    if isinstance(schema, tuple):
        return tuple(_strict(s) for s in cast("tuple[object, ...]", schema))
    if not isinstance(schema, dict):
        return schema
    walked: Json = {k: v if k in ("metadata", "expected") else _strict(v) for k, v in cast("Json", schema).items()}
    if walked.get("type") == "generator":
        walked["type"] = "list"
    if walked.get("type") == "typed-dict" and "extras_schema" not in walked:
        walked["extra_behavior"] = "forbid"
    return walked


def _faults(validator: SchemaValidator, value: object, where: str) -> Iterator[str]:
    """What is wrong with `value`, at most three faults, the deepest first (a union fails in every branch)."""
    try:
        validator.validate_python(value)
    except ValidationError as error:
        faults = sorted(error.errors(include_url=False, include_input=False), key=lambda e: -len(e["loc"]))
        for fault in faults[:3]:
            yield f"{where}: {'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"


def bad_image(media_type: str, data: str) -> str | None:
    """Why this is no picture of the type it claims to be."""
    if media_type not in _MAGIC:
        return f"{media_type} is no picture"
    try:
        raw = base64.b64decode(data, validate=True)
    except binascii.Error:
        return "not base64"
    return None if raw.startswith(_MAGIC[media_type]) else f"the bytes are no {media_type}"


def bad_image_url(url: str) -> str | None:
    head, _, data = url.partition(";base64,")
    return bad_image(head.removeprefix("data:"), data) if head.startswith("data:") else "not a data URL"


def unanswered(asked: Sequence[str], answered: Sequence[str]) -> Iterator[str]:
    """Each call has exactly one result. (Two calls under one id want two results.)"""
    for call in dict.fromkeys([*asked, *answered]):
        wants, got = asked.count(call), answered.count(call)
        if wants != got:
            yield f"call {call!r} was made {wants} times and answered {got} times"


@dataclass(frozen=True)
class Played:
    """An answer as it went out: with the names it was given."""

    name: str
    """Unique in its thread."""
    answer: Answer
    calls: tuple[str, ...]
    """Ids of its calls, as sent."""

    @property
    def signature(self) -> str:
        return f"sealed-{self.name}"


@dataclass(frozen=True)
class Count:
    """Tokens of one request: `input` counts all of it, `cached` what of it was sent before."""

    input: int
    cached: int
    output: int


NOTHING = Count(0, 0, 0)


@dataclass(frozen=True)
class Gist:
    """What a request is about, in no wire's words."""

    began: str
    said: str
    results: dict[str, str]
    answers: int
    """How many answers of the model are in it."""


def pieces(text: str, size: int = 24) -> Iterator[str]:
    for start in range(0, len(text), size):
        yield text[start : start + size]
