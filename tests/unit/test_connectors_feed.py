"""A feed is read from a real server: only what is new, only of the host that was named."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from maquette.connectors.feed import CONNECTOR as FEED
from maquette.domain.errors import Refused, Unavailable
from unit.connecting import batches, left_out, posts, source

RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Shop &amp; news</title>
<item><title>A &lt;b&gt;sale&lt;/b&gt;</title><link>https://shop.example/1</link><guid>one</guid>
<pubDate>Mon, 02 Mar 2026 12:00:00 GMT</pubDate><author>Anna</author>
<description>&lt;p&gt;Half &lt;i&gt;price&lt;/i&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;/p&gt;</description></item>
<item><title>Undated</title><guid>two</guid></item></channel></rss>"""
ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Log</title><author><name>Ben</name></author>
<entry><id>tag:1</id><title>First</title><published>2026-03-02T12:00:00+01:00</published>
<updated>2026-03-03T12:00:00Z</updated><link href="javascript:alert(1)"/><summary>Short</summary>
<content type="html">&lt;p&gt;Long one&lt;/p&gt;</content></entry></feed>"""
FILE = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + RSS.partition("?>")[2].replace("Half", "&x;Half")
LAUGHS = (
    '<!DOCTYPE r [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    + "]>"
    + RSS.partition("?>")[2].replace("Half", "&a9;")
)


class Served(BaseHTTPRequestHandler):
    pages: ClassVar[dict[str, str]] = {}
    asked: ClassVar[list[tuple[str, str]]] = []
    elsewhere: ClassVar[str] = ""
    next_door: ClassVar[str] = ""

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers.get("If-None-Match", "")))
        if self.path == "/busy":
            self.send_response(429)
            self.send_header("Retry-After", "7")
            self.end_headers()
        elif self.path in ("/moved", "/away"):
            self.send_response(301)
            self.send_header("Location", "/rss" if self.path == "/moved" else f"http://localhost:{self.elsewhere}/rss")
            self.end_headers()
        elif self.path == "/next-door":
            self.send_response(302)
            self.send_header("Location", self.next_door)
            self.end_headers()
        elif self.path not in self.pages:
            self.send_error(404)
        else:
            content = self.pages[self.path].encode()
            tag = f'"{hash(content):x}"'
            fresh = self.headers.get("If-None-Match") == tag
            self.send_response(304 if fresh else 200)
            self.send_header("ETag", tag)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", "0" if fresh else str(len(content)))
            self.end_headers()
            if not fresh:
                self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Served) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.05,))
        thread.start()
        Served.elsewhere = str(running.server_port)
        Served.pages = {"/rss": RSS, "/atom": ATOM, "/file": FILE, "/laughs": LAUGHS, "/page": "<html>Hello</html>"}
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join(20)


def test_rss_and_atom_are_told_as_plain_text(server: str) -> None:
    read = batches(FEED, source(FEED, f"{server}/rss"))
    (sale,) = posts(read)
    assert (sale.title, sale.text, sale.author, sale.channel) == ("A sale", "Half price", "Anna", "Shop & news")
    assert (sale.at, sale.link, sale.id) == (datetime(2026, 3, 2, 12, tzinfo=UTC), "https://shop.example/1", "s:one")
    assert left_out(read) == {"entries without a date": 1}
    (entry,) = posts(batches(FEED, source(FEED, f"{server}/atom", channel="log")))
    assert (entry.text, entry.author, entry.channel, entry.link) == ("Long one", "Ben", "log", "")
    assert (entry.at, entry.edited) == (datetime(2026, 3, 2, 11, tzinfo=UTC), datetime(2026, 3, 3, 12, tzinfo=UTC))


def test_what_was_read_is_not_asked_for_again(server: str) -> None:
    of = source(FEED, f"{server}/atom")
    first = batches(FEED, of)
    again = batches(FEED, of, first[-1].cursor)
    assert (posts(again), again[-1].cursor) == ([], first[-1].cursor)
    assert Served.asked[-1][1] != ""
    Served.pages["/atom"] = ATOM.replace("Long one", "Changed")
    assert [post.text for post in posts(batches(FEED, of, again[-1].cursor))] == ["Changed"]


def test_a_host_that_was_not_named_is_not_asked(server: str) -> None:
    assert len(posts(batches(FEED, source(FEED, f"{server}/moved")))) == 1
    seen = len(Served.asked)
    with pytest.raises(Refused, match="leads to another host"):
        batches(FEED, source(FEED, f"{server}/away"))
    assert [path for path, _ in Served.asked[seen:]] == ["/away"]


def test_another_server_on_the_same_host_is_not_asked_either(server: str) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Served) as other:
        thread = threading.Thread(target=other.handle_request)
        thread.start()
        Served.next_door = f"http://127.0.0.1:{other.server_port}/rss"
        seen = len(Served.asked)
        with pytest.raises(Refused, match="leads to another host"):
            batches(FEED, source(FEED, f"{server}/next-door"))
        assert [path for path, _ in Served.asked[seen:]] == ["/next-door"]
        socket.create_connection(("127.0.0.1", other.server_port), 5).close()
        thread.join(20)


def test_a_name_that_leads_to_this_machine_is_asked_nothing(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    port = int(server.rpartition(":")[2])
    asked = socket.getaddrinfo

    def lying(host: str, *more: object, **named: object) -> object:
        return asked("127.0.0.1" if host == "feeds.example" else host, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", lying)
    seen = len(Served.asked)
    with pytest.raises(Unavailable, match=r"leads to 127\.0\.0\.1"):
        batches(FEED, source(FEED, f"http://feeds.example:{port}/rss"))
    assert Served.asked[seen:] == []
    assert posts(batches(FEED, source(FEED, f"http://localhost:{port}/rss")))


def test_entities_of_a_feed_read_no_file_and_do_not_grow(server: str) -> None:
    for page in ("file", "laughs"):
        try:
            told = posts(batches(FEED, source(FEED, f"{server}/{page}")))
        except Refused:
            continue
        assert all("root:" not in post.text and len(post.text) < 10_000 for post in told)


def test_what_cannot_be_read_says_whose_turn_it_is(server: str) -> None:
    with pytest.raises(Unavailable) as busy:
        batches(FEED, source(FEED, f"{server}/busy"))
    assert busy.value.retry_after == 7
    for page, why in (("none", "404"), ("page", "is no feed")):
        with pytest.raises(Refused, match=why):
            batches(FEED, source(FEED, f"{server}/{page}"))
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1 can't be read"):
        batches(FEED, source(FEED, "http://127.0.0.1:1/"))


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://x.example/", "https://a:b@x.example/", "http://["])
def test_what_is_no_address_of_a_feed_is_refused_when_it_is_named(address: str) -> None:
    with pytest.raises(Refused):
        FEED.check(source(FEED, address))
