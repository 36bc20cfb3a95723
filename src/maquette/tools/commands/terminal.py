"""What a command printed, as plain text: nothing in it can move a cursor, set a title or reach a clipboard (E12)."""

from __future__ import annotations

import codecs
import re

_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x9b[0-?]*[ -/]*[@-~]"  # CSI
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS, SOS, PM, APC
    r"|\x1b[ -/]*[0-~]"
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b\x9c]*\x1b?|[ -/]*)\Z")
_HELD = 400
"""Characters of an unfinished escape that are waited for to be finished."""


def plain_text(printed: str) -> str:
    """Without escapes and control characters; of an overwritten line (a progress bar), what stood there last."""
    text = _ESCAPES.sub("", printed) if "\x1b" in printed or _CONTROLS.search(printed) else printed
    if "\r" in text:
        text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return _CONTROLS.sub("", text)


class PlainStream:
    """Bytes as they arrive, to plain text: characters and escapes may be split between pieces."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""

    def feed(self, data: bytes) -> str:
        text = self._held + self._decoder.decode(data)
        unfinished = _UNFINISHED.search(text, max(len(text) - _HELD, 0))
        self._held = unfinished[0] if unfinished else ""
        text = text.removesuffix(self._held)
        return _CONTROLS.sub("", _ESCAPES.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
