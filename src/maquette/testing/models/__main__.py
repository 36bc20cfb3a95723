"""`python -m maquette.testing.models SCRIPT.json`: a scripted model server until it is told to end."""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from maquette.testing.models import ScriptedModels, script_from


def main(arguments: list[str] | None = None) -> int:
    """1 when a request was bad; what was bad is told on standard error."""
    parser = argparse.ArgumentParser(prog="python -m maquette.testing.models", description=__doc__)
    parser.add_argument("script", type=Path, help="JSON: a list of turns, or an object of such lists by marker")
    parser.add_argument("--unchecked", action="store_true", help="don't check what is sent")
    parser.add_argument("--keep", type=int, help="how many requests to remember")
    given = parser.parse_args(arguments)
    try:
        script = script_from(given.script.read_bytes())
    except (OSError, ValueError) as error:
        parser.error(f"{given.script}: {error}")
    told = threading.Event()

    def tell(number: int, frame: FrameType | None) -> None:
        told.set()

    signal.signal(signal.SIGINT, tell)
    signal.signal(signal.SIGTERM, tell)
    with ScriptedModels(script, checked=not given.unchecked, keep=given.keep) as server:
        lines = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in server.variables.items())
        sys.stdout.write(lines + "\n")
        sys.stdout.flush()
        told.wait()
        problems = list(server.problems)
        server.problems.clear()
    sys.stderr.write("".join(f"{problem}\n" for problem in problems))
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
