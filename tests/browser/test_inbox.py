"""The inbox in Chromium: worked off by keys alone, the same in every open page, and steady under who reads it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.browsers import a_person
from house.bases import Machine
from house.test_inbox import begun
from maquette.testing.models import Asked, Call, Calls, Fails, Says, Turn

pytestmark = [
    pytest.mark.needs("chromium", "sudo apt-get install chromium"),
    pytest.mark.boxed,
]


def play(asked: Asked) -> Turn:
    if "break" in asked.said:
        return Fails(400, "No.")
    if "which" in asked.said and not asked.results:
        return Calls(Call("ask", {"question": "This or that?", "choices": ["This", "That"]}))
    return Says("It is **done**: the figures are in order, and three of them were rounded.")


def titles(page: Page, *wanted: str) -> None:
    expect(page.locator("#inbox-items h3")).to_have_text(list(wanted))
    expect(page).to_have_title(f"({len(wanted)}) Inbox · Maquette" if wanted else "Inbox · Maquette")


def test_the_inbox_is_worked_off_by_keys_alone_and_every_open_page_agrees(machine: Machine, browser: Browser) -> None:
    for task in ("look at it", "break it", "which way?", "look again"):
        begun(machine, task)
    with a_person(machine, browser) as person:
        page, other = person.opens("/inbox"), person.opens("/inbox")
        page.bring_to_front()
        titles(page, "which way?", "break it", "look at it", "look again")
        press = page.keyboard.press
        press("?")
        expect(page.get_by_role("dialog", name="Keys")).to_contain_text("done with it")
        press("Escape")
        press("j")
        press("r")
        page.keyboard.type("Neither")
        begun(machine, "break more")  # comes in above what is below, and disturbs nobody
        titles(page, "which way?", "break it", "break more", "look at it", "look again")
        expect(page.get_by_label("Your answer")).to_be_focused()
        expect(page.get_by_label("Your answer")).to_have_value("Neither")
        press("Escape")
        press("j")
        press("j")
        press("l")
        page.get_by_role("dialog", name="Not now").wait_for()
        press("Enter")
        titles(page, "which way?", "break more", "look at it", "look again")
        expect(page.get_by_text("Put off: break it")).to_be_visible()
        press("z")
        titles(page, "which way?", "break it", "break more", "look at it", "look again")
        press("k")
        press("e")
        press("e")
        for one in (page, other):
            titles(one, "which way?", "look at it", "look again")
        press("r")
        page.keyboard.type("And shorter")
        press("Control+Enter")
        titles(page, "which way?", "look again", "look at it")
        press("Enter")
        page.get_by_role("heading", name="look again").wait_for()
        titles(other, "which way?", "look at it")
