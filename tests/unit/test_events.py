"""Events of an answer, out of bytes cut anywhere; words that came together are one."""

from __future__ import annotations

import orjson
import pytest

from maquette.providers.wires.chat import Chunks
from maquette.providers.wires.events import Json, Lines, fewer, joined
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


def test_chunks_that_came_together_are_one_and_say_what_they_said_apart() -> None:
    def calls(*pieces: Json, **more: object) -> Json:
        return chunk(None, delta={"tool_calls": list(pieces)}, **more)

    begun, rest = ({"index": 0, "id": "a", "function": {"name": "f", "arguments": text}} for text in ("", "{}"))
    used: Json = {"id": "c", "choices": [], "usage": {"total_tokens": 3}}
    came = [chunk(""), chunk("ab"), calls(begun), calls(rest), chunk(None, finish_reason="tool_calls"), used]
    [one] = fewer(came, Chunks.taken_up)
    whole = {"content": "ab", "tool_calls": [begun, rest]}
    assert one == chunk(None, delta=whole, finish_reason="tool_calls") | {"usage": {"total_tokens": 3}}


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (chunk(None, delta={"tool_calls": [{"index": 0}]}), chunk("words after a call")),
        (chunk("a", finish_reason="stop"), chunk("after the end")),
        (chunk("a") | {"usage": {"total_tokens": 1}}, chunk("b") | {"usage": {"total_tokens": 2}}),
        (chunk("a"), chunk("of another choice", index=1)),
        (chunk("a"), chunk("b") | {"id": "another answer"}),
        (chunk("a"), chunk(None, delta={"reasoning_content": "hm"})),
        (chunk("a"), chunk("b", logprobs={"content": []})),
        (chunk("a"), chunk("b", native_finish_reason="stop")),
        (chunk("a"), chunk(None, delta={"content": [{"type": "text"}]})),
        (chunk("a"), {"error": {"message": "no more"}}),
    ],
)
def test_a_chunk_that_says_more_or_comes_later_stays_as_it_came(first: Json, then: Json) -> None:
    came = orjson.dumps([first, then])
    assert orjson.dumps(list(fewer([first, then], Chunks.taken_up))) == came
