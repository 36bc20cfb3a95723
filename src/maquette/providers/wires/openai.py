"""What both wires of OpenAI share: the client, and the service it reaches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from openai import AsyncOpenAI
from pydantic_ai.providers import Provider
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

from maquette.kinds.providers import Request
from maquette.providers.wires.conversation import Line
from maquette.providers.wires.endpoint import PLACEHOLDER, Endpoint


class OpenAILine(AsyncOpenAI):
    """OpenAI's client, but a request's history is bytes already: the SDK would walk through all of it each time."""

    def __init__(self, line: Line, grows: str) -> None:
        self.line = line
        self.grows = grows
        """The field that holds the history."""
        super().__init__(
            api_key=next(iter(line.endpoint.secrets.values()), PLACEHOLDER),
            base_url=line.endpoint.url,
            http_client=line.http,
            max_retries=0,
            timeout=line.http.timeout,
        )

    async def post(  # pyright: ignore[reportIncompatibleMethodOverride] # one signature for all its overloads
        self, path: str, *, body: Any = None, options: Mapping[str, Any] | None = None, **rest: Any
    ) -> Any:
        given = dict(options or {})
        extra = cast("dict[str, object]", given.pop("extra_json", None) or {})
        head = {**cast("dict[str, object]", body), **extra}
        first = cast("Sequence[object]", head[self.grows]) if self.grows == "messages" else ()
        content = self.line.body(head, self.grows, first)
        return await super().post(path, content=content, options=cast("Any", given), **rest)


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
