"""The room to explore in: start pages made by rule, looked at, voted on and picked, by keys alone."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from browser.browsers import a_person, used_by_everybody
from house.bases import Machine, a_machine, ask

pytestmark = [
    pytest.mark.needs("chromium", "sudo apt-get install chromium"),
    pytest.mark.needs("bwrap", "sudo apt-get install bubblewrap"),
]
PATIENCE, BEGUN = 100, 7
"""Seconds for attempts with a picture each; how many of the sample's twelve are made here."""


@contextmanager
def up(folder: Path) -> Generator[Machine]:
    with a_machine(folder) as machine:
        machine.ok("threads")
        yield machine


def made(machine: Machine, exploration: str) -> Any:
    """All of it, once all is known of each attempt that is made."""
    for number in range(BEGUN + 1, 13):
        ask(machine, "POST", f"/v1/explorations/{exploration}/attempts/{number}/stop", {"why": "Seven will do."})
    until = time.monotonic() + PATIENCE
    while (shown := ask(machine, "GET", f"/v1/explorations/{exploration}"))["exploration"]["gathered"] < BEGUN:
        assert time.monotonic() < until, shown
        time.sleep(0.2)
    return shown


@pytest.mark.timeout(PATIENCE + 60)
def test_a_sample_is_explored_from_its_pictures_to_the_choice_by_keys_alone(tmp_path: Path, browser: Browser) -> None:
    with (
        up(tmp_path) as machine,
        a_person(machine, browser, viewport={"width": 1280, "height": 900}, color_scheme="dark") as person,
    ):
        page = person.opens("/explore")
        page.get_by_role("button", name="Try it on a sample").click()
        page.wait_for_url("**/explore/exploration_*")
        exploration = page.url.rpartition("/")[2]
        made(machine, exploration)
        cards = page.locator(".gallery > li")
        expect(cards).to_have_count(12)
        expect(page.get_by_text("7 of 12 attempts known")).to_be_visible()
        expect(cards.locator(".shot .stage")).to_have_text(["sketch"] * 12)
        expect(cards.locator("img")).to_have_count(BEGUN)
        expect(page.locator(".attempt.failed")).to_have_count(1)
        used_by_everybody(page, "the gallery")

        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        expect(cards.nth(1).locator("> a")).to_be_focused()
        page.keyboard.press("x")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("x")
        page.wait_for_url("**/compare?left=2&right=3")
        expect(page.get_by_role("heading", name="2 or 3?")).to_be_visible()
        used_by_everybody(page, "two compared")
        page.keyboard.press("x")
        expect(page.get_by_label("Because")).to_be_focused()
        page.keyboard.press("Escape")
        page.keyboard.press("ArrowLeft")
        page.wait_for_url("**/compare")
        assert [vote["choice"] for vote in ask(machine, "GET", f"/v1/explorations/{exploration}/votes")] == ["left"]

        page = person.opens(f"/explore/{exploration}?sort=alike")
        expect(page.get_by_role("heading", name="2 alike: same change")).to_contain_text("looks the same")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        page.get_by_label("Why this one").fill("It is read to its end.")
        page.get_by_role("button", name="Pick it").click()
        expect(page.get_by_role("button", name="Merge it")).to_be_visible()
        used_by_everybody(page, "an attempt")
        page.goto(f"{person.address}/explore/{exploration}")
        expect(page.get_by_role("region", name="Definition")).to_contain_text("It is read to its end.")
        project = ask(machine, "GET", f"/v1/explorations/{exploration}")["exploration"]["project"]
        page.goto(f"{person.address}/projects/{project}/taste")
        expect(page.get_by_label("Decision ")).to_have_value("It is read to its end.")
