"""How a command ends: what it says on stderr, and its exit status."""

from __future__ import annotations

from pathlib import Path

DONE = 0
"""Done; the checks passed, or there were none."""
FAILED = 1
REFUSED = 2
"""Asked for something that can't be: the sentence says what to do. Also wrong usage."""
CHECKS = 3
"""Done, but checks failed on the result."""
WAITS = 4
"""It waits for an answer or an approval."""
STOPPED = 5
BUDGET = 6
GONE = 7
"""The base, or what it depends on, can't be reached."""
DETACHED = 130
"""Left before the end (Ctrl-C twice)."""


class Failed(Exception):
    """Ends a command with a sentence. `code` is the base's, for programs."""

    def __init__(self, sentence: str, status: int = REFUSED, code: str = "") -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code


def mistake(error: Exception, state: Path) -> str:
    """The sentence for a mistake of ours; its trace goes to the base's log."""
    import contextlib
    import traceback

    log = state / "base.log"
    with contextlib.suppress(OSError), log.open("a") as out:
        traceback.print_exception(error, file=out)
    return f"Maquette itself made a mistake here ({type(error).__name__}); {log} has the details."
