"""Which models a server has, as it says itself; and what is on record of a vendor's own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import httpx2
import orjson
from genai_prices.data_snapshot import get_snapshot
from pydantic_ai.profiles.anthropic import anthropic_model_profile
from pydantic_ai.profiles.openai import openai_model_profile

from maquette.domain.errors import MaquetteError, Refused, Unavailable
from maquette.kinds.providers import Known, Offered
from maquette.providers.wires.addresses import unreachable
from maquette.providers.wires.conversation import Line
from maquette.providers.wires.endpoint import ANTHROPIC, Endpoint, Patience

MOST, LONGEST, LARGEST = 500, 200, 4 << 20
"""Models of a list, letters of a name, bytes of the list."""
_WINDOWS = ("max_model_len", "context_length", "max_context_length", "context_window", "max_input_tokens")
"""How servers call the tokens that a request may have: vLLM, gateways, LM Studio, Anthropic. What a model was trained
with (llama.cpp, Ollama) isn't among them: the server may serve less.
"""


async def offered(endpoint: Endpoint, seconds: float) -> Sequence[Offered]:
    """What the server lists, at most `MOST`. Raises `Unavailable` and `Refused`, without a key in the words."""
    if endpoint.wrong:
        raise Refused(endpoint.wrong, code="bad-address")
    line = Line(endpoint, patience=Patience(connect=seconds))
    try:
        async with asyncio.timeout(seconds):
            return list(_models(await _asked(line.http, endpoint)))[:MOST]
    except MaquetteError:
        raise
    except Exception as error:  # whatever a server may send
        reason = unreachable(error, endpoint) or Unavailable(f"{endpoint.place} did not say which models it has.")
        raise reason from None
    finally:
        await line.http.aclose()


async def _asked(http: httpx2.AsyncClient, endpoint: Endpoint) -> object:
    path = "v1/models" if endpoint.vendor is ANTHROPIC else "models"
    url = f"{endpoint.url.rstrip('/')}/{path}"
    async with http.stream(
        "GET", url, headers=_headers(endpoint), params={"limit": "500"} if path[0] == "v" else {}
    ) as response:
        if response.status_code in (401, 403):
            raise Refused(f"{endpoint.place} refused the key. {endpoint.key_mend}", code="bad-key")
        if response.status_code != 200:
            raise Unavailable(f"{endpoint.place} did not say which models it has ({response.status_code}).")
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > LARGEST:
                raise Unavailable(f"{endpoint.place} listed models without end.")
    return orjson.loads(body)


def _headers(endpoint: Endpoint) -> Mapping[str, str]:
    if endpoint.vendor is ANTHROPIC:
        key, token = (endpoint.secrets.get(name) for name in endpoint.vendor.keys)
        shown = {"x-api-key": key} if key else {"authorization": f"Bearer {token}"} if token else {}
        return {"anthropic-version": "2023-06-01", **shown}
    key = next(iter(endpoint.secrets.values()), "")
    return {"authorization": f"Bearer {key}"} if key else {}


def _models(body: object) -> Iterator[Offered]:
    fields = cast("dict[str, object]", body) if isinstance(body, dict) else {}
    listed = fields.get("data")
    for one in cast("list[object]", listed) if isinstance(listed, list) else []:
        model = cast("dict[str, object]", one) if isinstance(one, dict) else {}
        name = model.get("id")
        if isinstance(name, str) and 0 < len(name) <= LONGEST and name.isprintable():
            windows = (value for field in _WINDOWS if isinstance(value := model.get(field), int) and value > 0)
            yield Offered(name, next(windows, None))


def known(endpoint: Endpoint, model: str) -> Known:
    """Of a model at its vendor's own address that the price list has. A profile's defaults count for nothing."""
    if not endpoint.at_home:
        return Known()
    try:
        _, info = get_snapshot().find_provider_model(model, None, endpoint.vendor.title.lower(), None)
    except LookupError:
        return Known()
    profile = (anthropic_model_profile if endpoint.vendor is ANTHROPIC else openai_model_profile)(model)
    return Known(True if profile and profile.get("supports_thinking") else None, info.context_window)
