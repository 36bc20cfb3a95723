"""What others wrote, as plain text: without markup, without what nobody can read, and not without end."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape

from maquette.domain.characters import whole

LONGEST = 200_000
"""Characters of one post."""
_LONGEST_NAME = 200
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*+)([^<>]*+)>")
"""None holds a `<`: so that what is broken on purpose takes no longer than what isn't."""
_HREF = re.compile(r"""href\s*=\s*["']?(https?://[^\s"'>]+)""", re.IGNORECASE)
_ALT = re.compile(r"""alt\s*=\s*["']([^"']+)["']""", re.IGNORECASE)
_BLOCK = re.compile(
    "address|article|aside|blockquote|br|d[dlt]|div|fig.*|foot.*|form|h[1-6]|header|hr|li|main|nav|ol|p|pre|section|"
    "table|tr|ul"
)
_UNSEEN = {"head", "script", "style", "template", "title", "noscript"}
_SPACE = re.compile(r"[ \t\r\f\v\xa0]+")
_EMPTY = re.compile(r"\n{3,}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def cut(text: str) -> str:
    """A post's text: legible, without control characters, of a bearable length."""
    text = _CONTROL.sub("", whole(text)).strip()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… (cut: {len(text):,} characters)"


def line(text: str) -> str:
    """A name or title: in one line."""
    text = " ".join(_CONTROL.sub(" ", whole(text)).split())
    return text if len(text) <= _LONGEST_NAME else f"{text[:_LONGEST_NAME]}…"


def moment(seconds: float | str) -> datetime | None:
    """Of a Unix time; None when it is none that a calendar has."""
    try:
        return datetime.fromtimestamp(float(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def of_html(html: str) -> str:
    """The text that a person would see, roughly; links with where they lead, pictures with what they show."""
    html = html[: 4 * LONGEST]
    pieces: list[str] = []
    at, link = 0, ("", 0)
    while at < len(html):
        start = html.find("<", at)
        pieces.append(_SPACE.sub(" ", unescape(html[at : start if start >= 0 else len(html)]).replace("\n", " ")))
        if start < 0:
            break
        if html.startswith("<!--", start):
            at = _after(html, "-->", start)
            continue
        tag = _TAG.match(html, start)
        if tag is None:
            closed = html.startswith(("<!", "<?"), start)
            pieces.append("" if closed else "<")
            at = _after(html, ">", start) if closed else start + 1
            continue
        at, (ends, name, rest) = tag.end(), (tag[1], tag[2].lower(), tag[3])
        if name in _UNSEEN and not ends:
            end = re.compile(f"</{name}[^>]*>?", re.IGNORECASE).search(html, at)
            at = end.end() if end else len(html)
        elif name == "a":
            if not ends:
                link = ((found := _HREF.search(rest)) and found[1]) or "", len(pieces)
            elif link[0] and link[0] not in "".join(pieces[link[1] :]):
                pieces.append(f" ({link[0]})")
            link = ("", 0) if ends else link
        elif name == "img" and (shown := _ALT.search(rest)):
            pieces.append(f"[{unescape(shown[1])}]")
        elif _BLOCK.fullmatch(name):
            pieces.append("\n- " if name == "li" and not ends else "\n")
        elif name in ("td", "th"):
            pieces.append(" ")
    text = "\n".join(row.strip() for row in "".join(pieces).split("\n"))
    return cut(_EMPTY.sub("\n\n", text))


def _after(html: str, mark: str, at: int) -> int:
    """Past the next `mark`; what is never closed hides the rest."""
    found = html.find(mark, at)
    return len(html) if found < 0 else found + len(mark)
