"""Chromium on a base's pages, come in by the door as a person does. A page that says anything on its console fails."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from house.bases import Machine, a_machine, ask
from maquette.testing.models import Asked, ScriptedModels, Turn

Play = Callable[[Asked], Turn]

CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)
PATIENCE = 20_000
"""Milliseconds for what should be seen."""


@contextmanager
def chromium() -> Generator[Browser]:
    flags = [*QUIET, "--no-sandbox"] if os.geteuid() == 0 else list(QUIET)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def played(folder: Path, play: Play) -> Generator[Machine]:
    """A base whose model plays this."""
    with ScriptedModels(play) as models:
        variables = {**models.variables, "MAQUETTE_MODEL": "openai-chat:scripted", "MAQUETTE_PORT": "0"}
        with a_machine(folder, variables) as machine:
            machine.ok("threads")
            yield machine


def used_by_everybody(page: Page, what: str, **options: Any) -> None:
    found = cast("Any", Axe()).run(page, **options)
    assert found.violations_count == 0, f"{what}: {found.generate_report()}"


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


@contextmanager
def a_person(machine: Machine, browser: Browser, **context: Any) -> Generator[Person]:
    """In by a code, as `maquette open --print` gives it."""
    launch = ask(machine, "POST", "/v1/launches")
    with closing(browser.new_context(**context)) as own:
        person = Person(launch["address"], own)
        page = own.new_page()
        page.goto(launch["address"])
        page.get_by_label("Code").fill(launch["code"])
        page.get_by_role("button", name="Come in").click()
        page.get_by_role("heading", name="What is to be done?").wait_for()
        page.close()
        yield person
        assert not person.complaints, person.complaints
