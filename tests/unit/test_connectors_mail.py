"""Mail is read from a file and from a real server, once each, as its writers meant it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from maquette.connectors import letters
from maquette.connectors.imap import CONNECTOR as IMAP
from maquette.connectors.mbox import CONNECTOR as MBOX
from maquette.domain.errors import Refused, Unavailable
from maquette.domain.posts import Post
from unit.connecting import batches, left_out, posts, source
from unit.mailboxes import PASSWORD, Mailbox, certificate, mailbox

SOURCE = source(MBOX, "/none")


def mail(number: int, text: str = "Hello", subject: str = "A question", **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Anna Berg <anna@shop.example>"
    message["To"] = "Ben <ben@shop.example>, list@shop.example"
    message["Subject"] = subject
    message["Date"] = f"Mon, 02 Mar 2026 12:{number:02}:00 +0100"
    message["Message-ID"] = f"<{number}@shop.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def read(raw: EmailMessage | bytes) -> Post:
    post = letters.letter(SOURCE, "mail", raw if isinstance(raw, bytes) else raw.as_bytes())
    assert post is not None
    return post


def test_a_mail_says_who_wrote_what_to_whom() -> None:
    post = read(mail(1, "Where is it?\n\n-- \nAnna\n+49 1"))
    assert (post.author, post.to, post.title) == ("Anna Berg", ("Ben", "list@shop.example"), "A question")
    assert (post.text, post.at, post.thread) == ("Where is it?", datetime(2026, 3, 2, 11, 1, tzinfo=UTC), None)
    assert (post.channel, post.machine) == ("mail", False)


def test_an_answer_hangs_at_the_first_of_its_thread_and_tells_only_what_is_new() -> None:
    text = "Here.\n\nOn Mon, 2 Mar 2026, Anna Berg\n<anna@shop.example> wrote:\n\n> Where is it?\n> Or not?\n\nBen"
    headers = {"References": "<1@shop.example> <2@shop.example>", "In_Reply_To": "<2@shop.example>"}
    post = read(mail(3, text, "Re: AW: A question", **headers, List_Id="Shop talk <shop-talk.lists.example>"))
    assert (post.thread, post.title, post.channel) == ("s:1@shop.example", "A question", "shop-talk")
    assert post.text == "Here.\n\nBen"


def test_html_becomes_text_and_what_is_attached_is_named() -> None:
    message = mail(1, "")
    message.clear_content()
    message.set_content(
        "<style>p{}</style><p>Dear <b>Ben</b>,<br>pay <a href='https://x.example/i'>here</a></p>", "html"
    )
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="../../invoice é.pdf")
    assert read(message).text == "Dear Ben,\npay here (https://x.example/i)\n[../../invoice é.pdf]"


@pytest.mark.parametrize(
    ("head", "body", "text"),
    [
        ("Content-Type: text/plain; charset=iso-8859-1", "Gr\xfc\xdfe".encode("latin-1"), "Grüße"),
        ("Content-Type: text/plain; charset=klingon", b"Hello", "Hello"),
        ("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64", b"R3LDvMOfZQ==", "Grüße"),
        ("Content-Transfer-Encoding: quoted-printable", b"Gr=C3=BC=C3=9Fe", "Grüße"),
        ("Content-Type: multipart/mixed; boundary=x", b"--x\n\nnever closed", "never closed"),
        ("Content-Type: text/plain; charset=utf-8", b"half \xff\x00 of it", "half \ufffd of it"),
    ],
)
def test_mail_is_legible_in_whatever_it_is_encoded(head: str, body: bytes, text: str) -> None:
    top = "From: =?iso-8859-1?q?J=F6rg?= <j@x.example>\nDate: Mon, 2 Mar 2026 12:00:00 +0000\n"
    post = read(f"{top}{head}\n\n".encode() + body)
    assert (post.text, post.author) == (text, "Jörg")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no mail at all",
        b"From: a@x.example\nDate: someday\n\nHi",
        b"From: a@x.example\nDate: Mon, 99 Mar 99999 99:00:00 +9999\n\nHi",
        b"Date: Mon, 2 Mar 2026 12:00:00 +0000\n\nHi",
        b"From: =?utf-8?b?\xff?= <\nDate: =?x?y?z?=\n\nHi",
    ],
)
def test_what_is_no_mail_is_none(raw: bytes) -> None:
    assert letters.letter(SOURCE, "mail", raw) is None


def test_mail_made_to_be_read_for_ever_is_read_at_once() -> None:
    head = b"From: a@x.example\nDate: Mon, 2 Mar 2026 12:00:00 +0000\n"
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000))
    many = head + b"To: " + b"<" * 2_000_000 + b"\n\nHi"
    letters.letter(SOURCE, "mail", head + deep)
    assert read(many).text == "Hi"


def mbox(path: Path, *messages: EmailMessage, mode: str = "w") -> None:
    with path.open(mode) as file:
        for message in messages:
            text = message.as_string().replace("\nFrom ", "\n>From ")
            file.write(f"From anna@shop.example Mon Mar  2 11:00:00 2026\n{text}\n")


def test_an_mbox_is_read_on_from_where_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "mail.mbox"
    mbox(path, mail(1, "From the start\nFrom here"), mail(2))
    of = source(MBOX, path)
    first = batches(MBOX, of)
    assert [post.text for post in posts(first)] == ["From the start\nFrom here", "Hello"]
    assert posts(batches(MBOX, of, first[-1].cursor)) == []
    mbox(path, mail(3, "More"), mode="a")
    second = batches(MBOX, of, first[-1].cursor)
    assert [post.text for post in posts(second)] == ["More"]
    mbox(path, mail(4, "Another file"), *[mail(n) for n in range(5, 9)])
    assert len(posts(batches(MBOX, of, second[-1].cursor))) == 5


def test_mail_without_a_date_of_its_own_has_that_of_its_mbox(tmp_path: Path) -> None:
    undated = mail(1)
    del undated["Date"]
    unsigned = mail(2)
    del unsigned["From"]
    mbox(tmp_path / "m", undated, unsigned)
    read = batches(MBOX, source(MBOX, tmp_path / "m"))
    assert [post.at for post in posts(read)] == [datetime(2026, 3, 2, 11, tzinfo=UTC)]
    assert left_out(read) == {"mail without a sender or a date": 1}


def test_what_is_no_mbox_is_refused_when_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "m").write_text("Hello")
    for at in (tmp_path / "m", tmp_path, tmp_path / "none"):
        with pytest.raises(Refused):
            MBOX.check(source(MBOX, at))


@pytest.fixture(scope="module")
def server() -> Iterator[Mailbox]:
    with mailbox() as running:
        yield running


def test_a_mailbox_is_read_by_uid_and_left_as_it_was(server: Mailbox) -> None:
    server.put(mail(1, "Grüße").as_bytes(), mail(2).as_bytes(), b"From: x\r\n\r\nno date")
    of = source(IMAP, server.address)
    first = batches(IMAP, of, secret=PASSWORD)
    assert [post.text for post in posts(first)][:2] == ["Grüße", "Hello"]
    assert len(posts(first)) == 3
    assert posts(batches(IMAP, of, first[-1].cursor, PASSWORD)) == []
    with server.open() as client:
        assert client.search(None, "UNSEEN")[1][0].split() == [b"1", b"2", b"3"]
        client.store("1", "+FLAGS", "\\Deleted")
        client.expunge()
    server.put(mail(3, "New").as_bytes())
    second = batches(IMAP, of, first[-1].cursor, PASSWORD)
    assert [post.text for post in posts(second)] == ["New"]
    _, _, last = second[-1].cursor.partition(" ")
    again = batches(IMAP, of, f"another {last}", PASSWORD)
    assert len(posts(again)) == 3


def test_a_folder_with_an_odd_name_is_read_as_the_server_spells_it(server: Mailbox) -> None:
    server.put(mail(1, "Filed").as_bytes(), folder='"Entw&APw-rfe"')
    of = source(IMAP, f"{server.address}/Entw%C3%BCrfe", since="2020-01-31")
    assert [(post.text, post.channel) for post in posts(batches(IMAP, of, secret=PASSWORD))] == [("Filed", "Entwürfe")]


def test_a_mailbox_that_does_not_let_in_says_so(server: Mailbox) -> None:
    of = source(IMAP, server.address)
    with pytest.raises(Refused, match="doesn't let anna in"):
        batches(IMAP, of, secret="wrong")
    with pytest.raises(Refused, match="isn't kept here"):
        batches(IMAP, of)
    with pytest.raises(Refused, match="no folder Elsewhere"):
        batches(IMAP, source(IMAP, f"{server.address}/Elsewhere"), secret=PASSWORD)


def test_over_tls_a_server_that_nobody_vouches_for_is_told_no_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with mailbox(certificate(tmp_path / "mailbox.pem")) as server:
        of, elsewhere = source(IMAP, server.address), source(IMAP, server.address.replace("127.0.0.1", "localhost"))
        with pytest.raises(Refused, match=r"can't prove who it is .*: its password stays here"):
            batches(IMAP, of, secret=PASSWORD)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "mailbox.pem"))
        with pytest.raises(Refused, match="can't prove who it is"):
            batches(IMAP, elsewhere, secret=PASSWORD)
        assert server.spoken == 0
        server.put(mail(1, "Grüße").as_bytes())
        assert [post.text for post in posts(batches(IMAP, of, secret=PASSWORD))] == ["Grüße"]


def test_a_server_that_is_not_there_may_be_tried_again() -> None:
    with pytest.raises(Unavailable, match="can't be reached"):
        batches(IMAP, source(IMAP, "imap://anna@127.0.0.1:1/INBOX"), secret=PASSWORD)


@pytest.mark.parametrize(
    "address",
    [
        "imap://anna@mail.example/INBOX",
        "imaps://mail.example",
        "imaps://anna:secret@mail.example",
        "https://anna@mail.example",
        "imaps://anna@mail.example/a%0d%0ab",
        "imaps://[",
    ],
)
def test_an_address_by_which_a_password_could_leak_is_refused(address: str) -> None:
    with pytest.raises(Refused) as refused:
        IMAP.check(source(IMAP, address))
    assert "secret" not in str(refused.value)
