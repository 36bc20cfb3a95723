"""How much may be said of an aim: what is near needs an owner and checks, what is far stays one vague line on purpose.

A date on something far is a guess that others plan by, and a number one that others are held to.
"""

from __future__ import annotations

import re

from maquette.domain.horizons import Aim, Horizon

LINE = 140
"""Characters of what is far."""
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_UNITS = "days?|weeks?|months?|quarters?|years?|spring|summer|autumn|winter|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_DATED = re.compile(
    rf"""\b(?:(?:by|in|on|until|before|from|since|of|early|late|mid|next|this)[\s-]+(?:{_MONTHS})
    |(?:{_MONTHS})\s+\d+
    |(?:by|in|on|until|before|within|next|this|end\ of)\s+(?:the\s+|an?\s+|next\s+|(?:two|three|four|five|six|ten)\s+)?
      (?:{_UNITS})
    |q[1-4]|tomorrow|deadline)\b""",
    re.VERBOSE | re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![\w/.@#-])[$€£]?\d[\d.,:/-]*(?:\s?(?:%|(?:[kKmM]|ms|s|x|h|d)\b))?(?![\w/])")
"""One that stands by itself: `3D`, `HTTP/2` and `OAuth2` are names."""


def too_definite(text: str) -> str:
    """The date or number in a text, or ""."""
    found = _DATED.search(text) or _NUMBER.search(text)
    return found[0].strip() if found else ""


def why_not(aim: Aim) -> str:
    """What keeps an aim from standing where it does, in a sentence that says how to mend it; "" where nothing does."""
    if aim.horizon is Horizon.NOW and not (aim.owner and aim.checks):
        lacks = " and ".join(
            word
            for word, there in (("an owner", aim.owner), ("checks by which it is known to be done", aim.checks))
            if not there
        )
        return f"What is done now has {lacks}: say who, and how it will be seen; or let it be next."
    if aim.horizon is not Horizon.LATER:
        return ""
    if "\n" in aim.text or len(aim.text) > LINE:
        return f"What is far stays one line, of {LINE} characters at most: the rest will be known when it is nearer."
    if aim.owner or aim.checks:
        return "What is far has no owner and no checks yet: leave them out, or bring it nearer."
    if found := too_definite(aim.text):
        return f"It is too far off for “{found}”: nobody knows that yet. Leave it out, or bring the aim nearer."
    return ""
