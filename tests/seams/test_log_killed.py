"""Killed at any moment, the log has every event that was acknowledged, once, in order, and no half of an append."""

from __future__ import annotations

from pathlib import Path

import pytest

from maquette.domain.events import MessageSent
from maquette.store import Log, Store, rebuild
from seams.writing import begun


@pytest.mark.parametrize("acknowledged", [1, 60])
def test_what_was_acknowledged_outlasts_a_kill(place: Path | str, acknowledged: int) -> None:
    with begun("appending", place) as (writer, said):
        heard = [said.readline() for _ in range(acknowledged)]
        writer.kill()
        heard += said.read().splitlines(keepends=True)
    last: dict[str, int] = {}
    for line in heard:
        if line.endswith("\n"):
            name, position = line.split()
            last[name] = int(position)
    store = Store.open(place)
    try:
        assert last
        for name, position in last.items():
            entries = store.log.read(name)
            assert len(entries) >= position
            assert [entry.position for entry in entries] == list(range(1, len(entries) + 1))
            ids = [entry.event.id for entry in entries if isinstance(entry.event, MessageSent)]
            assert ids == [f"{number}.{half}" for number in range(len(ids) // 2) for half in "ab"]
        assert rebuild(store) == []
        store.log.append_now("s0", MessageSent(id="new", turn="u", text="and on it goes"))
    finally:
        store.close()


def test_a_kill_before_the_first_file_is_whole_leaves_a_state_that_opens(bare: Path | str) -> None:
    for _ in range(2):
        with begun("opening", bare) as (opening, said):
            said.readline()
            opening.kill()
    log = Log.open(bare)
    assert len(log.append_now("a", MessageSent(id="m", turn="u", text=""))) == 1
    log.close()
