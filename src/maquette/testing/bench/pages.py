"""Pages, in the system's Chromium: how soon a long thread is seen, what comes over the line, how evenly text comes."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from maquette.testing.bench import logs, plays
from maquette.testing.bench.bases import Base
from maquette.testing.bench.rig import Measure, Rig, say
from maquette.testing.bench.rows import Row

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = Path("/usr/bin/chromium")
DELTAS = 5_000

PAINTED = Row("a 100k-event thread's page, to first paint", "ms", "< 500")
LOADED = Row("first load of a page, as sent", "KB", "<= 200")
FRAME = Row("frame while text streams, p95", "ms", "<= 33")

PAINT = """() => new Promise((done) => new PerformanceObserver((list) => {
  const painted = list.getEntries().find(({ name }) => name === "first-contentful-paint");
  if (painted) done(painted.startTime);
}).observe({ type: "paint", buffered: true }))"""
BYTES = """() => ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
  .reduce((sum, { transferSize }) => sum + transferSize, 0)"""
FRAMES = """() => void (window.frames95 = new Promise((done) => {
  const gaps = [], until = performance.now() + 20000;
  const streams = () => document.getElementById("live")?.hidden === false;
  let last = 0, begun = false;
  requestAnimationFrame(function frame(now) {
    if (begun) gaps.push(now - last);
    begun ||= streams();
    last = now;
    if ((begun && !streams()) || now > until) done(gaps.sort((a, b) => a - b)[Math.floor(gaps.length * 0.95)]);
    else requestAnimationFrame(frame);
  });
}))"""
"""Begun before the words are sent; what comes of it is `window.frames95`, nothing where no text was seen."""


def _opened(rig: Rig) -> None:
    with chromium() as browser:
        if browser is None:
            return
        with logs.old(rig) as (base, long, _):
            for _ in range(rig.rounds):
                page = _come_in(browser, base, long)
                rig.add(PAINTED, base, page.evaluate(PAINT))
                rig.add(LOADED, base, page.evaluate(BYTES) / 1000)
                page.context.close()


def _streaming(rig: Rig) -> None:
    with chromium() as browser:
        if browser is None:
            return
        with rig.base() as base:
            for _ in range(rig.rounds):
                _streamed(rig, base, browser)


def _streamed(rig: Rig, base: Base, browser: Browser) -> None:
    sent = base.start(plays.words(rig.name(), "text", DELTAS))
    base.rest([sent])
    page = _come_in(browser, base, sent["thread"])
    page.evaluate(FRAMES)
    base.link.post(f"/threads/{sent['thread']}/messages", {"text": "as much again"})
    frame = page.evaluate("() => window.frames95")
    assert frame is not None, "no text was seen while it streamed"
    rig.add(FRAME, base, frame)
    page.context.close()


def _come_in(browser: Browser, base: Base, thread: str) -> Page:
    """On the thread's page, with nothing of it kept from before, and with its line to the base."""
    way = base.link.post("/launches", {"thread": thread})
    page = browser.new_context().new_page()
    with page.expect_response(lambda answer: "/stream" in answer.url):
        page.goto(Path(way["file"]).as_uri())
        page.wait_for_url(way["address"])
    page.locator("#sheet").wait_for()
    return page


@contextmanager
def chromium() -> Generator[Browser | None]:
    """None where it isn't: then its rows stay empty."""
    if not CHROMIUM.exists():
        say("there is no Chromium here (sudo apt-get install chromium), so pages are left out")
        yield None
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


MEASURES = (Measure([PAINTED, LOADED], _opened), Measure([FRAME], _streaming))
