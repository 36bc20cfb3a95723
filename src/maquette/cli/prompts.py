"""What a person is asked for at the terminal."""

from __future__ import annotations

import sys


def secret(prompt: str) -> str:
    """Without echo, or from standard input: never from an argument, which others could see."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    from getpass import getpass

    return getpass(prompt)
