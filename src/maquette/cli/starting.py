"""Starting a base: on its own, in a session of its own, so that it outlives the terminal."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from typing import NoReturn

from maquette.cli import lock
from maquette.cli.endings import GONE, Failed
from maquette.settings import Settings, address

PATIENCE = 60.0
"""Seconds until a base must answer."""
LOCKED = 75
"""Exit status of a base that found another one up."""
LONGEST = 8 << 20
"""Bytes of a log before it is put aside."""


def start(settings: Settings) -> None:
    """Returns once the base answers, whoever started it. Raises `Failed` with the last thing it said."""
    from subprocess import DEVNULL, Popen

    log = _log(settings.state)
    child: Popen[bytes] | None = None
    before = 0
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if _answers(settings.socket):
            return
        if child is not None and (status := child.poll()) is not None:
            if status != LOCKED:
                raise Failed(f"The base could not be started. {_last(log, before)}", GONE)
            child = None
        if child is None and lock.holder(settings.state) is None:
            before = log.stat().st_size
            with log.open("ab") as out:
                child = Popen(
                    command("serve"),
                    stdin=DEVNULL,
                    stdout=out,
                    stderr=out,
                    cwd="/",
                    env={**os.environ, "MAQUETTE_HOME": str(settings.state)},
                    start_new_session=True,
                )
        time.sleep(0.02)
    raise Failed(f"The base did not answer within {PATIENCE:.0f} seconds. {_last(log, before)}", GONE)


def command(*words: str) -> list[str]:
    """What runs the floors below the command line. -P: a module that lies in the current folder is not ours."""
    import sys

    return [sys.executable, "-P", "-m", "maquette.app", *words]


def become(*words: str) -> NoReturn:
    """Go on, in this process, as one of the floors below."""
    import sys

    line = command(*words)
    sys.stdout.flush()
    os.execv(line[0], line)


def _log(state: Path) -> Path:
    log = state / "base.log"
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        if log.exists() and log.stat().st_size > LONGEST:
            log.replace(state / "base.log.1")
        log.touch(mode=0o600)
    except OSError as error:
        why = f"The state folder {state} can't be written: {error.strerror}. MAQUETTE_HOME names another."
        raise Failed(why) from error
    return log


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as tried, address(path) as name:
        try:
            tried.connect(name)
        except OSError:
            return False
        return True


def _last(log: Path, before: int) -> str:
    """Its last line since then, without what only a program would want."""
    with log.open("rb") as file:
        file.seek(max(before, os.fstat(file.fileno()).st_size - 65_536))
        lines = file.read(65_536).decode(errors="replace").split("\n")
    said = [line for line in lines if line.strip()]
    sentences = [line.removeprefix("maquette: ") for line in said if line.startswith("maquette: ")]
    return sentences[-1] if sentences else f"{said[-1] if said else 'It said nothing.'} See {log}."
