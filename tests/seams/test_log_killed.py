"""Killed at any moment, the log has every event that was acknowledged, once, in order, and no half of an append."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from maquette.domain.events import MessageSent
from maquette.store import Log, Store, rebuild

WRITER = """
import asyncio, sys
from pathlib import Path
from maquette.domain.events import MessageSent
from maquette.store import Log

place = sys.argv[1]
log = Log.open(place if "://" in place else Path(place))

def said(id):
    return MessageSent(id=id, turn="u", text="words of " + id)

async def append(name):
    number = 0
    while True:
        entries = await log.append(name, said(f"{number}.a"), said(f"{number}.b"), durable=number % 3 > 0)
        print(name, entries[-1].position, flush=True)
        number += 1

async def main():
    await asyncio.gather(*[append(f"s{n}") for n in range(8)])

asyncio.run(main())
"""


@pytest.mark.parametrize("acknowledged", [1, 40, 300])
def test_what_was_acknowledged_outlasts_a_kill(place: Path | str, acknowledged: int) -> None:
    with subprocess.Popen([sys.executable, "-c", WRITER, str(place)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        heard = [writer.stdout.readline() for _ in range(acknowledged)]
        writer.kill()
        heard += writer.stdout.read().splitlines(keepends=True)
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


def test_a_kill_before_the_first_file_is_whole_leaves_a_state_that_opens(place: Path | str) -> None:
    script = "import sys; from pathlib import Path; from maquette.store import Log; print(flush=True); "
    script += "place = sys.argv[1]; Log.open(place if '://' in place else Path(place))"
    for _ in range(3):
        with subprocess.Popen([sys.executable, "-c", script, str(place)], stdout=subprocess.PIPE) as opening:
            assert opening.stdout is not None
            opening.stdout.readline()
            opening.kill()
    log = Log.open(place)
    assert len(log.append_now("a", MessageSent(id="m", turn="u", text=""))) == 1
    log.close()
