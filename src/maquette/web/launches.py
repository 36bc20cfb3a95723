"""One-use codes by which a browser comes in. They are made only for who is at the base's socket.

An address would stay in the browser's history, and be seen by every user of the machine in the arguments of what opens
it. So a browser is given a file that only its owner can read, whose form sends the code; or a person types the code.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path

from maquette.connections.owned import put

ENTER = "/enter"
LIFE = 120
"""Seconds."""
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: nothing in it is taken for another."""
_ALIKE = str.maketrans("OIL", "011", " -\t\r\n")
LONG = 12
"""Characters: 60 bits, which nobody guesses in `LIFE` seconds."""

HANDING_OVER = """\
<!doctype html><html lang="en"><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>Maquette</title>
<form method="post" action="{action}">
<input type="password" name="code" value="{code}" autocomplete="one-time-code" hidden>
<input type="hidden" name="then" value="{then}">
<button>Open Maquette</button></form>
<script>document.forms[0].submit()</script>
"""
"""For a browser of this machine: it sends the code, so that no address holds it. What a password field sends, Chromium
doesn't keep to restore its windows from."""


@dataclass(frozen=True)
class Launch:
    """A way in for `seconds`: give `file` to a browser of this machine, or type `code` at `address`, which leads on to
    a page of the base.
    """

    address: str
    code: str
    file: str
    seconds: int = LIFE


class Launches:
    """Those of a base at `address`; `state` is where its files lie."""

    def __init__(self, state: Path, address: str) -> None:
        self._state, self._address = state, address
        self._files: dict[str, Path] = {}
        for left in state.glob("enter-*.html"):
            left.unlink(missing_ok=True)

    def make(self, then: str = "/") -> Launch:
        """`then`: the page's path that it leads to."""
        code = "".join(secrets.choice(ALPHABET) for _ in range(LONG))
        spelt = "-".join(code[at : at + 4] for at in range(0, LONG, 4))
        digest, file = _digest(code), self._state / f"enter-{secrets.token_hex(8)}.html"
        put(file, HANDING_OVER.format(action=f"{self._address}{ENTER}", code=spelt, then=escape(then)))
        self._files[digest] = file
        asyncio.get_running_loop().call_later(LIFE, self._spend, digest)
        return Launch(self._address + then.rstrip("/"), spelt, str(file))

    def use(self, typed: str) -> bool:
        """Whether that lets in: once."""
        digest = _digest(typed.upper().translate(_ALIKE))
        found = [one for one in self._files if hmac.compare_digest(one, digest)]
        for one in found:
            self._spend(one)
        return bool(found)

    def _spend(self, digest: str) -> None:
        file = self._files.pop(digest, None)
        if file is not None:
            with suppress(OSError):
                file.unlink(missing_ok=True)


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
