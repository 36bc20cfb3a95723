"""Numbers, as a sheet's formats have them shown."""

from __future__ import annotations

import re

_TOKEN = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.|.', re.DOTALL)
_DIGITS = re.compile(r"([#0?,]*[#0?])(?:\.([#0?]*))?")
_GENERAL = ("General", "general", "@", "")


def number(value: float, form: str) -> str:
    """By the part of `form` that is for it; as it is, where that is none of decimals, thousands, percent, currency."""
    parts = form.split(";")
    negative = value < 0
    part = parts[1] if negative and len(parts) > 1 and parts[1] else parts[0]
    read = _read(part)
    if part in _GENERAL or read is None or not abs(value) < 1e18:
        return _plain(value)
    before, digits, after = read
    found = _DIGITS.fullmatch(digits)
    if found is None:
        return _plain(value)
    decimals = found[2] or ""
    size = abs(value) * (100 if "%" in before + after else 1)
    text = f"{size:{',' if ',' in found[1] else ''}.{len(decimals)}f}"
    least = found[1].count("0") + (len(decimals) + 1 if decimals else 0)
    text = text.zfill(least) if "," not in text else text
    if decimals and "0" not in decimals:
        text = text.rstrip("0").rstrip(".")
    sign = "-" if negative and part is parts[0] and text.strip("0.,") else ""
    return f"{sign}{before}{text}{after}".strip()


def _plain(value: float) -> str:
    return str(value) if isinstance(value, int) and abs(value) < 10**15 else f"{value:.10g}"


def _read(part: str) -> tuple[str, str, str] | None:
    """What stands before the digits, the digits, and what stands after them; None for what isn't known here."""
    before, digits, after = "", "", ""
    for token in _TOKEN.findall(part):
        if token[0] in "_*" and len(token) == 2:
            continue
        if token[0] == "[":
            literal = token[2:].split("-")[0].rstrip("]") if token.startswith("[$") else ""
        elif token[0] in '"\\' and len(token) > 1:
            literal = token[1:-1] if token[0] == '"' else token[1]
        elif token in "#0?.,":
            if after:
                return None
            digits += token
            continue
        elif token in "%$€£¥-+() " or not token.isascii():
            literal = token
        else:
            return None
        if digits:
            after += literal
        else:
            before += literal
    return (before, digits, after) if digits else None
