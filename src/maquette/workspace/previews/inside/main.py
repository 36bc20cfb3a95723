"""`main.py READER FIRST`: reads a file from standard input, and writes what can be seen of it as JSON."""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path

LOCKED = b"\xd0\xcf\x11\xe0"
"""How a file begins that Office has put a password on."""


def main(reader: str, first: str) -> None:
    """A reader raises PermissionError for what a password locks, OverflowError for what is too much."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    sys.path.insert(0, str(Path(__file__).parents[1]))
    try:
        data = sys.stdin.buffer.read()
        if data.startswith(LOCKED):
            raise PermissionError
        seen = importlib.import_module(f"inside.{reader}").read(data, int(first))
    except ModuleNotFoundError:
        seen = {"kind": "unseen", "why": "lacking"}
    except PermissionError:
        seen = {"kind": "unseen", "why": "locked"}
    except (MemoryError, OverflowError, RecursionError):
        seen = {"kind": "unseen", "why": "too-much"}
    except Exception:
        seen = {"kind": "unseen", "why": "broken"}
    sys.stdout.buffer.write(json.dumps(seen).encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
