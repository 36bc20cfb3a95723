"""Who is in, as a person sees it and puts it right: one browser out, all of them, another token."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.browsers import PATIENCE, a_person
from house.bases import a_machine, ask

pytestmark = pytest.mark.needs("chromium", "sudo apt-get install chromium")


def sure(page: Page) -> None:
    """Says yes to whatever it is asked next."""
    page.once("dialog", lambda dialog: dialog.accept())


def test_s10_one_browser_is_put_out_then_the_old_token_then_everybody_from_one_page(
    tmp_path: Path, browser: Browser
) -> None:
    with a_machine(tmp_path) as machine:
        machine.ok("threads")
        with a_person(machine, browser) as one, browser.new_context() as other:
            there = other.new_page()
            there.set_default_timeout(PATIENCE)
            there.goto(Path(ask(machine, "POST", "/v1/launches")["file"]).as_uri())
            there.get_by_role("heading", name="What is to be done?").wait_for()
            page = one.opens("/")
            page.locator("html[data-ready]").wait_for()
            page.keyboard.press("Control+k")
            page.keyboard.type("who is in")
            page.keyboard.press("Enter")
            page.get_by_role("heading", name="Who is in").wait_for()
            out = page.get_by_role("button", name="Log out Chrome on Linux", exact=True)
            expect(out).to_have_count(1)
            out.click()
            expect(out).to_have_count(0)
            there.bring_to_front()
            there.get_by_role("heading", name="Come in").wait_for()

            token = (machine.state / "token").read_text()
            page.bring_to_front()
            page.locator("html[data-ready]").wait_for()
            sure(page)
            page.get_by_role("button", name="Make another token").click()
            page.get_by_text("There is another token now").wait_for()
            assert (machine.state / "token").read_text() != token

            page.locator("html[data-ready]").wait_for()
            page.get_by_role("button", name="Log out everywhere").click()  # nobody says yes
            assert ask(machine, "GET", "/v1/sessions")["sessions"]
            sure(page)
            page.get_by_role("button", name="Log out everywhere").click()
            page.get_by_label("Code").wait_for()
            assert ask(machine, "GET", "/v1/sessions")["sessions"] == []
            one.complaints[:] = [said for said in one.complaints if "401" not in said]
