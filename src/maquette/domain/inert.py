"""Text that others wrote, where it can't steer what shows it, nor look like something else than it is."""

from __future__ import annotations

import re

_STEERS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)
"""Controls (C0, C1), what hides or reorders text, and halves of characters. The joiner that emoji need isn't here."""


def inert(text: str) -> str:
    r"""The text with all that could steer written out: `\u{1b}`. Newline and tab stay; CR LF is one."""
    return _STEERS.sub(lambda found: f"\\u{{{ord(found[0]):x}}}", text.replace("\r\n", "\n"))
