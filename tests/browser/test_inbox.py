"""The inbox in Chromium: worked off by keys alone, the same in every open page, and steady under who reads it.

Notices of the browser's own, too: asked for by a button, made by a page that is open, left out where a person says so.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from browser.browsers import Person
from house.bases import Machine, ask
from house.test_inbox import begun
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
    if "break" in asked.said:
        return Fails(400, "No.")
    if "which" in asked.said and not asked.results:
        return Calls(Call("ask", {"question": "This or that?", "choices": ["This", "That"]}))
    return Says("It is **done**: the figures are in order, and three of them were rounded.")


def titles(page: Page, *wanted: str) -> None:
    expect(page.locator("#inbox-items h3")).to_have_text(list(wanted))
    expect(page).to_have_title(f"({len(wanted)}) Inbox · Maquette" if wanted else "Inbox · Maquette")


@pytest.fixture(scope="module")
def pages(person: Person) -> tuple[Page, Page]:
    return person.opens("/inbox"), person.opens("/inbox")


def test_the_inbox_is_worked_off_by_keys_alone_and_every_open_page_agrees(
    machine: Machine, pages: tuple[Page, Page]
) -> None:
    for task in ("look at it", "break it", "which way?", "look again"):
        begun(machine, task)
    page, other = pages
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
    page.get_by_role("heading", name="look again", level=1).wait_for()
    titles(other, "which way?", "look at it")


def told(page: Page, *notices: str) -> None:
    """Those were given, and no other."""
    expect(page.locator("body")).to_have_attribute("data-told", "".join(f"{one}; " for one in notices), timeout=20_000)


def silent(page: Page) -> bool:
    return page.locator("body").get_attribute("data-told") is None


def test_an_open_page_gives_notice_once_it_was_asked_to_and_none_of_what_is_left_out_nor_in_quiet_hours(
    machine: Machine, person: Person, pages: tuple[Page, Page]
) -> None:
    page, other = pages
    person.context.add_init_script(SPY)
    page.evaluate("localStorage.clear()")
    for one in (other, page):
        one.bring_to_front()
        one.goto(f"{person.address}/inbox")
    thread = ask(machine, "POST", "/v1/threads", {"text": "which one?"})["thread"]
    page.get_by_role("link", name="which one? needs you").first.wait_for()
    assert silent(page), "nobody asked for any"
    assert page.evaluate("requested") == 0
    page.get_by_role("button", name="Tell me when").click()
    expect(page.get_by_role("button", name="Stop notices")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("requested") == 1
    quiet = ask(machine, "POST", "/v1/threads", {"text": "which of these?"})["thread"]
    given = ["which of these?: needs you"]
    told(page, *given)
    other.goto(f"{person.address}/threads/{quiet}")
    other.get_by_role("button", name="Notices off").click()
    other.get_by_role("button", name="Notices on").wait_for()
    page.evaluate(HIDDEN)
    ask(machine, "POST", f"/v1/threads/{quiet}/answer", _answer(machine, quiet))
    other.get_by_text("three of them were rounded").wait_for()
    ask(machine, "POST", f"/v1/threads/{thread}/answer", _answer(machine, thread))
    told(page, *given, "which one?: done")
    ask(machine, "POST", "/v1/threads", {"text": "break"})
    given += ["which one?: done", "break: failed"]
    told(page, *given)
    assert silent(other), "one page keeps watch for all"

    page.bring_to_front()
    page.get_by_label("not from").fill("00:00")
    page.get_by_label("to", exact=True).fill("23:59")
    page.clock.set_fixed_time("2026-05-01T12:00:00")
    ask(machine, "POST", "/v1/threads", {"text": "which then?"})
    page.get_by_role("link", name="which then? needs you").first.wait_for()
    page.get_by_label("to", exact=True).fill("11:00")
    ask(machine, "POST", "/v1/threads", {"text": "which at last?"})
    told(page, *given, "which at last?: needs you")


def _answer(machine: Machine, thread: str) -> object:
    call = ask(machine, "GET", f"/v1/waits?thread={thread}")[0]["asked"]["call"]
    return {"call": call, "text": "This"}
