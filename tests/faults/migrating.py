"""Opens a log as a later version of Maquette would, and dies where the environment says."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path

from maquette.store import Log, migrations


def main(words: Sequence[str]) -> None:
    """Words: the later version's scripts, the newest of them, and the log."""
    scripts, newest, path = words
    migrations.SCRIPTS, migrations.NEWEST = Path(scripts), newest
    log = Log.open(Path(path))
    if os.environ.get("DIE_AT") == "committed":
        os.kill(os.getpid(), signal.SIGKILL)
    log.close()
