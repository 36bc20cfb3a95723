"""The gallery of an exploration with ninety attempts: how soon it is there, and how evenly it scrolls."""

from __future__ import annotations

import asyncio
import struct
import time
import zlib
from base64 import b64encode
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from maquette.domain.checks import Check
from maquette.domain.events import (
    AttemptAdded,
    EvidenceGathered,
    ExplorationStarted,
    ResultKept,
    ThreadStarted,
    TurnFinished,
    TurnQueued,
)
from maquette.domain.explorations import Brief, Evidence, Medium, Picture, Variation
from maquette.domain.ids import new_id
from maquette.domain.projects import Project
from maquette.domain.threads import Mode, Outcome
from maquette.samples.shop import make_sample
from maquette.sandboxes.bubblewrap import BubblewrapSandbox
from maquette.store.copies import NAME as LOG
from maquette.store.log import Log
from maquette.testing.bench.bases import Base
from maquette.testing.bench.pages import chromium
from maquette.testing.bench.rig import Measure, Rig
from maquette.testing.bench.rows import Row
from maquette.workspace import Workspace
from maquette.workspace.pictures import LOOK, SMALL

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

COUNT = 90
FRAME = Row("frame while 90 attempts are scrolled, p95", "ms", "<= 33")
DRAWN = Row("90 attempts in a gallery, as HTML", "ms", "< 200")
MAPPED = Row("90 attempts put on a map, as HTML", "ms")
FRAMES = """() => new Promise((done) => {
  const gaps = [], until = performance.now() + 3000;
  let last = performance.now(), y = 0;
  requestAnimationFrame(function frame(now) {
    gaps.push(now - last);
    last = now;
    y = (y + 25) % Math.max(document.body.scrollHeight - innerHeight, 1);
    scrollTo(0, y);
    if (now > until) done(gaps.slice(1).sort((a, b) => a - b)[Math.floor(gaps.length * 0.95)]);
    else requestAnimationFrame(frame);
  });
})"""


def _scrolled(rig: Rig) -> None:
    with ninety(rig) as (base, exploration):
        for _ in range(rig.rounds):
            began = time.monotonic()
            assert b'data-number="90"' in base.page(f"/explore/{exploration}")
            rig.add(DRAWN, base, 1000 * (time.monotonic() - began))
        began = time.monotonic()
        base.page(f"/explore/{exploration}/map")
        rig.add(MAPPED, base, 1000 * (time.monotonic() - began))
        with chromium() as browser:
            if browser is None:
                return
            page = _opened(browser, base, f"/explore/{exploration}")
            for _ in range(rig.rounds):
                rig.add(FRAME, base, page.evaluate(FRAMES))
            page.context.close()


def _opened(browser: Browser, base: Base, path: str) -> Page:
    """With all of its cards, and its line to the base."""
    way = base.link.post("/launches")
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(Path(way["file"]).as_uri())
    page.wait_for_url(way["address"])
    with page.expect_response(lambda answer: "/stream" in answer.url):
        page.goto(f"{way['address'].rstrip('/')}{path}")
    page.locator(f".gallery > li:nth-child({COUNT})").wait_for()
    return page


@contextmanager
def ninety(rig: Rig) -> Generator[tuple[Base, str]]:
    """A base with such an exploration, which is written into its log while it is down."""
    base = Base(rig.folder / f"ninety-{rig.name()}", rig.models.variables)
    base.folder.mkdir()
    make_sample(base.folder / "repo")
    with base:
        project = Project.model_validate(base.link.post("/projects", {"path": str(base.folder / "repo")}))
    commit, blobs = asyncio.run(_pictures(base, project))
    log = Log.open(base.state / LOG)
    try:
        exploration = _written(log, project.id, commit, blobs)
    finally:
        log.close()
    with base:
        yield base, exploration


async def _pictures(base: Base, project: Project) -> tuple[str, dict[str, str]]:
    """The commit that all attempts begin with, and of each a picture in the project's store."""
    workspace = Workspace(base.state, BubblewrapSandbox())
    commit = await workspace.brought.base(project)
    drawn = {f"{number}.png": png(SMALL, Random(number)) for number in range(1, COUNT + 1)}
    return commit, await workspace.exhibits.keep(project, "bench/1", drawn)


def png(size: tuple[int, int], chance: Random) -> bytes:
    """Blocks of colour on a ground, as a page has them."""
    width, height = size
    ground = bytes(chance.randrange(200, 256) for _ in range(3))
    rows = [bytearray(ground * width) for _ in range(height)]
    for _ in range(12):
        left, top = chance.randrange(width - 80), chance.randrange(height - 30)
        wide, high = chance.randrange(40, width - left), chance.randrange(6, 30)
        colour = bytes(chance.randrange(256) for _ in range(3))
        for row in rows[top : top + high]:
            row[3 * left : 3 * (left + wide)] = colour * wide
    held = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", held) + chunk(b"IEND", b"")


def _written(log: Log, project: str, commit: str, blobs: dict[str, str]) -> str:
    id = new_id("exploration")
    brief = Brief(question="Ninety pages", medium=Medium.CLICK, why="it is about ninety", base=commit)
    log.append_now(id, ExplorationStarted(project=project, brief=brief, at_once=4), durable=False)
    for number in range(1, COUNT + 1):
        thread, turn = new_id("thread"), new_id("turn")
        log.append_now(
            thread,
            ThreadStarted(project=project, title="an attempt", mode=Mode.WORKTREE, model="openai-chat:scripted"),
            TurnQueued(turn=turn, run=new_id("run")),
            ResultKept(turn=turn, commit=commit, files=(), added=0, removed=0),
            TurnFinished(turn=turn, outcome=Outcome.DONE),
            durable=False,
        )
        plan = Variation(approach=f"approach {number % 5}", model="openai-chat:scripted", seed=number // 5 + 1)
        log.append_now(
            id,
            AttemptAdded(attempt=number, thread=thread, plan=plan),
            EvidenceGathered(attempt=number, evidence=_evidence(number, commit, blobs[f"{number}.png"])),
            durable=False,
        )
    return id


def _evidence(number: int, commit: str, blob: str) -> Evidence:
    chance = Random(number)
    look = b64encode(chance.randbytes(3 * LOOK[0] * LOOK[1])).decode()
    return Evidence(
        commit=commit,
        tree=str(number),
        pictures=(Picture(view="start", blob=blob, small=blob, width=1280, height=800, look=look),),
        checks=(Check(command="make test", status=int(number % 7 == 0), seconds=1.0, output="said\n" * 100),),
        files=("index.html",),
        added=chance.randrange(200),
        summary="It is one of ninety.",
    )


MEASURES = (Measure([DRAWN, MAPPED, FRAME], _scrolled),)
