"""What is said between a person, a model and its tools, in no provider's words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Base64Bytes, Field

from maquette.domain.labels import Fact

_BEGINNINGS = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
}


class Image(Fact):
    """A picture, whole. `media_type` is `image/png`, `image/jpeg`, `image/gif` or `image/webp`."""

    media_type: str
    data: Base64Bytes

    @property
    def sound(self) -> bool:
        """Whether the bytes begin like a picture of that type; models refuse a thread that holds another."""
        beginning = _BEGINNINGS.get(self.media_type)
        return beginning is not None and self.data.startswith(beginning)


class Text(Fact):
    """Words of a model."""

    kind: Literal["text"] = "text"
    text: str
    item: str | None = None
    """The wire's own id of these words, where it has one (Responses)."""
    phase: str | None = None
    """What the wire says these words are ("commentary", "final_answer"), where it does and wants it back."""


class Thinking(Fact):
    """Reasoning of a model, with whatever its wire wants back with it.

    `signature` and `id` are opaque; `wire` names who made it, since nobody else can use them.
    `details` keeps what else the provider attached (JSON values).
    """

    kind: Literal["thinking"] = "thinking"
    text: str = ""
    id: str | None = None
    signature: str | None = None
    wire: str | None = None
    details: dict[str, object] | None = None


GIVEN = 100
"""Files, with one message, at most."""


class Given(Fact):
    """A file that a person gives with what they say, whole."""

    name: str
    data: Base64Bytes


class Call(Fact):
    """A model asks for a tool. `arguments` is the JSON text as it came (it may be invalid)."""

    kind: Literal["call"] = "call"
    id: str
    name: str
    arguments: str
    item: str | None = None
    """The wire's own id of the item, where it has one beside the call's (Responses)."""
    details: dict[str, object] | None = None
    """What else the wire attached and wants back (JSON values)."""

    def changed(self, instead: Mapping[str, str]) -> Call:
        """With these arguments in the place of its own. `ValueError` where its own can't be read."""
        return self.model_copy(update={"arguments": json.dumps({**json.loads(self.arguments), **instead})})


AnswerPart = Annotated[Text | Thinking | Call, Field(discriminator="kind")]


class FromPerson(Fact):
    """A message of the person, or a note of `ours` to the model in the person's seat."""

    role: Literal["person"] = "person"
    text: str
    images: tuple[Image, ...] = ()
    ours: bool = False


class FromModel(Fact):
    """One whole answer of a model."""

    role: Literal["model"] = "model"
    parts: tuple[AnswerPart, ...]

    @property
    def text(self) -> str:
        return "".join(p.text for p in self.parts if isinstance(p, Text))

    @property
    def calls(self) -> tuple[Call, ...]:
        return tuple(p for p in self.parts if isinstance(p, Call))


class FromTool(Fact):
    """The one result of a call. `same_as`: the call whose result it refers to, in place of its own words. `lost`:
    nobody knows whether it happened, since the base stopped while it ran.
    """

    role: Literal["tool"] = "tool"
    call: str
    name: str
    text: str
    images: tuple[Image, ...] = ()
    error: bool = False
    lost: bool = False
    same_as: str | None = None


Message = Annotated[FromPerson | FromModel | FromTool, Field(discriminator="role")]


class Usage(Fact):
    """Tokens of one request. `price` is in US dollars; None means that nobody knows it. What is `estimated` is our own
    count, rather too high, where the provider told of none.
    """

    input: int = 0
    cached: int = 0
    """Of `input`: read from the provider's cache."""
    written: int = 0
    """Of `input`: written to the provider's cache."""
    output: int = 0
    price: Decimal | None = None
    estimated: bool = False
