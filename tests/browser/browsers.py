"""Chromium on a base's pages, come in by the door as a person does. A page that says anything on its console fails."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from weakref import WeakKeyDictionary

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
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


def used_by_everybody(page: Page, what: str, **options: Any) -> None:
    """As axe has it, which a page is given once; of all that it finds, only what is wrong is brought here. Style sheets
    aren't read beforehand: no rule that it goes by looks into them.
    """
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    asked = {"resultTypes": ["violations"], "preload": {"assets": ["media"]}, **options}
    wrong = page.evaluate("async (how) => (await axe.run(how)).violations", asked)
    assert not wrong, f"{what}: {cast('Any', AxeResults)({'violations': wrong}).generate_report()}"


def read_by_everybody_in_the_dark(page: Page, what: str) -> None:
    """Of what axe looks for, only colours are others there."""
    page.emulate_media(color_scheme="dark")
    used_by_everybody(page, f"{what}, dark", runOnly=["color-contrast"])
    page.emulate_media(color_scheme="light")


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
    launch = ask(machine, "POST", "/v1/launches")
    page = context.new_page()
    page.goto(launch["address"])
    page.get_by_label("Code").fill(launch["code"])
    page.get_by_role("button", name="Come in").click()
    page.get_by_role("heading", name="What is to be done?").wait_for()
    page.close()
    return launch["address"]
