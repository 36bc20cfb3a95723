"""Reading a long thread: what is wanted elsewhere is copied, and who looks at what was before is told of what comes."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from browser.browsers import a_person, used_by_everybody
from house.bases import ask, played
from maquette.testing.models import Asked, Says, Turn

pytestmark = pytest.mark.needs("chromium", "sudo apt-get install chromium")
ANSWER = "Use **this**:\n\n```py\nround(1)\n```\n\n" + "And so on.\n\n" * 80
COPIED = """async (kind) => {
  const [copied] = await navigator.clipboard.read();
  return await (await copied.getType(kind)).text();
}"""


def play(asked: Asked) -> Turn:
    return Says(ANSWER)


def test_answers_and_code_are_copied_and_who_scrolled_up_is_told_of_more_below(
    tmp_path: Path, browser: Browser
) -> None:
    may = ["clipboard-read", "clipboard-write"]
    with played(tmp_path, play) as machine, a_person(machine, browser, permissions=may) as person:
        thread = ask(machine, "POST", "/v1/threads", {"text": "how?"})["thread"]
        page = person.opens(f"/threads/{thread}")
        page.get_by_text("Came to its end").wait_for()
        page.locator("html[data-ready]").wait_for()
        copies = page.locator(".said").get_by_role("button", name="Copy")
        copies.click()
        page.locator(".said").get_by_role("button", name="Copied").wait_for()
        assert page.evaluate(COPIED, "text/plain") == ANSWER
        assert "<strong>this</strong>" in page.evaluate(COPIED, "text/html")

        page.keyboard.press("f")
        page.locator(".said pre").focus()
        page.keyboard.press("c")
        over = page.locator(".copies")
        expect(over).to_have_text("Copied")
        used_by_everybody(page, "a code with a button over it")
        assert page.evaluate(COPIED, "text/plain") == "round(1)"
        page.keyboard.press("e")
        expect(over).to_be_hidden()
        page.locator(".said pre").hover()
        expect(over).to_have_text("Copy")

        page.evaluate("scrollTo(0, 0)")
        below = page.get_by_role("button", name="More below")
        expect(below).to_be_hidden()
        ask(machine, "POST", f"/v1/threads/{thread}/messages", {"text": "and then?"})
        below.wait_for()
        assert page.evaluate("scrollY") == 0, "nothing moves under who reads"
        below.click()
        expect(page.get_by_text("Came to its end").last).to_be_in_viewport()
        expect(below).to_be_hidden()
