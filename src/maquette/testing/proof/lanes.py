"""Work shared out among processes: each takes its part, and tells what came of it line by line."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from maquette.testing.proof.trials import ended, forked

T = TypeVar("T")


def shared(work: Sequence[T], lanes: int, do: Callable[[int, T], Any]) -> Iterator[Any]:
    """`do(lane, one)` for each of `work`, in processes side by side; what it returns (JSON), as it comes.

    Raises `AssertionError` when a process ended badly.
    """
    readable, writable = os.pipe()

    def lane(number: int) -> None:
        for one in work[number::lanes]:
            os.write(writable, json.dumps(do(number, one)).encode() + b"\n")

    pids = [forked(lambda number=number: lane(number)) for number in range(lanes)]
    os.close(writable)
    with os.fdopen(readable) as told:
        for line in told:
            yield json.loads(line)
    failed = [pid for pid in pids if ended(pid) != 0]
    assert not failed, "a process of the proof itself broke; see above"
