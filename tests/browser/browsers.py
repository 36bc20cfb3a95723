"""Chromium on a base's pages, let in by the door. A page that says anything on its console fails."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, sync_playwright

from house.bases import Machine, ask

CHROMIUM = shutil.which("chromium-headless-shell") or "/usr/bin/chromium"
"""The former draws for no screen, and costs a fifth less."""
QUIET = (
    "--renderer-process-limit=1",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)
PATIENCE = 20_000
"""Milliseconds for what should be seen."""


def flags() -> list[str]:
    return [*QUIET, "--no-sandbox"] if os.geteuid() == 0 else list(QUIET)


def launched(playwright: Playwright) -> closing[Browser]:
    return closing(playwright.chromium.launch(executable_path=CHROMIUM, args=flags()))


@contextmanager
def chromium() -> Generator[Browser]:
    with sync_playwright() as playwright, launched(playwright) as browser:
        yield browser


@dataclass
class Person:
    """Somebody at a browser who has come in."""

    address: str
    context: BrowserContext
    complaints: list[str] = field(default_factory=list[str])
    """What the browser said of errors, refused contents and requests to elsewhere."""

    def opens(self, path: str, **how: Any) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._said)
        page.on("request", lambda asked: self._asked(asked.url))
        page.goto(f"{self.address}{path}", **how)
        return page

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _asked(self, url: str) -> None:
        if not url.startswith((self.address, "data:", "blob:")):
            self.complaints.append(f"asked for {url}")


_ways_in: WeakKeyDictionary[Machine, tuple[str, Any]] = WeakKeyDictionary()
"""Where each machine's base is, and what a browser has that was let in."""


@contextmanager
def a_person(machine: Machine, browser: Browser, *, anew: bool = False, **context: Any) -> Generator[Person]:
    """In by a code, as `maquette open --print` gives it; later ones come in with what the first was given, unless
    `anew`. They want nothing to move: each frame of a page that does is drawn, sixty times a second.
    """
    address, way_in = (None, None) if anew else _ways_in.get(machine, (None, None))
    with closing(browser.new_context(storage_state=way_in, reduced_motion="reduce", **context)) as own:
        if address is None:
            address = _come_in(machine, own)
            _ways_in[machine] = address, own.storage_state()
        person = Person(address, own)
        yield person
        assert not person.complaints, person.complaints


def _come_in(machine: Machine, context: BrowserContext) -> str:
    """As the page that `maquette open` shows does it."""
    launch = ask(machine, "POST", "/v1/launches")
    let_in = context.request.post(
        f"{launch['address']}/enter", form={"code": launch["code"]}, headers={"Origin": "null"}
    )
    assert let_in.ok, let_in.text()
    return launch["address"]
