"""IMAP: one folder of a mailbox, read by its UIDs; nothing on the server is changed, not even what is unread.

What leaves the folder is gone here too, unless the person says that it stays: for who files what is answered.
"""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
import time
from base64 import b64encode
from bisect import bisect
from collections.abc import AsyncGenerator, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from email import message_from_bytes
from ipaddress import ip_address
from typing import Any
from urllib.parse import unquote, urlsplit

from maquette.connectors import letters, plain
from maquette.connectors.aside import aside
from maquette.domain.errors import Refused, Unavailable
from maquette.domain.posts import Post, Source
from maquette.kinds.connectors import Batch, Means, Whole

MANY = 50
FIRST = 1 << 20
"""Bytes of a message that are fetched: what is said comes before what is attached."""
_WINDOW = 20_000
"""UIDs asked for at a time: an answer must fit into a line."""
SECONDS = 60.0
"""For each answer of the server."""
_NAMES = 500
"""Messages whose names are asked for at a time."""
_UID = re.compile(rb"\bUID (\d+)")


class Imap:
    kind = "imap"
    about = "a mailbox: imaps://name@host/INBOX"
    options: Mapping[str, str] = {
        "since": "a day, 2026-01-31: what was received before isn't read",
        "user": "the name to log in with, if it has an @ in it",
        "gone": "say stays, and what leaves the folder stays here: for who files what is answered",
    }
    wants_secret = True

    def check(self, source: Source) -> None:
        _Place(source)

    async def read(self, source: Source, cursor: str, means: Means) -> AsyncGenerator[Batch]:
        async for batch in aside(_batches(source, _Place(source), cursor, means)):
            yield batch


class _Place:
    """What an address says. Without TLS a password is only told to this very machine."""

    def __init__(self, source: Source) -> None:
        odd = f"{source.at} is no mailbox's address. One is like imaps://anna@mail.example/INBOX."
        try:
            parts = urlsplit(source.at)
            port, host = parts.port, parts.hostname
        except ValueError as error:
            raise Refused(odd, code="odd-source") from error
        if parts.scheme not in ("imap", "imaps") or not host:
            raise Refused(odd, code="odd-source")
        if parts.password is not None:
            raise Refused("The address has a password in it: give that by itself.", code="odd-source")
        self.tls = parts.scheme == "imaps"
        self.host, self.port = host, port or (993 if self.tls else 143)
        self.user = source.options.get("user") or unquote(parts.username or "")
        self.folder = unquote(parts.path.lstrip("/")) or "INBOX"
        if not self.user:
            raise Refused(f"{odd} It needs a name to log in with.", code="odd-source")
        if any(not c.isprintable() for c in self.user + self.folder):
            raise Refused(odd, code="odd-source")
        if not self.tls and not _here(host):
            raise Refused("Without TLS the password could be read on the way: use imaps://.", code="odd-source")
        if source.options.get("gone", "stays") != "stays":
            raise Refused("What leaves the folder goes here too, or gone=stays.", code="odd-source")
        self.follows = "gone" not in source.options
        since = source.options.get("since", "")
        try:
            self.since = date.fromisoformat(since) if since else None
        except ValueError as error:
            raise Refused(f"{since} is no day. One is like 2026-01-31.", code="odd-source") from error


def _here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _batches(source: Source, place: _Place, cursor: str, means: Means) -> Generator[Batch]:
    """The cursor is the folder's UIDVALIDITY, the UID read last, and how many there were up to it: where there are
    fewer now, it is looked which. Of another UIDVALIDITY all is read again.
    """
    with _folder(place, means.secret()) as (mailbox, validity):
        known, last, many = [*cursor.split(" "), "", ""][:3]
        after = int(last) if known == validity and last else 0
        there = list(_uids(mailbox, place, 1))
        uids = there[bisect(there, after) :]
        were = len(there) - len(uids)
        went = cursor != "" and (known != validity or not many or were < int(many))
        left = [Whole(None, frozenset(_ids(source, mailbox, there)))] if went and place.follows else []
        if left or not uids:
            yield Batch((), f"{validity} {after} {were}", left)
        channel = plain.line(place.folder if place.folder != "INBOX" else source.name)
        odd = 0
        for number in range(0, len(uids), MANY):
            some = uids[number : number + MANY]
            posts: list[Post] = []
            for raw, received in _fetched(mailbox, some):
                post = letters.letter(source, channel, raw, received)
                odd += post is None
                posts += [post] if post is not None else []
            left_out = {"mail without a sender": odd} if odd else {}
            progress = f"{number + len(some):,} of {len(uids):,} messages"
            mark = f"{validity} {some[-1]} {were + number + len(some)}"
            yield Batch(posts, mark, progress=progress, left_out=left_out)
            odd = 0


def _ids(source: Source, mailbox: imaplib.IMAP4, uids: Sequence[int]) -> Iterator[str]:
    """Of the posts that these messages are, without reading more of them than says so."""
    for number in range(0, len(uids), _NAMES):
        some = uids[number : number + _NAMES]
        for before, head in _answers(mailbox, some, "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"):
            uid = _UID.search(before)
            if name := letters.named(message_from_bytes(head)):
                yield letters.id_of(source, name)
                continue
            for raw, received in _fetched(mailbox, [int(uid[1])] if uid else []):
                if (post := letters.letter(source, "", raw, received)) is not None:
                    yield post.id


