"""The command line's HTTP: what is whole is read whole, what breaks off is known."""

from __future__ import annotations

import socket

import pytest

from maquette.cli.asking import Answer, ask


def answered(said: bytes) -> Answer:
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.sendall(said)
    with ours:
        return ask(ours, "GET", "/v1/health", {}, None)


HEAD = b"HTTP/1.1 200 OK\r\nServer: s\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def test_a_body_of_a_length_is_read_whole() -> None:
    with answered(HEAD + b"Content-Length: 5\r\n\r\nabcdefgh") as answer:
        assert (answer.status, answer.reason, answer.read()) == (200, "OK", b"abcde")


def test_a_body_in_chunks_is_read_by_lines_across_them() -> None:
    with answered(CHUNKED + b"3\r\na\nb\r\n4;x=y\r\nc\n\nd\r\n0\r\n\r\n") as answer:
        assert list(answer) == [b"a\n", b"bc\n", b"\n", b"d"]


@pytest.mark.parametrize("header", [b"", b"Transfer-Encoding: chunked\r\n"], ids=["none", "chunked"])
def test_an_answer_without_a_body_is_whole(header: bytes) -> None:
    with answered(b"HTTP/1.1 204 No Content\r\n" + header + b"\r\n") as answer:
        assert (answer.status, answer.read()) == (204, b"")


@pytest.mark.parametrize(
    "said",
    [
        HEAD + b"Content-Length: 5\r\n\r\nabc",
        CHUNKED + b"3\r\nabc\r\n",
        CHUNKED + b"5\r\nabc",
        HEAD[:20],
        b"",
        b"hello\r\n\r\n",
        HEAD + b"\r\nabc",
    ],
    ids=["length", "after a chunk", "in a chunk", "in the head", "at once", "no HTTP", "no length"],
)
def test_what_breaks_off_is_no_whole_answer(said: bytes) -> None:
    with pytest.raises((OSError, ValueError)), answered(said) as answer:
        answer.read()
