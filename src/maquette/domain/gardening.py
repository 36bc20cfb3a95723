"""An idea of the night gardener: one thing that could go, with a run and a work tree of its own."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from maquette.domain.labels import Fact

SLOT = "idea:"
"""With this begins the slot of a run that makes an idea real, so none is begun twice."""


BRIEF = "Tend the garden: use the skill garden, and offer what it finds."
"""What the gardener is told, whose run looks for ideas."""


_AGAIN = "~2"


class Idea(Fact):
    """`key` is the same as long as it is about the same things; `lines` is how many it saves."""

    kind: Literal["dead-code", "duplicate", "dependency"]
    key: str = Field(pattern=r"^[0-9a-f]{12}$")
    file: str = Field(min_length=1, max_length=1_000)
    what: str = Field(min_length=1, max_length=1_000)
    lines: int = Field(ge=1)

    @property
    def slot(self) -> str:
        return f"{SLOT}{self.kind}:{self.key}:{self.file}"

    @property
    def sort(self) -> str:
        """Ideas of one kind about one file: `slot` without what tells them apart."""
        return sort_of(self.slot)

    @property
    def task(self) -> str:
        return f"Garden: make idea {self.key} real, in this work tree. Nothing else."


def again(slot: str) -> str:
    """The slot of the second try of an idea whose first was broken off; there is no third."""
    kind, key, file = slot.removeprefix(SLOT).split(":", 2)
    return f"{SLOT}{kind}:{key}{_AGAIN}:{file}"


def is_again(slot: str) -> bool:
    return slot.split(":", 3)[2].endswith(_AGAIN)


def first(slot: str) -> str:
    """Of either try: the slot of the first, which is the idea's own."""
    return slot.replace(f"{_AGAIN}:", ":", 1) if is_again(slot) else slot


def file_of(slot: str) -> str:
    return slot.split(":", 3)[3]


def sort_of(slot: str) -> str:
    return f"{slot.split(':', 2)[1]}:{file_of(slot)}"
