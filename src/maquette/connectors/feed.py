"""RSS and Atom: asked for only what is new, of the one host that was named."""

from __future__ import annotations

import calendar
import http.client
import io
import urllib.error
import urllib.request
from collections.abc import AsyncGenerator, Generator, Mapping
from datetime import datetime
from email.message import Message
from ipaddress import ip_address
from typing import IO, Any, cast
from urllib.parse import urlsplit

import orjson

from maquette.connectors import plain
from maquette.connectors.aside import aside
from maquette.domain.errors import Refused, Unavailable
from maquette.domain.posts import Post, Source
from maquette.kinds.connectors import Batch, Means

SECONDS = 30.0
LARGEST = 10 << 20
_AGENT = "Maquette (reads feeds for one person)"


class Feed:
    kind = "feed"
    about = "the address of an RSS or Atom feed"
    options: Mapping[str, str] = {"channel": "what its channel is called; else the feed's title"}
    wants_secret = False

    def check(self, source: Source) -> None:
        try:
            parts = urlsplit(source.at)
            right = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            parts, right = urlsplit(""), False
        if not right or any(not c.isprintable() or c.isspace() for c in source.at):
            raise Refused(f"{source.at} is no address of a feed: it begins with https://.", code="odd-source")
        if "@" in parts.netloc:
            raise Refused("The address has a name or a password in it: feeds are read without.", code="odd-source")

    async def read(self, source: Source, cursor: str, means: Means) -> AsyncGenerator[Batch]:
        self.check(source)
        async for batch in aside(_batches(source, cursor)):
            yield batch


def _batches(source: Source, cursor: str) -> Generator[Batch]:
    """The cursor is what the server said of the state that was read. A feed has only its newest entries: none is gone
    because it isn't in it any more.
    """
    known: dict[str, str] = orjson.loads(cursor) if cursor else {}
    got = _got(source.at, known)
    if got is None:
        yield Batch((), cursor)
        return
    content, headers = got
    told = {"etag": headers.get("ETag", ""), "modified": headers.get("Last-Modified", "")}
    posts, odd = _posts(source, content, headers.get_content_type(), headers.get_content_charset() or "")
    yield Batch(posts, orjson.dumps(told).decode(), left_out={"entries without a date": odd} if odd else {})


