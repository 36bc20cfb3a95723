"""Events of an answer, out of bytes cut anywhere; words that came together are one."""

from __future__ import annotations

import orjson
import pytest

from maquette.providers.wires.chat import Chunks
from maquette.providers.wires.events import Json, Lines, joined
from maquette.providers.wires.responses import Happenings


def chunk(text: str | None, **more: object) -> Json:
    delta = {} if text is None else {"content": text}
    return {"id": "c", "choices": [{"index": 0, "delta": delta, "finish_reason": None} | more]}


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["lf", "crlf", "cr"])
def test_an_event_is_whole_however_its_bytes_were_cut(end: bytes) -> None:
    said = [b": a ping", b"", b"event: some", b'data: {"a":', b'data: "\xc3\xbc"}', b"", b'data:{"b":2}', b"", b""]
    text = end.join(said) + b"data: [DONE]" + end + end + b'data: {"c":3}' + end + end
    for cut in range(len(text)):
        lines = Lines()
        found = [event for piece in (text[:cut], text[cut:]) if piece for event in lines.events(piece)]
        assert found == [{"a": "ü"}, {"b": 2}], cut
        assert lines.over


def test_half_a_character_of_a_word_is_read() -> None:
    assert list(Lines().events(b'data: {"half": "\\ud83d"}\n\n')) == [{"half": "\ud83d"}]


def test_words_that_came_together_are_one_event_and_nothing_else_is_joined() -> None:
    call = {"delta": {"tool_calls": [{"index": 0}]}}
    came = [
        chunk("a"),
        chunk("b"),
        chunk(None, **call),
        chunk(None, **call),
        chunk("c"),
        chunk("d", finish_reason="stop"),
    ]
    want = [chunk("ab"), chunk(None, **call), chunk(None, **call), chunk("c"), chunk("d", finish_reason="stop")]
    assert list(joined(came, Chunks.words)) == want


def test_words_of_different_parts_of_an_answer_stay_apart() -> None:
    def delta(text: str, part: int, number: int) -> Json:
        return {
            "type": "response.output_text.delta",
            "content_index": part,
            "delta": text,
            "sequence_number": number,
            "obfuscation": "x" * number,
        }

    came = [delta("a", 0, 1), delta("b", 0, 2), delta("c", 1, 3), {"type": "response.completed"}]
    told = [(event.get("content_index"), event.get("delta")) for event in joined(came, Happenings.words)]
    assert told == [(0, "ab"), (1, "c"), (None, None)]


def test_a_server_free_with_the_types_is_read_all_the_same() -> None:
    odd = orjson.loads(b'{"choices": [{"delta": {"content": [{"type": "text", "text": "a"}]}}]}')
    assert list(joined([odd, {"choices": []}, {"choices": None}], Chunks.words)) == [
        odd,
        {"choices": []},
        {"choices": None},
    ]
