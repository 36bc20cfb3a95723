"""Asking a model something short, now: whether it answers, and what it can do. What that costs is counted nowhere."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import anyio

from maquette.actions import models
from maquette.actions.home import Home
from maquette.domain.errors import Refused, Unavailable
from maquette.domain.messages import FromPerson, Image, Thinking
from maquette.kinds.providers import Answered, Provider, Request, ToolSpec, Wire
from maquette.turn.single import answered_by

PATIENCE = 30.0
"""Seconds for one thing that is asked."""
ASKED = "Answer with the one word: here."
CALLED = "Call the tool `here`, and say nothing."
SEEN = "Which colour is this picture? Answer with one word."
RED = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR42mP4z8BAEmIY1TCqYfhqAACQ+f8B8u7oVwAAAABJRU5ErkJggg=="
)
TOOL = ToolSpec("here", "Says that it was called.", {"type": "object", "properties": {}})

Came = Literal["works", "not-connected", "key-refused", "no-such-model", "unreachable", "refused"]
_CAME: dict[str, Came] = {
    "bad-key": "key-refused",
    "unknown-model": "no-such-model",
    "bad-address": "unreachable",
    "not-connected": "not-connected",
}
"""By the code of what was refused."""
NOT_KNOWN = "not known"
TRIED, SERVER, PROFILE = "it was tried", "its server says so", "its vendor says so"


@dataclass(frozen=True)
class Ability:
    """`says` is yes, no, a number of tokens, or "not known"; `by`: how that was learned."""

    what: Literal["tools", "images", "reasoning", "window"]
    says: str
    by: str = ""


@dataclass(frozen=True)
class Tried:
    """What came of asking a model something short; `said` is a sentence for a person. `abilities`: of one that works,
    what it can do, as far as that can be learned.
    """

    model: str
    came: Came
    said: str
    abilities: tuple[Ability, ...] = ()
    can: str = ""
    """The same in words."""


async def try_out(home: Home, name: str) -> Tried:
    """Refused: `unknown-model`, where the name is none at all."""
    way, _, model = models.full(home, name).partition(":")
    return await ask(home.providers[way], model, learn=True)


async def ask(provider: Provider, model: str, *, learn: bool = False) -> Tried:
    """One short thing; and more, where it works, to `learn` what it can do."""
    full, state = f"{provider.wire}:{model}", provider.connected()
    if state.is_rules:
        return Tried(full, "works", f"{state.detail} Nobody was asked.")
    if not state.ready:
        return Tried(full, "not-connected", state.detail)
    try:
        answered = await _answered(provider, model, FromPerson(text=ASKED))
    except Refused as refused:
        return Tried(full, _CAME.get(refused.code, "refused"), str(refused))
    except Unavailable as error:
        return Tried(full, "unreachable", str(error))
    said = f"It works: {answered.model or model} answered ({state.detail})."
    abilities = await _abilities(provider, model, answered) if learn and isinstance(provider, Wire) else ()
    return Tried(full, "works", said, abilities, "\n".join(_words_of(one) for one in abilities))


async def _answered(provider: Provider, model: str, said: FromPerson, tools: Sequence[ToolSpec] = ()) -> Answered:
    """Raises `Refused` and `Unavailable`."""
    return await answered_by(provider, Request(model, "", [said], tools), PATIENCE)


async def _abilities(wire: Wire, model: str, answered: Answered) -> tuple[Ability, ...]:
    """A "yes" only of what was seen; a "no" only of what was refused; what a profile takes for granted isn't known."""
    known = await anyio.to_thread.run_sync(wire.known, model)
    picture = FromPerson(text=SEEN, images=(Image(media_type="image/png", data=base64.b64encode(RED)),))
    called = await _seen(wire, model, FromPerson(text=CALLED), (TOOL,))
    seen = await _seen(wire, model, picture)
    thought = any(isinstance(part, Thinking) for part in answered.answer.parts)
    return (
        _ability("tools", called if isinstance(called, str) else "yes" if called and called.answer.calls else ""),
        _ability(
            "images", seen if isinstance(seen, str) else "yes" if seen and "red" in seen.answer.text.lower() else ""
        ),
        Ability("reasoning", "yes", TRIED if thought else PROFILE)
        if thought or known.reasoning
        else Ability("reasoning", NOT_KNOWN),
        await _window(wire, model, known.window),
    )


def _words_of(ability: Ability) -> str:
    what = "context window" if ability.what == "window" else ability.what
    return f"{what.capitalize()}: {ability.says}" + (f" ({ability.by})" if ability.by else "")


def _ability(what: Literal["tools", "images"], says: str) -> Ability:
    return Ability(what, says, TRIED) if says else Ability(what, NOT_KNOWN)


async def _seen(wire: Wire, model: str, said: FromPerson, tools: Sequence[ToolSpec] = ()) -> Answered | str | None:
    """The answer; "no" when the server refuses such a request; None when nothing can be learned now."""
    try:
        return await _answered(wire, model, said, tools)
    except Refused as refused:
        return "no" if refused.code == "bad-request" else None
    except Unavailable:
        return None


async def _window(wire: Wire, model: str, on_record: int | None) -> Ability:
    with suppress(Refused, Unavailable):
        for one in await wire.offered(PATIENCE):
            if one.name == model and one.window:
                return Ability("window", f"{one.window:,} tokens", SERVER)
    return Ability("window", f"{on_record:,} tokens", PROFILE) if on_record else Ability("window", NOT_KNOWN)