def _got(address: str, known: Mapping[str, str]) -> tuple[bytes, Message] | None:
    """None: nothing is new."""
    asked = {"If-None-Match": known.get("etag", ""), "If-Modified-Since": known.get("modified", "")}
    headers = {"User-Agent": _AGENT, "Accept": "application/atom+xml, application/rss+xml, application/xml, */*;q=0.5"}
    request = urllib.request.Request(address, headers=headers | {name: said for name, said in asked.items() if said})
    host = urlsplit(address).hostname
    opener = urllib.request.build_opener(_SameHost, _Http, _Https)
    try:
        with opener.open(request, timeout=SECONDS) as answer:
            content = answer.read(LARGEST + 1)
            said = cast(Message, answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return _none_or_raise(address, error)
    except (OSError, http.client.HTTPException, ValueError) as error:
        why = getattr(error, "reason", None) or error
        raise Unavailable(f"{host} can't be read: {plain.line(str(why)) or type(error).__name__}.") from error
    if len(content) > LARGEST:
        raise Refused(f"{address} is larger than {LARGEST >> 20} MB: no feed is.", code="odd-source")
    return content, said


def _none_or_raise(address: str, error: urllib.error.HTTPError) -> None:
    if error.code == 304:
        return
    if error.code in (408, 425, 429) or error.code >= 500:
        after = error.headers.get("Retry-After", "")
        seconds = float(after) if after.isdigit() else None
        raise Unavailable(f"{address} answers {error.code} now.", retry_after=seconds)
    if 300 <= error.code < 400:
        where = plain.line(error.headers.get("Location", "elsewhere"))
        raise Refused(f"{address} leads to another host now: {where}. Name that, if you trust it.", code="moved-source")
    raise Refused(f"{address} answers {error.code}: is it still there, and open to all?", code="odd-source")


class _SameHost(urllib.request.HTTPRedirectHandler):
    """The person named one server, and no other is asked: on the same host others listen at other ports."""

    max_redirections = 5

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        before, after = _server(req.full_url), _server(newurl)
        if after not in (before, ("https", before[1], 443) if before[2] == 80 else before):
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _server(address: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


class _Reached(http.client.HTTPConnection):
    """A name that leads to this machine itself, or to what a cloud tells its machines, is asked nothing: whoever owns
    a name may have it lead anywhere. To this machine leads what is called so.
    """

    def connect(self) -> None:
        super().connect()
        peer = ip_address(self.sock.getpeername()[0].partition("%")[0])
        peer = getattr(peer, "ipv4_mapped", None) or peer
        if (peer.is_loopback or peer.is_link_local or peer.is_unspecified) and not _says_so(self.host):
            self.close()
            raise OSError(f"its name leads to {peer}, which is not out there")


class _ReachedSafely(_Reached, http.client.HTTPSConnection):
    """The same, over TLS."""


class _Http(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(http.client.HTTPConnection if _by_proxy(req) else _Reached, req)


class _Https(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(http.client.HTTPSConnection if _by_proxy(req) else _ReachedSafely, req)


def _by_proxy(req: urllib.request.Request) -> bool:
    """Then the one that is reached is the proxy."""
    return req.host != urlsplit(req.full_url).netloc


def _says_so(host: str) -> bool:
    """Whether a host is this machine, or an address, by its own letters."""
    try:
        return bool(ip_address(host.strip("[]").partition("%")[0]))
    except ValueError:
        return host.lower().rstrip(".") == "localhost" or host.lower().rstrip(".").endswith(".localhost")


def _posts(source: Source, content: bytes, kind: str, charset: str) -> tuple[list[Post], int]:
    """Its entries, and how many were left out. Of entities only those that are in the feed are told, and few."""
    import feedparser  # pyright: ignore[reportMissingTypeStubs]

    sent = {"content-type": f"{kind}; charset={charset}" if charset else kind}
    parsed = cast(
        "dict[str, Any]",
        feedparser.parse(io.BytesIO(content), response_headers=sent),  # pyright: ignore[reportUnknownMemberType]
    )
    # As plain dicts: its own make up what is lacking, and warn that they do.
    entries = [dict(entry) for entry in cast("list[dict[str, Any]]", parsed["entries"])]
    if not entries and not parsed.get("version"):
        raise Refused(f"What {source.at} gives is no feed.", code="odd-source")
    feed = cast("dict[str, Any]", parsed["feed"])
    channel = plain.line(source.options.get("channel") or plain.of_html(str(feed.get("title") or source.name)))
    found = [_post(source, channel, entry, str(feed.get("author") or "")) for entry in entries]
    posts = [post for post in found if post is not None]
    return posts, len(found) - len(posts)


def _post(source: Source, channel: str, entry: Mapping[str, Any], author: str) -> Post | None:
    published, updated = _moment(entry.get("published_parsed")), _moment(entry.get("updated_parsed"))
    at = published or updated
    link = str(entry.get("link") or "")
    key = str(entry.get("id") or link or entry.get("title") or "")
    if at is None or not key:
        return None
    contents = cast("list[dict[str, Any]]", entry.get("content") or [])
    said = max((str(content.get("value") or "") for content in contents), key=len, default="")
    return Post(
        id=f"{source.id}:{plain.line(key)}",
        source=source.id,
        channel=channel,
        author=plain.line(str(entry.get("author") or author or channel)),
        at=at,
        title=plain.line(plain.of_html(str(entry.get("title") or ""))),
        text=plain.of_html(said or str(entry.get("summary") or "")),
        link=plain.line(link) if link.startswith(("http://", "https://")) else "",
        edited=updated if updated is not None and updated > at else None,
    )


def _moment(parsed: Any) -> datetime | None:
    return plain.moment(calendar.timegm(parsed)) if parsed else None


CONNECTOR = Feed()