def _uids(mailbox: imaplib.IMAP4, place: _Place, first: int) -> Iterator[int]:
    """Those in the folder from `first` on, in order."""
    told = mailbox.response("UIDNEXT")[1]
    following = int(told[0]) if told and told[0] else (1 << 32) - 1
    since = ["SINCE", f"{place.since.day}-{_MONTHS[place.since.month - 1]}-{place.since.year}"] if place.since else []
    while first < following:
        # Without what comes next the server has to be asked for all at once.
        last = min(first + _WINDOW, following) - 1 if following < (1 << 32) - 1 else following
        said = b" ".join(one for one in _done(mailbox, "SEARCH", "UID", f"{first}:{last}", *since) if one)
        yield from sorted(uid for uid in map(int, said.split()) if first <= uid <= last)
        first = last + 1


@contextmanager
def _folder(place: _Place, password: str) -> Generator[tuple[imaplib.IMAP4, str]]:
    """The folder, open to be read only, and its UIDVALIDITY."""
    if not password or not password.isprintable():
        raise Refused(f"The password of {place.user} at {place.host} isn't kept here: set it.", code="no-secret")
    with _troubles(place):
        kind = _TLS if place.tls else _Plain
        mailbox = kind(place)
    try:
        with _troubles(place):
            try:
                _log_in(mailbox, place.user, password)
            except mailbox.error as error:
                if isinstance(error, mailbox.abort):
                    raise
                raise Refused(f"{place.host} doesn't let {place.user} in: {_words(error)}.", code="no-login") from error
            status, said = mailbox.select(_quoted(_utf7(place.folder)), readonly=True)
            if status != "OK":
                raise Refused(f"{place.host} has no folder {place.folder}: {_words(said)}.", code="odd-source")
            validity = mailbox.response("UIDVALIDITY")[1]
            yield mailbox, (validity[0] or b"").decode("ascii", "replace") if validity else ""
    finally:
        for end in (mailbox.logout, mailbox.shutdown):  # what is left of a line that broke is closed too
            with suppress(OSError, imaplib.IMAP4.error):
                end()


@contextmanager
def _troubles(place: _Place) -> Generator[None]:
    try:
        yield
    except (socket.gaierror, ConnectionRefusedError) as error:
        raise Unavailable(f"{place.host}:{place.port} can't be reached: {error.strerror}.") from error
    except ssl.SSLCertVerificationError as error:
        why = f"{place.host} can't prove who it is ({error.verify_message}): its password stays here."
        raise Refused(why, code="odd-server") from error
    except (OSError, imaplib.IMAP4.abort) as error:
        raise Unavailable(f"{place.host} broke off: {_words(error)}.") from error
    except imaplib.IMAP4.error as error:
        raise Unavailable(f"{place.host} answered what can't be understood: {_words(error)}.") from error


def _fetched(mailbox: imaplib.IMAP4, uids: Sequence[int]) -> Iterator[tuple[bytes, datetime | None]]:
    """Each message, as much of it as is read, and when it came."""
    for head, raw in _answers(mailbox, uids, f"INTERNALDATE BODY.PEEK[]<0.{FIRST}>"):
        came = imaplib.Internaldate2tuple(head)
        yield raw, plain.moment(time.mktime(came)) if came else None


def _answers(mailbox: imaplib.IMAP4, uids: Sequence[int], what: str) -> Iterator[tuple[bytes, bytes]]:
    """Of each message what stands before the text that was asked for, and that."""
    for one in _done(mailbox, "FETCH", ",".join(map(str, uids)), f"(UID {what})"):
        if isinstance(one, tuple) and len(one) == 2:  # pyright: ignore[reportUnknownArgumentType]
            yield bytes(one[0]), bytes(one[1])  # pyright: ignore[reportUnknownArgumentType]


def _done(mailbox: imaplib.IMAP4, command: str, *words: str) -> Sequence[Any]:
    """What a server that does as it is told says; where it doesn't, nothing follows from what it left out."""
    status, said = mailbox.uid(command, *words)
    if status != "OK":
        raise mailbox.abort(f"{command}: {_words(said)}")
    return said


class _Bounded(imaplib.IMAP4):
    """Takes no more from a server than was asked for."""

    def read(self, size: int) -> bytes:
        if size > 2 * FIRST:
            raise self.abort(f"it sends {size:,} bytes at once")
        return super().read(size)


class _Plain(_Bounded):
    def __init__(self, place: _Place) -> None:
        super().__init__(place.host, place.port, timeout=SECONDS)


class _TLS(_Bounded, imaplib.IMAP4_SSL):
    def __init__(self, place: _Place) -> None:
        imaplib.IMAP4_SSL.__init__(
            self, place.host, place.port, ssl_context=ssl.create_default_context(), timeout=SECONDS
        )


def _log_in(mailbox: imaplib.IMAP4, user: str, password: str) -> None:
    """By the way that takes any letters, where the server has it."""
    if "AUTH=PLAIN" in mailbox.capabilities:
        mailbox.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
    else:
        mailbox.login(_quoted(user), password)


def _words(said: object) -> str:
    return plain.line(str(said).strip("[]b'\""))[:200]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _utf7(name: str) -> str:
    """A folder's name as IMAP spells it: its own UTF-7 for what isn't ASCII."""

    def spelt(found: re.Match[str]) -> str:
        return "&" + b64encode(found[0].encode("utf-16-be"), b"+,").decode().rstrip("=") + "-"

    return re.sub(r"[^\x20-\x7e]+", spelt, name.replace("&", "&-"))


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

CONNECTOR = Imap()
