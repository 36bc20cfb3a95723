"""A thread's past, read from its end: as much as a page shows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from maquette.domain.events import MessageSent, ThreadStarted
from maquette.domain.threads import Mode
from maquette.store import Log
from maquette.store.history import history, tail


def begun(forked_from: tuple[str, int] | None = None) -> ThreadStarted:
    return ThreadStarted(project="p", title="t", mode=Mode.LOCAL, model="w:m", forked_from=forked_from)


def said(id: str) -> MessageSent:
    return MessageSent(id=id, turn="turn_1", text=id)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    """A thread, a fork of it at its third entry, and a fork of that; the first goes on."""
    with closing(Log.open(tmp_path / "maquette.db")) as log:
        log.append_now("one", begun(), said("1"), said("2"))
        log.append_now("two", begun(("one", 3)), said("3"))
        log.append_now("one", said("not in the forks"))
        log.append_now("three", begun(("two", 2)), said("4"), said("5"))
        yield log


@pytest.mark.parametrize("thread", ["one", "two", "three"])
def test_the_end_of_a_past_is_the_end_of_all_of_it_wherever_one_begins(log: Log, thread: str) -> None:
    whole = history(log, thread)
    for limit in range(1, len(whole) + 2):
        assert tail(log, thread, limit) == whole[-limit:]
        for before in range(1, whole[-1].cursor + 2):
            assert tail(log, thread, limit, before) == [entry for entry in whole if entry.cursor < before][-limit:]
