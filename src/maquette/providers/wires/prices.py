"""What a request would cost, by the same list of prices as what it did cost."""

from __future__ import annotations

from decimal import Decimal

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
    asked = ModelResponse(parts=[], usage=counted, model_name=model, provider_name=vendor, provider_url=url)
    try:
        return asked.cost().total_price
    except (LookupError, ValueError, AssertionError):
        return None
