"""What both wires of OpenAI share: the client, and the service it reaches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast

import httpx2
from openai import APIConnectionError, APITimeoutError, AsyncOpenAI, NotGiven, Omit
from pydantic_ai.providers import Provider
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

from maquette.kinds.providers import Request
from maquette.providers.wires.conversation import Line
from maquette.providers.wires.endpoint import PLACEHOLDER, Endpoint
from maquette.providers.wires.events import BROKEN, Events

_OURS = ("extra_headers", "extra_body", "timeout")


class OpenAILine(AsyncOpenAI):
    """OpenAI's client, for one sort of request. Its own way to ask walks through all of a request by its types, twice;
    here the history is bytes already, and the rest is what it is.
    """

    def __init__(self, line: Line, path: str, grows: str, events: type[Events[Any]], event: Any) -> None:
        """`grows` is the field that holds the history; `event`, what an answer's events are."""
        super().__init__(
            api_key=next(iter(line.endpoint.secrets.values()), PLACEHOLDER),
            base_url=line.endpoint.url,
            http_client=line.http,
            max_retries=0,
            timeout=line.http.timeout,
        )
        if line.endpoint.connection:  # what the environment adds is meant for where the environment leads
            self.organization = self.project = None
            self._custom_headers = {}
        self.line, self._grows, self._events, self._event = line, grows, events, event
        self._at: httpx2.URL | str = path
        """Where it is; whole, and taken apart, once there was a request."""
        self._same: Mapping[str, str] = {}
        """Headers of every request."""
        asking = SimpleNamespace(create=self._create)
        vars(self).update(chat=SimpleNamespace(completions=asking), responses=asking)

    async def _create(self, **fields: Any) -> Events[Any]:
        head = {k: v for k, v in fields.items() if k not in _OURS and not isinstance(v, Omit | NotGiven)}
        head |= fields.get("extra_body") or {}
        first = cast("Sequence[object]", head[self._grows]) if self._grows == "messages" else ()
        self._same = self._same or {k: v for k, v in self.default_headers.items() if isinstance(v, str)}
        extra = cast("Mapping[str, str]", fields.get("extra_headers") or {})
        headers = {**self._same, **self.auth_headers, **extra}
        content = self.line.body(head, self._grows, first)
        request = self.line.http.build_request("POST", self._at, content=content, headers=headers)
        self._at = request.url
        try:
            response = await self.line.http.send(request, stream=True)
            if response.is_error:
                await response.aread()
        except httpx2.TimeoutException as error:
            raise APITimeoutError(request=request) from error
        except BROKEN as error:
            raise APIConnectionError(request=request) from error
        if response.is_error:
            raise self._make_status_error_from_response(response)
        return self._events(cast_to=self._event, response=response, client=self)


def service(endpoint: Endpoint, client: AsyncOpenAI) -> Provider[AsyncOpenAI]:
    """OpenAI itself, or a server that speaks like it, whose model may be anyone's."""
    if endpoint.at_home:
        return OpenAIProvider(openai_client=client)
    return OpenAICompatibleProvider("openai", openai_client=client)


def openai_settings(endpoint: Endpoint, always: Mapping[str, object]) -> Callable[[Request], dict[str, object]]:
    """What to ask for, whatever the request. Not every server that speaks like OpenAI knows the cache's key."""

    def settings(request: Request) -> dict[str, object]:
        key = {"openai_prompt_cache_key": request.thread} if request.thread and endpoint.at_home else {}
        return {**always, **key}

    return settings
