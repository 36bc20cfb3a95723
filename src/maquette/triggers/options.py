"""What all triggers ask of their options."""

from __future__ import annotations

from collections.abc import Mapping

from maquette.domain.errors import Refused

LONGEST = 500


def checked(trigger: str, options: Mapping[str, str], *, must: tuple[str, ...] = (), may: tuple[str, ...] = ()) -> None:
    """Raises `Refused` where one is missing, unknown, or longer than anybody writes."""
    for name in must:
        if not options.get(name, "").strip():
            raise Refused(f"The trigger `{trigger}` needs {name!r}: give it as {name}=….", code="bad-trigger")
    unknown = sorted(set(options) - {*must, *may})
    if unknown:
        known = ", ".join((*must, *may)) or "none"
        raise Refused(f"The trigger `{trigger}` has no option {unknown[0][:40]!r}; it has {known}.", code="bad-trigger")
    if any(len(value) > LONGEST for value in options.values()):
        raise Refused(f"An option of a trigger is {LONGEST} characters at most.", code="bad-trigger")


def words(options: Mapping[str, str], name: str) -> tuple[str, ...]:
    """What was given between commas."""
    return tuple(word.strip() for word in options.get(name, "").split(",") if word.strip())
