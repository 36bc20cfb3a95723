"""Money as the tables keep it: whole picodollars, so that sums are exact (a cached token can cost 3e-9 dollars)."""

from __future__ import annotations

from decimal import Decimal

_DIGITS = 12


def pico(dollars: Decimal) -> int:
    return round(dollars.scaleb(_DIGITS))


def dollars(pico: int) -> Decimal:
    """Without trailing zeros, and never in exponents."""
    return Decimal(f"{Decimal(pico).scaleb(-_DIGITS).normalize():f}")
