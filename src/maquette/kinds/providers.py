"""What a provider is: something that answers when a thread is put to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol, runtime_checkable

from maquette.domain.messages import FromModel, Message, Usage


@dataclass(frozen=True)
class ToolSpec:
    """A tool as a model sees it; `parameters` is a JSON schema of an object."""

    name: str
    description: str
    parameters: Mapping[str, object]


@dataclass(frozen=True)
class SkillSpec:
    """A skill on offer: `when` says what it is for; `folder` is where its SKILL.md lies."""

    name: str
    when: str
    folder: str
    script: str | None = None
    """A script (absolute path) that does it without a model, where the skill names one."""
    options: str = ""
    """What the script is given when it is run by rule: `{request}` stands for what the person said, `{checks}` for
    `--check COMMAND` once for each of the project's checks."""
    tool: str = ""
    """A tool that does it without a model, called with no arguments, where the skill names one in place of a script."""
    again: bool = False
    """The script may be run again where it was cut off: what it left half done, if anything, is done then."""
    matches: tuple[str, ...] = ()
    """Plain phrases that ask for it, for matching by rule."""


@dataclass(frozen=True)
class Request:
    """One request. Within a thread, `instructions` and `tools` stay the same and `messages` only grows
    (but for a compaction), so that providers can reuse what they encoded before and caches hit.
    """

    model: str
    """Without the wire: `gpt-5`, not `openai:gpt-5`."""
    instructions: str
    messages: Sequence[Message]
    tools: Sequence[ToolSpec]
    skills: Sequence[SkillSpec] = ()
    """Already listed in `instructions`; here for answering by rule."""
    checks: Sequence[str] = ()
    """The project's checks; here for answering by rule."""
    thread: str = ""
    """A key for the provider's cache."""
    max_output: int | None = None
    settings: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True)
class TextDelta:
    """More of the answer's words."""

    text: str


@dataclass(frozen=True)
class ThinkingDelta:
    """More reasoning."""

    text: str


@dataclass(frozen=True)
class Answered:
    """The whole answer; always last. A call in it is complete: half-arrived calls never get here."""

    answer: FromModel
    usage: Usage
    model: str
    """As the provider named it."""
    cut: bool = False
    """It stopped at its length limit."""
    undone: bool = False
    """Whoever answered says that what was asked is not done: rules that nothing matched, say."""


Delta = TextDelta | ThinkingDelta | Answered


class Conversation(Protocol):
    """A thread being put to one model; keeps what it encoded. Used by one task at a time."""

    def stream(self, request: Request) -> AsyncIterator[Delta]:
        """One request, one try.

        Raises `Unavailable` (429, 5xx, time-outs, a stream that broke off: trying again may help),
        `Refused` (no key, unknown model, a bad request: it won't), never anything else.
        """
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True)
class Connection:
    """A way to models that a person set up. Its `name` is the word before the colon in its models' names."""

    name: str
    wire: str
    """Whose protocol is spoken there."""
    address: str
    """"": the vendor's own."""
    kept: str
    """Where its key is kept, in words; "" where it has none."""
    key: Callable[[], str] = field(repr=False)
    """Reads the key, or "". Blocks. Raises `Refused` when it isn't to be had."""


@dataclass(frozen=True)
class Connected:
    """Whether a provider could be used now, in a sentence (which variable is missing, say)."""

    ready: bool
    detail: str
    is_rules: bool = False
    """Answers by rule and is no language model; faces must say so."""
    silent: str = ""
    """Since when it doesn't answer, and when it is tried again; "" while it does, as far as is known."""


@dataclass(frozen=True)
class Offered:
    """A model as its server lists it. `window`: tokens of a request it takes, where the server says so."""

    name: str
    window: int | None = None


@dataclass(frozen=True)
class Known:
    """What is on record of a model, without asking it; None: nothing is."""

    reasoning: bool | None = None
    window: int | None = None


class Provider(Protocol):
    """One way to reach models. `wire` is the word before the colon in a model's name."""

    @property
    def wire(self) -> str: ...

    def connected(self) -> Connected:
        """Without asking the network."""
        ...

    def open(self, model: str) -> Conversation: ...

    def price(self, model: str, usage: Usage) -> Decimal | None:
        """What these tokens of a model cost, in US dollars; None when nobody knows it. Blocks, at first for long."""
        ...


@runtime_checkable
class Wire(Provider, Protocol):
    """A provider that speaks to servers, of which there may be several."""

    def is_led(self) -> bool:
        """Whether a variable of the environment says where it is, or with which key. That goes before what is kept."""
        ...

    def at(self, connection: Connection) -> Wire:
        """The same, there."""
        ...

    async def offered(self, seconds: float) -> Sequence[Offered]:
        """Asks the server which models it has. Raises `Unavailable`, also when it takes longer, and `Refused`."""
        ...

    def known(self, model: str) -> Known:
        """Blocks, as it may load much."""
        ...
