"""An answer's events as they come. The SDKs build each from its type by hand, which costs more than all the rest."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import anyio
import httpx2
import orjson
from openai import APIConnectionError, APIError, APITimeoutError, AsyncStream
from pydantic import BaseModel, ValidationError

E = TypeVar("E")
Json = dict[str, Any]
Place = tuple[Json, str] | None
"""Where words are: in which object, under which name."""
BROKEN = (httpx2.RequestError, ssl.SSLError, anyio.EndOfStream)
"""What a connection breaks with."""
TRAILING = 0.1
"""Seconds that the end of a body is waited for once its last event is there, so that the connection can be kept."""


class Events(AsyncStream[E]):
    """Of what came together, words that follow one another become one event; a wire may join more."""

    @staticmethod
    def words(event: Json) -> Place:
        """Of an event that holds only words."""
        raise NotImplementedError

    @staticmethod
    def taken_up(last: Json, new: Json) -> bool:
        """Whether `last` says by now what `new` says as well."""
        return False

    @staticmethod
    def model(event: Json) -> type[BaseModel] | None:
        """The type of an event, where it has one of its own."""
        raise NotImplementedError

    async def __stream__(self) -> AsyncIterator[E]:
        lines, response = Lines(), self.response
        try:
            body = response.aiter_bytes()
            async for data in body:
                for event in fewer(joined(lines.events(data), self.words), self.taken_up):
                    yield self._made(event)
                if lines.over:
                    with suppress(TimeoutError, *BROKEN):  # the answer is whole, whatever becomes of the connection
                        async with asyncio.timeout(TRAILING):
                            async for _ in body:
                                pass
                    return
        except httpx2.TimeoutException as error:
            raise APITimeoutError(request=response.request) from error
        except BROKEN as error:
            raise APIConnectionError(request=response.request) from error
        finally:
            await response.aclose()

    def _made(self, event: Json) -> E:
        if error := cast("object", event.get("error")):
            said = cast("Json", error).get("message") if isinstance(error, dict) else ""
            words = said if said and isinstance(said, str) else "The stream told of an error."
            raise APIError(words, self.response.request, body=cast("object", error))
        model = self.model(event)
        try:
            if model is not None:
                return cast("E", model.model_validate(event))
        except ValidationError:
            pass  # a server that is free with the types: what comes is taken as it comes
        made = self._client._process_response_data  # pyright: ignore[reportPrivateUsage]
        return made(data=event, cast_to=self._cast_to, response=self.response)


class Lines:
    """Server-sent events, cut out of bytes as they come."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        self._data: list[bytes] = []
        self.over = False
        """The event came that says it is the last; nothing counts after it."""

    def events(self, data: bytes) -> Iterator[Json]:
        """Those that are whole by now."""
        self._rest.append(data)
        if b"\n" not in data and b"\r" not in data:
            return
        lines = b"".join(self._rest).splitlines(keepends=True)
        # A carriage return at the end may be half a line's end.
        self._rest = [] if lines[-1].endswith(b"\n") else [lines.pop()]
        for line in lines:
            if line.startswith(b"data:"):
                self._data.append(line[5:].strip())
            elif self._data and not line.strip() and not self.over:
                said, self._data = b"\n".join(self._data), []
                self.over = said.startswith(b"[DONE]")
                if said and not self.over:
                    yield _read(said)


def _read(text: bytes) -> Json:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:  # half a character, perhaps
        return json.loads(text)


@dataclass
class _Growing:
    event: Json
    holder: Json
    name: str
    pieces: list[str]

    def whole(self) -> Json:
        self.holder[self.name] = "".join(self.pieces)
        return self.event


def joined(events: Iterable[Json], words: Callable[[Json], Place]) -> Iterator[Json]:
    """With neighbours that differ in nothing but their words made one."""
    last: _Growing | None = None
    for event in events:
        place = words(event)
        piece = place[0].pop(place[1]) if place else ""
        if place and last and last.event == event:
            last.pieces.append(piece)
            continue
        if last:
            yield last.whole()
        last = _Growing(event, *place, [piece]) if place else None
        if not place:
            yield event
    if last:
        yield last.whole()


def fewer(events: Iterable[Json], taken_up: Callable[[Json, Json], bool]) -> Iterator[Json]:
    """Without those that the one before could take up: what reads events costs more for each than all that is in it."""
    last: Json | None = None
    for event in events:
        if last is not None:
            if taken_up(last, event):
                continue
            yield last
        last = event
    if last is not None:
        yield last
