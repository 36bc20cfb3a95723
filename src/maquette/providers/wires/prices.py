"""What a request would cost, by the same list of prices as what it did cost."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from genai_prices.data_snapshot import get_snapshot
from pydantic_ai.messages import ModelResponse
from pydantic_ai.usage import RequestUsage

from maquette.domain.messages import Usage


def price(vendor: str, url: str, model: str, usage: Usage) -> Decimal | None:
    """In US dollars; None when nobody knows it."""
    counted = RequestUsage(
        input_tokens=usage.input,
        cache_read_tokens=usage.cached,
        cache_write_tokens=usage.written,
        output_tokens=usage.output,
    )
    return cost(ModelResponse(parts=[], usage=counted, model_name=model, provider_name=vendor, provider_url=url))


def cost(answer: ModelResponse) -> Decimal | None:
    """The same, of one that is there."""
    try:
        known = _is_listed(answer.model_name or "", answer.provider_name, answer.provider_url)
        return answer.cost().total_price if known else None
    except (LookupError, ValueError, AssertionError):
        return None


@lru_cache(256)
def _is_listed(model: str, vendor: str | None, url: str | None) -> bool:
    """The list remembers what it found, but goes through all of itself for what it has not, and so for own servers."""
    for of, at in ((None, url), (vendor, None)):
        try:
            get_snapshot().find_provider_model(model, None, of, at)
            return True
        except LookupError:
            continue
    return False
