"""A brief that says when: newcomers put both into one sentence, whether to an agent or into an automation."""

from __future__ import annotations

import re

_AGAIN = (
    r"(?:every|each|daily|hourly|weekly|monthly|weekdays|workdays|weekends"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)days?)\b"
)
_AT = r"\bat \d{1,2}(?:[:.]\d\d)?(?: ?[ap]m)?"
_GOES_ON = r"and|or|from|until|till|to|on|in|between|while|of|o'clock"
_FORMS = (
    rf"(?P<when>{_AGAIN}[^\n]{{0,80}}?):\s+(?P<what>\S.*)",
    rf"(?P<when>{_AGAIN}[^\n:]{{0,60}}?{_AT}),?\s+(?!(?:{_GOES_ON})\b)(?P<what>[^\W\d].*)",
    rf"(?P<what>\S[^\n]*?),?\s+(?P<when>{_AGAIN}[^\n:]{{0,60}}?{_AT})\.?",
)
_READ = [re.compile(form, re.IGNORECASE | re.DOTALL) for form in _FORMS]


_ONLY_AT = re.compile(rf"(?:run (?:it |this )?|do it |report |make it )?(?P<at>{_AT})", re.IGNORECASE)
_ONLY_WHEN = re.compile(rf"(?:run (?:it |this )?|do it |report |make it )?(?P<when>{_AGAIN}[^\n:]*)", re.IGNORECASE)
_REMEMBER = re.compile(
    r"(?:please )?(?:remember(?: that)?|add to (?:the|your) brief)[:,]? +(?P<what>.+)", re.IGNORECASE | re.DOTALL
)
_PLEASE = re.compile(r"(?:,? (?:instead|from now on|please))*[.!]*$", re.IGNORECASE)


def another_when(text: str, schedule: str) -> str | None:
    """The schedule meant by “weekdays at 6 instead”, or by “at 6:30” where `schedule` says an hour like that."""
    said = _PLEASE.sub("", " ".join(text.split()))
    if found := _ONLY_WHEN.fullmatch(said):
        return found["when"]
    found = _ONLY_AT.fullmatch(said)
    return re.sub(_AT, found["at"], schedule, count=1) if found and re.search(_AT, schedule) else None


def to_remember(text: str) -> str | None:
    """What is to be added to a brief: “remember: say prices in euros”."""
    found = _REMEMBER.fullmatch(text.strip())
    return found["what"] if found else None


def when_and_what(text: str) -> tuple[str, str] | None:
    """Of “every weekday at 7: say what changed”, also without the colon or with the time at its end."""
    found = next(filter(None, (form.fullmatch(text.strip()) for form in _READ)), None)
    return (found["when"], found["what"]) if found else None
