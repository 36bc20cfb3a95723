"""Notices of the browser's own: asked for by a button, made by a page that is open, left out where a person says so."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.browsers import a_person
from house.bases import Machine, ask
from maquette.testing.models import Asked, Call, Calls, Fails, Says, Turn

pytestmark = [
    pytest.mark.needs("chromium", "sudo apt-get install chromium"),
    pytest.mark.boxed,
]
SPY = """
window.requested = 0;
window.Notification = class extends EventTarget {
  static permission = "default";
  static async requestPermission() { window.requested++; return (this.permission = "granted"); }
  constructor(title, { body }) {
    super();
    document.body.dataset.told = `${document.body.dataset.told ?? ""}${title}: ${body}; `;
  }
};
"""
"""In place of the browser's own, which shows nothing without a screen."""

HIDDEN = """
Object.defineProperty(document, "hidden", { value: true });
document.dispatchEvent(new Event("visibilitychange"));
"""
"""What a browser does to a page in the background; one without a screen doesn't."""


def play(asked: Asked) -> Turn:
    if asked.said == "break":
        return Fails(400, "No.")
    if "which" in asked.said and not asked.results:
        return Calls(Call("ask", {"question": "This or that?", "choices": ["This", "That"]}))
    return Says("Done.")


def told(page: Page, *notices: str) -> None:
    """Those were given, and no other."""
    expect(page.locator("body")).to_have_attribute("data-told", "".join(f"{one}; " for one in notices), timeout=20_000)


def silent(page: Page) -> bool:
    return page.locator("body").get_attribute("data-told") is None


def test_an_open_page_gives_notice_once_it_was_asked_to_and_none_of_what_is_left_out_nor_in_quiet_hours(
    machine: Machine, browser: Browser
) -> None:
    with a_person(machine, browser) as person:
        person.context.add_init_script(SPY)
        page = person.opens("/inbox")
        thread = ask(machine, "POST", "/v1/threads", {"text": "which way?"})["thread"]
        page.get_by_role("link", name="which way? needs you").wait_for()
        assert silent(page), "nobody asked for any"
        assert page.evaluate("requested") == 0
        page.get_by_role("button", name="Tell me when").click()
        expect(page.get_by_role("button", name="Stop notices")).to_have_attribute("aria-pressed", "true")
        assert page.evaluate("requested") == 1
        quiet = ask(machine, "POST", "/v1/threads", {"text": "which of these?"})["thread"]
        given = ["which of these?: needs you"]
        told(page, *given)
        other = person.opens(f"/threads/{quiet}")
        other.get_by_role("button", name="Notices off").click()
        other.get_by_role("button", name="Notices on").wait_for()
        page.evaluate(HIDDEN)
        ask(machine, "POST", f"/v1/threads/{quiet}/answer", _answer(machine, quiet))
        other.get_by_text("Done.").wait_for()
        ask(machine, "POST", f"/v1/threads/{thread}/answer", _answer(machine, thread))
        told(page, *given, "which way?: done")
        ask(machine, "POST", "/v1/threads", {"text": "break"})
        given += ["which way?: done", "break: failed"]
        told(page, *given)
        assert silent(other), "one page keeps watch for all"

        page.bring_to_front()
        page.get_by_label("not from").fill("00:00")
        page.get_by_label("to", exact=True).fill("23:59")
        page.clock.set_fixed_time("2026-05-01T12:00:00")
        ask(machine, "POST", "/v1/threads", {"text": "which then?"})
        page.get_by_role("link", name="which then? needs you").wait_for()
        page.get_by_label("to", exact=True).fill("11:00")
        ask(machine, "POST", "/v1/threads", {"text": "which at last?"})
        told(page, *given, "which at last?: needs you")


def _answer(machine: Machine, thread: str) -> object:
    call = ask(machine, "GET", f"/v1/waits?thread={thread}")[0]["asked"]["call"]
    return {"call": call, "text": "This"}
