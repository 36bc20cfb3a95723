"""A growing list of messages as the bytes of one wire; each message is encoded once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import orjson

from maquette.domain.messages import FromTool, Message


def results_together(before: Message, after: Message) -> bool:
    """Results of one answer's calls; where pictures can't be in them, they follow all of them."""
    return isinstance(before, FromTool) and isinstance(after, FromTool)


class History:
    """Keeps what it encoded. `joins(a, b)` says whether b belongs to the same item of the wire as a.

    What was sent is never touched again: bytes are only added, so that a provider's cache, which compares from the
    first byte, still knows all of it. Messages are compared by identity first, so a long history costs next to nothing.
    """

    def __init__(
        self,
        joins: Callable[[Message, Message], bool],
        encode: Callable[[Sequence[Message]], Awaitable[Sequence[object]]],
    ) -> None:
        self._joins = joins
        self._encode = encode
        self._bytes = bytearray()
        self._messages: list[Message] = []
        self._ends: list[tuple[int, int]] = []
        """After each group: how many messages, how many bytes."""

    async def of(self, messages: Sequence[Message]) -> bytearray:
        """The items of `messages`, with commas between them."""
        start = self._keep(messages)
        while start < len(messages):
            end = start + 1
            while end < len(messages) and self._joins(messages[end - 1], messages[end]):
                end += 1
            group = messages[start:end]
            for item in await self._encode(group):
                if self._bytes:
                    self._bytes += b","
                self._bytes += orjson.dumps(item)
            self._messages += group
            self._ends.append((end, len(self._bytes)))
            start = end
        return self._bytes

    def _keep(self, messages: Sequence[Message]) -> int:
        """How many messages need no encoding; the rest of what is kept is forgotten."""
        same = len(self._messages)
        if list(messages[:same]) != self._messages:
            pairs = zip(self._messages, messages, strict=False)
            same = next((n for n, (known, new) in enumerate(pairs) if known != new), min(same, len(messages)))
        while self._ends:
            end, _ = self._ends[-1]
            if end < same or (
                end == same and (end == len(messages) or not self._joins(messages[end - 1], messages[end]))
            ):
                break
            self._ends.pop()
        kept, size = self._ends[-1] if self._ends else (0, 0)
        del self._messages[kept:]
        del self._bytes[size:]
        return kept
