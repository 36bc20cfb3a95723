"""Posts that are written so that reading them takes for ever."""

from __future__ import annotations

import time

import pytest

from maquette.connectors import letters, plain
from maquette.connectors.mbox import CONNECTOR
from unit.connecting import source

HEAD = b"From: a@x.example\nDate: Mon, 2 Mar 2026 12:00:00 +0000\n"


def test_s30_a_tag_without_an_end_takes_no_longer_than_its_length() -> None:
    began = time.process_time()
    assert plain.of_html("Hello <" + "a" * 100_000).startswith("Hello <aaa")
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Disposition: x" + b"".join(b"; a*%d=x" % number for number in range(100_000)) + b"\n\nHi",
        b"".join(b"Content-Type: multipart/x; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(300)) + b"\n" * 100_000,
        b"Content-Type: text/plain; charset=punycode\n\na-" + b"z" * 1_000_000,
    ],
    ids=["parameters", "parts in parts", "a charset of hosts"],
)
def test_s30_a_mail_takes_no_longer_than_its_length(rest: bytes) -> None:
    began = time.process_time()
    assert letters.letter(source(CONNECTOR, "/none"), "mail", HEAD + rest)
    assert time.process_time() - began < 1
