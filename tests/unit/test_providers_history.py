"""A history is encoded once, and what was encoded is only ever added to."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maquette.domain.messages import FromModel, FromPerson, FromTool, Message, Text
from maquette.providers.wires.history import History, results_together

pytestmark = pytest.mark.anyio


def person(text: str) -> Message:
    return FromPerson(text=text)


def model(text: str) -> Message:
    return FromModel(parts=(Text(text=text),))


def tool(text: str) -> Message:
    return FromTool(call=text, name="t", text=text)


class Encoder:
    """Items are groups of texts; an empty answer is no item, as on the wires."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []

    async def __call__(self, group: Sequence[Message]) -> list[object]:
        self.groups.append([m.text for m in group])
        return [self.groups[-1]] if any(self.groups[-1]) else []


def read(data: bytearray) -> object:
    return orjson.loads(b"[" + data + b"]")


async def test_each_message_is_encoded_once() -> None:
    encoder = Encoder()
    history = History(results_together, encoder)
    messages = [person("a"), model("b"), tool("c"), tool("d")]
    assert read(await history.of(messages)) == [["a"], ["b"], ["c", "d"]]
    messages += [model("e"), person("f")]
    assert read(await history.of(messages)) == [["a"], ["b"], ["c", "d"], ["e"], ["f"]]
    assert encoder.groups == [["a"], ["b"], ["c", "d"], ["e"], ["f"]]


async def test_equal_messages_of_another_fold_are_known() -> None:
    encoder = Encoder()
    history = History(results_together, encoder)
    await history.of([person("a"), model("b")])
    await history.of([person("a"), model("b"), tool("c")])
    assert encoder.groups == [["a"], ["b"], ["c"]]


async def test_a_group_that_grew_is_encoded_anew() -> None:
    encoder = Encoder()
    history = History(results_together, encoder)
    await history.of([person("a"), tool("b")])
    assert read(await history.of([person("a"), tool("b"), tool("c")])) == [["a"], ["b", "c"]]
    assert encoder.groups == [["a"], ["b"], ["b", "c"]]


MESSAGES = st.lists(
    st.tuples(st.sampled_from([person, model, tool]), st.sampled_from(["", "x", "y"])).map(
        lambda made: made[0](made[1])
    ),
    max_size=7,
)


@given(st.lists(MESSAGES, max_size=5))
async def test_whatever_came_before_the_bytes_are_those_of_the_messages(lists: list[list[Message]]) -> None:
    used = History(results_together, Encoder())
    for messages in lists:
        assert await used.of(messages) == await History(results_together, Encoder()).of(messages)
