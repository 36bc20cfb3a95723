"""What a scripted model does in its turn: answers, and ways to misbehave around them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson
from pydantic import TypeAdapter

from maquette.domain.labels import Fact


@dataclass(frozen=True, init=False)
class Call:
    """A call of a tool. `arguments` as a mapping is encoded as JSON; as text it is sent as it is, valid or not.

    `id` is made up when not given; giving one twice makes duplicates.
    """

    name: str
    arguments: str
    id: str | None

    def __init__(self, name: str, arguments: Mapping[str, object] | str = "{}", *, id: str | None = None) -> None:
        text = arguments if isinstance(arguments, str) else orjson.dumps(dict(arguments)).decode()
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "arguments", text)
        object.__setattr__(self, "id", id)


@dataclass(frozen=True)
class Answer:
    """A whole answer of a model. Write it as `Says`, `Calls` or `Thinks`."""

    text: str = ""
    calls: tuple[Call, ...] = ()
    thinking: str = ""
    redacted: bool = False
    """The reasoning is sent sealed, as a wire does that has a form for it (Anthropic)."""
    cut: bool = False
    """It stopped at its length limit."""
    counted: bool = True
    """The server says what it took, in tokens. Some never do."""


def Says(text: str, *, thinking: str = "", redacted: bool = False, cut: bool = False, counted: bool = True) -> Answer:
    """Words, and with them the end of the model's turn. `Says("")` is an empty answer."""
    return Answer(text=text, thinking=thinking, redacted=redacted, cut=cut, counted=counted)


def Calls(
    *calls: Call, text: str = "", thinking: str = "", redacted: bool = False, cut: bool = False, counted: bool = True
) -> Answer:
    """Tools asked for, all at once, with words and reasoning before them."""
    return Answer(text=text, calls=calls, thinking=thinking, redacted=redacted, cut=cut, counted=counted)


def Thinks(thinking: str, *, redacted: bool = False) -> Answer:
    """Reasoning with nothing after it."""
    return Answer(thinking=thinking, redacted=redacted)


@dataclass(frozen=True)
class Fails:
    """An HTTP error instead of an answer. `retry_after` in seconds."""

    status: int
    message: str = "scripted failure"
    retry_after: float | None = None
    code: str | None = None


@dataclass(frozen=True)
class Slow:
    """Waits before the first byte."""

    seconds: float
    turn: Answer


@dataclass(frozen=True)
class Stalls:
    """Sends `after` events, then nothing, with the connection open until the other side leaves."""

    turn: Answer
    after: int = 1


@dataclass(frozen=True)
class Breaks:
    """Sends `after` events, then is gone. A `clean` end closes the body properly, only too early.

    `within` is a character of the answer: everything up to its middle is sent instead.
    """

    turn: Answer
    after: int = 1
    clean: bool = False
    within: str = ""


@dataclass(frozen=True)
class Faults:
    """Sends `after` events, then an error inside the stream, as overloaded servers do."""

    turn: Answer
    after: int = 1
    message: str = "scripted overload"


@dataclass(frozen=True)
class Garbles:
    """Answers with something that is no answer at all."""

    body: bytes = b"data: <html>not what you think</html>\n\n"
    kind: str = "text/event-stream"
    status: int = 200


@dataclass(frozen=True)
class Splits:
    """Sends the answer in pieces of `size` bytes, so that characters arrive in parts."""

    turn: Answer
    size: int = 1


Turn = Answer | Fails | Slow | Stalls | Breaks | Faults | Garbles | Splits


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    wire: str
    """`openai-chat`, `openai` or `anthropic`."""
    path: str
    raw: bytes
    headers: Mapping[str, str]
    """Names in lower case."""
    arrived: float
    """Seconds since the epoch."""
    body: Mapping[str, object]
    thread: str
    """The words it began with: that is how threads are told apart."""
    number: int
    """Which request of its thread, from 0."""
    said: str
    """The last words of the person."""
    results: Mapping[str, str] = field(default_factory=dict[str, str])
    """Text of the tools' results since the model's last answer, by call id."""


Scripted = Turn | Callable[[Asked], Turn]
"""A turn, or what decides it when the request is there."""
Script = Sequence[Scripted]


class WrittenCall(Fact):
    name: str
    arguments: dict[str, object] | str = "{}"
    id: str | None = None


class WrittenTurn(Fact):
    """A turn in a script file. `after` counts events for `stalls`, `breaks` and `faults`."""

    says: str = ""
    thinks: str = ""
    calls: tuple[WrittenCall, ...] = ()
    redacted: bool = False
    cut: bool = False
    fails: int | None = None
    message: str = "scripted failure"
    retry_after: float | None = None
    slow: float | None = None
    splits: int | None = None
    stalls: bool = False
    breaks: bool = False
    faults: bool = False
    after: int = 1

    def turn(self) -> Turn:
        if self.fails is not None:
            return Fails(self.fails, self.message, self.retry_after)
        calls = tuple(Call(c.name, c.arguments, id=c.id) for c in self.calls)
        answer = Answer(self.says, calls, self.thinks, self.redacted, self.cut)
        if self.slow is not None:
            return Slow(self.slow, answer)
        if self.splits is not None:
            return Splits(answer, self.splits)
        for wanted, kind in ((self.stalls, Stalls), (self.breaks, Breaks), (self.faults, Faults)):
            if wanted:
                return kind(answer, self.after)
        return answer


_WRITTEN = TypeAdapter(tuple[WrittenTurn, ...] | dict[str, tuple[WrittenTurn, ...]])


def script_from(text: bytes) -> Script | Mapping[str, Script]:
    """A script from JSON: a list of turns, or an object of such lists by marker. Raises `ValueError`."""
    written = _WRITTEN.validate_json(text)
    if isinstance(written, dict):
        return {marker: [t.turn() for t in turns] for marker, turns in written.items()}
    return [t.turn() for t in written]
