"""Three ways a thing can go wrong, by who can mend it."""

from __future__ import annotations


class MaquetteError(Exception):
    """Something went wrong; `str()` is one clear sentence, safe to show."""


class Refused(MaquetteError):
    """The person can mend it: the sentence says how.

    `code` is stable, for programs: `unknown-project`, `dirty-tree` …
    """

    def __init__(self, sentence: str, *, code: str = "refused") -> None:
        super().__init__(sentence)
        self.code = code


class Unavailable(MaquetteError):
    """Something outside did not answer; trying again may help.

    `retry_after` is in seconds, when the other side said.
    """

    def __init__(self, sentence: str, *, retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class Bug(MaquetteError):
    """Our own mistake."""


class Fenced(MaquetteError):
    """Another worker owns this thread now; whoever gets this must stop, quietly."""
