"""Mail as posts: who wrote what to whom, in answer to what. Attachments are named, and never opened."""

from __future__ import annotations

import codecs
import email
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email._policybase import Compat32
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import blake2b
from typing import Any

from maquette.connectors import plain
from maquette.domain.posts import Post, Source

LARGEST = 4 << 20
"""Bytes of a message that are read: what is said comes before what is attached."""
_MOST_PARTS, _MOST_PEOPLE, _LONGEST_HEADER, _DEEPEST = 200, 50, 20_000, 10
_OF_HOSTS = {"idna", "punycode"}
"""Charsets of names of hosts: of a text they take the square of its length."""
_ID = re.compile(r"<([^<>\s]{1,400})>")
_SUBJECT = re.compile(r"(?:(?:re|aw|sv|fwd?|wg)\s*:\s*)+", re.IGNORECASE)
_INTRODUCES = re.compile(r"\b(?:wrote|writes|schrieb|écrit)\b.*:\s*$")


class _Part(Message):
    """What lies deeper than anybody nests is one text: each line is held against every boundary above it."""

    _depth = 0

    def attach(self, payload: Any) -> None:
        payload._depth = self._depth + 1
        super().attach(payload)

    def get_boundary(self, failobj: Any = None) -> Any:
        return super().get_boundary(failobj) if self._depth < _DEEPEST else failobj


class _Short(Compat32):
    """Headers are cut as they are read: finding one parameter takes the square of how many there are."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_LONGEST_HEADER]


_POLICY = _Short()


def letter(source: Source, channel: str, raw: bytes, received: datetime | None = None) -> Post | None:
    """None for what is no mail: without a sender, or without a date where `received` isn't known.

    A reply is kept without what it quotes. `channel` stands where the mail is of no mailing list.
    """
    try:
        return _post(source, channel, raw, email.message_from_bytes(raw[:LARGEST], _Part, policy=_POLICY), received)
    except (MessageError, LookupError, ValueError, TypeError, AttributeError, RecursionError):
        return None  # the library raises all of these at mail that is broken on purpose


def _post(source: Source, channel: str, raw: bytes, message: Message, received: datetime | None) -> Post | None:
    sender = [name for name in _people(message, "from") if name]
    at = _date(message) or received
    if not sender or at is None:
        return None
    subject = plain.line(_header(message, "subject"))
    key = named(message) or blake2b(raw, digest_size=12).hexdigest()
    roots = _ID.findall(f"{_header(message, 'references')} {_header(message, 'in-reply-to')}")
    root = roots[0] if roots else key
    return Post(
        id=id_of(source, key),
        source=source.id,
        channel=_list(message) or channel,
        author=sender[0],
        at=at,
        title=_SUBJECT.sub("", subject) if root != key else subject,
        text=_text(message),
        thread=id_of(source, root) if root != key else None,
        to=tuple(dict.fromkeys([*_people(message, "to"), *_people(message, "cc")]))[:_MOST_PEOPLE],
        machine=_header(message, "auto-submitted").lower() not in ("", "no")
        or _header(message, "precedence").lower() in ("bulk", "junk"),
    )


def named(message: Message) -> str:
    """By its sender's program; "" where that didn't."""
    return next(iter(_ID.findall(_header(message, "message-id"))), "")


def id_of(source: Source, key: str) -> str:
    """Of the post that a mail by this name is."""
    return f"{source.id}:{plain.line(key)}"


def _header(message: Message, name: str) -> str:
    """As text, with what its charsets say; as it stands, where they are none."""
    said = str(message.get(name, "") or "")
    if "=?" not in said:
        return said
    try:
        return str(make_header(decode_header(said)))
    except (MessageError, LookupError, ValueError):
        return said


def _people(message: Message, name: str) -> Iterator[str]:
    for called, address in getaddresses([_header(message, name)]):
        if called or address:
            yield plain.line(called or address)


def _date(message: Message) -> datetime | None:
    try:
        at = parsedate_to_datetime(_header(message, "date"))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return None


def _list(message: Message) -> str:
    """The mailing list that it went over, by its name before the dot."""
    found = re.search(r"<([^<>.\s]+)", _header(message, "list-id"))
    return plain.line(found[1]) if found else ""


def _text(message: Message) -> str:
    plains: list[str] = []
    htmls: list[str] = []
    named: list[str] = []
    for number, part in enumerate(message.walk()):
        if number > _MOST_PARTS:
            break
        if part.is_multipart():
            continue
        kind, name = part.get_content_type(), part.get_filename()
        if name or part.get_content_disposition() == "attachment" or not kind.startswith("text/"):
            named.append(f"[{plain.line(name or kind)}]")
        elif kind == "text/html":
            htmls.append(plain.of_html(_decoded(part)))
        else:
            plains.append(_decoded(part))
    said = "\n".join(plains) if any(text.strip() for text in plains) else "\n".join(htmls)
    return plain.cut("\n".join(part for part in (own(said), *named) if part))


def _decoded(part: Message) -> str:
    """In its charset; in one that nobody knows, as well as may be."""
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    charset = part.get_content_charset("utf-8")
    try:
        known = codecs.lookup(charset).name not in _OF_HOSTS
        text = content.decode(charset if known else "utf-8", "replace")
    except LookupError:
        text = content.decode("utf-8", "replace")
    return text.replace("\r\n", "\n")


def own(text: str) -> str:
    """What the writer wrote: without quoted lines, who is said to have written them, and the signature."""
    kept: list[str] = []
    for row in text.partition("\n-- \n")[0].split("\n"):
        if not row.startswith(">"):
            kept.append(row)
            continue
        while kept and not kept[-1].strip():
            kept.pop()
        if kept and _INTRODUCES.search(kept[-1][-200:]):
            kept.pop()
            if kept and kept[-1].startswith(("On ", "Am ", "Le ")):  # in two lines
                kept.pop()
    return "\n".join(kept).strip() or text.strip()
