"""A family of threads as a person sees it: a tree that is opened, followed down and up, and stopped at its root."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from browser.browsers import a_person
from browser.looks import used_by_everybody
from house.bases import ask, played
from maquette.testing.models import Asked, Call, Calls, Says, Stalls, Turn

pytestmark = [
    pytest.mark.needs("chromium", "sudo apt-get install chromium"),
    pytest.mark.boxed,
]
PARTS = {"The whole of it": ("Paint the door", "Oil the hinges"), "Paint the door": ("Buy the paint",)}


def play(asked: Asked) -> Turn:
    if parts := PARTS.get(asked.thread):
        return Calls(*(Call("use_tool", {"name": "delegate", "arguments": {"task": part}}) for part in parts))
    return Stalls(Says("I am still at it, and at it, and at it."), after=3)


def test_a_family_is_a_tree_that_grows_under_an_open_page_and_stops_with_its_root(
    tmp_path: Path, browser: Browser
) -> None:
    with played(tmp_path, play) as machine, a_person(machine, browser) as person:
        root = ask(machine, "POST", "/v1/threads", {"text": "The whole of it"})["thread"]
        page = person.opens(f"/threads/{root}")
        family = page.get_by_role("navigation", name="Who works on this")
        for task in ("Paint the door", "Oil the hinges", "Buy the paint"):
            expect(family.get_by_role("listitem").filter(has=page.get_by_role("link", name=task)).last).to_contain_text(
                "at work"
            )
        within = family.get_by_role("listitem").filter(has=page.get_by_role("link", name="Paint the door"))
        expect(within.get_by_role("link", name="Buy the paint")).to_have_count(1)
        used_by_everybody(page, "a family")

        family.get_by_role("link", name="Buy the paint").click()
        page.get_by_role("heading", name="Buy the paint").wait_for()
        page.get_by_text("I am still").first.wait_for()
        family.get_by_role("link", name="Paint the door").click()
        page.get_by_role("heading", name="Paint the door").wait_for()
        family.get_by_role("link", name="The whole of it").click()
        page.get_by_role("heading", name="The whole of it").wait_for()
        page.locator("html[data-ready]").wait_for()
        page.get_by_role("button", name="Stop").click()
        expect(family.get_by_text("stopped")).to_have_count(3)
        states = {one["title"]: one["state"] for one in ask(machine, "GET", "/v1/threads?children=true")}
        assert {*states.values()} == {"idle"}, states
