"""What a person presses: undone when they didn't mean it, and sent once, also where the page isn't ready yet."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from browser.browsers import Person
from house.bases import Machine, ask
from house.checkouts import Checkout
from maquette.testing.models import Asked, Call, Calls, Says, Turn

pytestmark = [
    pytest.mark.needs("chromium", "sudo apt-get install chromium"),
    pytest.mark.boxed,
]


def play(asked: Asked) -> Turn:
    if "write" in asked.said and not asked.results:
        return Calls(Call("write", {"path": "b.txt", "text": "b\n"}))
    return Says("Done.")


@pytest.fixture(scope="module")
def page(person: Person) -> Page:
    return person.opens("/")


def test_a_discard_is_undone_by_the_notice_right_after_it_or_later_from_the_list(
    machine: Machine, person: Person, page: Page
) -> None:
    Checkout.made(machine.folder / "cafe", {"a.txt": "a\n"})
    machine.ok("run", "write it", "--project", "./cafe")
    thread = ask(machine, "GET", "/v1/threads")[0]["id"]
    tree = machine.state / "trees" / thread / "work"
    page.goto(f"{person.address}/threads/{thread}")
    for way in ("Undo", "Reopen"):
        page.get_by_role("button", name="Discard").click()
        page.get_by_text("Discarded: write it").wait_for()
        assert not tree.exists()
        if way == "Reopen":
            page.get_by_role("link", name="Put away").click()
            page.get_by_role("heading", name="Put away").wait_for()
        page.get_by_role("button", name=way).click()
        page.wait_for_url(f"**/threads/{thread}")
        expect(page.get_by_text("Reopened: its copy is as it was.").last).to_be_visible()
        assert (tree / "b.txt").read_text() == "b\n"
    expect(page.get_by_role("link", name="Put away")).to_have_count(0)
    page.get_by_role("button", name="Merge").click()
    page.get_by_text("Merged into").wait_for()


def test_what_is_pressed_before_the_scripts_are_there_and_again_is_sent_once_when_they_are(
    machine: Machine, person: Person, page: Page
) -> None:
    scripts: list[Route] = []
    sent: list[Route] = []
    page.route("**/elements/page.js*", lambda route: scripts.append(route), times=1)
    page.route("**/v1/threads", lambda route: sent.append(route))
    page.goto(f"{person.address}/", wait_until="commit")
    say = page.get_by_label("What is to be done")
    say.fill("said early")
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Plain").click()
    page.get_by_role("button", name="Begin").click()
    say.press("Control+Enter")
    assert (page.url, sent) == (f"{person.address}/", [])
    expect(say).to_have_value("said early")
    with page.expect_request("**/v1/threads"):
        scripts.pop().continue_()
    expect(page.locator("html")).to_have_attribute("data-face", "plain")
    say.press("Control+Enter")
    for asked in sent:
        asked.continue_()
    page.wait_for_url("**/threads/*")
    assert len(sent) == 1
    assert [one["title"] for one in ask(machine, "GET", "/v1/threads")].count("said early") == 1
