"""Three ways a thing can go wrong, by who can mend it."""

from __future__ import annotations

import errno


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

    `retry_after` is in seconds, when the other side said. `code` is stable, for programs.
    """

    code = "unavailable"

    def __init__(self, sentence: str, *, retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class Unspent(Unavailable):
    """It was turned away, or never sent: nothing was taken for it."""


GONE = "no-server"


class Unwritable(Unavailable):
    """The state takes nothing for now, and nothing of this was written: it can be written later, as it is.

    `code`: `disk-full`, `locked`, or `GONE`, where a server keeps the state: then it can't be read either.
    """

    def __init__(self, sentence: str, *, code: str) -> None:
        super().__init__(sentence, retry_after=5)
        self.code = code


class Unsure(Unavailable):
    """The server that keeps the state went away in the middle: once it is back, the log says whether this is in it."""

    code = GONE


def without_room(error: BaseException) -> Unwritable | None:
    """What an error of the system's is to a person where a disk is full; None for any other."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        where = f" ({error.filename})" if error.filename else ""
        return Unwritable(f"The disk is full{where}. Free some space.", code="disk-full")
    return None


class Bug(MaquetteError):
    """Our own mistake."""


class Fenced(MaquetteError):
    """Another worker owns this thread now; whoever gets this must stop, quietly."""
