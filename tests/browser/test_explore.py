"""The room to explore in, one visit: a brief, attempts, votes until that is sure, a fold, a definition, taste."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.browsers import a_person
from browser.looks import used_by_everybody
from house.bases import Machine, a_machine, ask
from maquette.samples.lantern import APPROACHES, CHECKS, QUESTION, make_lantern

pytestmark = [
    pytest.mark.needs("chromium", "sudo apt-get install chromium"),
    pytest.mark.needs("bwrap", "sudo apt-get install bubblewrap"),
]
PATIENCE, COUNT = 120, 4
"""Seconds for attempts with a picture and a film each; how many there are."""
BEST = (1, 4, 3, 2)
"""What whoever votes here likes, best first."""
APPROACHED = (APPROACHES[1], APPROACHES[3], f"{APPROACHES[3]}, again")
"""The last two come to the same."""


@contextmanager
def up(folder: Path) -> Generator[Machine]:
    with a_machine(folder) as machine:
        machine.ok("threads")
        yield machine


def begun(page: Page) -> str:
    """A brief said on the page; the exploration's id."""
    page.get_by_label("Question").fill(QUESTION)
    page.get_by_label("attempts").fill(str(COUNT))
    page.get_by_text("How they differ, and how").click()
    page.get_by_label("Approaches").fill("\n".join(APPROACHED))
    page.get_by_label("Checks").fill(CHECKS[0])
    page.get_by_label("What is run to see how they behave").fill("ls index.html\ncat nothing")
    page.get_by_label("What is filmed").fill("click Questions people ask")
    page.get_by_role("button", name="Explore").click()
    page.wait_for_url("**/explore/exploration_*")
    return page.url.rpartition("/")[2]


def looked_over(page: Page) -> None:
    """The gallery, by keys: what is sought, two marked, their pictures and films, how they differ, and a vote."""
    cards = page.locator(".gallery > li")
    expect(page.get_by_text(f"{COUNT} of {COUNT} attempts known")).to_be_visible(timeout=PATIENCE * 1000)
    expect(cards.locator(".shot .stage")).to_have_text(["sketch"] * COUNT)
    expect(cards.locator("img")).to_have_count(COUNT)
    expect(cards.get_by_text("checks pass")).to_have_count(COUNT)
    used_by_everybody(page, "the gallery")
    page.get_by_role("searchbox").fill("thing more")
    expect(page.locator(".gallery > li:visible")).to_have_count(2)
    page.get_by_role("searchbox").fill("")
    page.keyboard.press("Escape")

    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(cards.nth(2).locator("> a")).to_be_focused()
    page.keyboard.press("x")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    page.wait_for_url("**/compare?left=3&right=4")
    expect(page.get_by_role("heading", name="3 or 4?")).to_be_visible()
    page.keyboard.press("p")
    for number in (3, 4):
        after = page.get_by_role("img", name=f"Attempt {number}, click Questions people ask")
        expect(after).to_be_visible()
    page.keyboard.press("d")
    expect(page.get_by_role("group", name="Changes of style.css")).to_be_visible()
    used_by_everybody(page, "two compared")
    page.keyboard.press("x")
    expect(page.get_by_label("Because")).to_be_focused()
    page.keyboard.press("Escape")
    with page.expect_navigation():
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", name=re.compile(r"\d or \d\?"))).to_be_visible()


def voted_until_sure(machine: Machine, exploration: str) -> None:
    at = f"/v1/explorations/{exploration}"
    for _ in range(80):
        if ask(machine, "GET", f"{at}/standing")["sure"]:
            return
        left, right = ask(machine, "GET", f"{at}/next")
        choice = "left" if BEST.index(left) < BEST.index(right) else "right"
        ask(machine, "POST", f"{at}/votes", {"left": left, "right": right, "choice": choice, "facet": "look"})
    raise AssertionError("80 votes were not enough")


def folded(page: Page) -> None:
    """A plan that the rule proposes, put otherwise, and run: where its lines are from is told."""
    page.keyboard.press("t")
    page.wait_for_url("**/fold")
    expect(page.get_by_role("heading", name="What to take into 1")).to_be_visible()
    plan = page.get_by_role("region", name="The plan")
    expect(plan.get_by_text("goes in: changes index.html")).to_have_count(1)
    used_by_everybody(page, "a plan of a fold")
    page.locator("summary", has_text="Attempt 4, a sketch").click()
    page.locator("[value='4:style.css']").check()
    page.get_by_role("button", name="See what would come of it").first.click()
    page.wait_for_url("**/fold?*")
    expect(plan.get_by_text("can't go in: attempt 1 changed the same lines of style.css")).to_be_visible()
    page.get_by_role("button", name="Fold 1 part in").click()
    page.wait_for_url(f"**/attempts/{COUNT + 1}")
    expect(page.get_by_text("passes: python3 check.py")).to_be_visible(timeout=PATIENCE * 1000)
    page.locator("load-late").scroll_into_view_if_needed()
    lines = page.get_by_role("region", name="Where its lines are from")
    expect(lines.get_by_text(re.compile("1 line from attempt [23]"))).to_be_visible()
    expect(lines.get_by_role("row", name=re.compile("from [23]"))).to_contain_text("Monday to Thursday")


def chosen(page: Page) -> None:
    """The fold is picked, what it comes to put better, and it moves on once its risks are closed."""
    page.get_by_label("Why this one").fill("It is read to its end.")
    with page.expect_navigation():
        page.get_by_role("button", name="Pick it").click()
    definition = page.get_by_role("region", name="Definition")
    expect(definition).to_contain_text(f"{APPROACHED[0]}, {APPROACHED[1]}")
    definition.get_by_text("Put it better").click()
    definition.get_by_label("feature").fill("The start page")
    with page.expect_navigation():
        definition.get_by_role("button", name="Keep it so").click()
    for risk in ("It is what we are for", "Its design was looked at"):
        page.get_by_label(f"Evidence: {risk}").fill("Hana read it")
        page.get_by_role("listitem").filter(has_text=risk).get_by_role("button", name="Close").click()
        expect(page.get_by_role("listitem").filter(has_text=risk)).to_contain_text("closed by person: Hana read it")
    page.get_by_label("Why it moves on").fill("Read by three of us")
    page.get_by_role("button", name="Make it a candidate").click()
    expect(page.get_by_role("list", name="How it came here")).to_contain_text(
        "candidate by person: Read by three of us"
    )
    expect(page.locator(".shots .stage")).to_have_text("candidate")
    used_by_everybody(page, "an attempt")


@pytest.mark.timeout(PATIENCE + 120)
def test_a_brief_is_explored_to_a_choice_and_what_it_teaches(tmp_path: Path, browser: Browser) -> None:
    make_lantern(tmp_path / "lantern")
    with (
        up(tmp_path / "m") as machine,
        a_person(machine, browser, viewport={"width": 1280, "height": 900}, color_scheme="dark") as person,
    ):
        project = ask(machine, "POST", "/v1/projects", {"path": str(tmp_path / "lantern")})["id"]
        page = person.opens("/explore")
        exploration = begun(page)
        at = f"{person.address}/explore/{exploration}"
        looked_over(page)
        first = ask(machine, "GET", f"/v1/explorations/{exploration}")["attempts"][0]
        probed = [(one["command"], one["status"]) for one in first["evidence"]["probes"]]
        assert probed == [("ls index.html", 0), ("cat nothing", 1)]
        (vote,) = ask(machine, "GET", f"/v1/explorations/{exploration}/votes")
        assert (vote["left"], vote["right"], vote["choice"]) == ("3", "4", "right")
        voted_until_sure(machine, exploration)

        page.goto(f"{at}/standing")
        expect(page.get_by_role("status")).to_contain_text("Sure enough: 1 is best")
        expect(page.get_by_role("row", name=re.compile("^1 1 "))).to_contain_text("best")
        page.goto(f"{at}?sort=alike")
        expect(page.get_by_role("heading", name=re.compile(r"\d alike: "))).to_have_count(1)
        expect(page.locator("ul.gallery:has(#a2)").locator("#a3")).to_be_visible()
        folded(page)
        chosen(page)

        page.goto(f"{at}/map")
        tiles = page.get_by_role("group", name="Map of the attempts").get_by_role("link")
        expect(tiles).to_have_count(COUNT + 1)
        page.keyboard.press("ArrowRight")
        expect(tiles.first).to_be_focused()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowLeft")
        expect(page.locator(".map a:focus")).to_have_count(1)
        expect(page.get_by_role("region", name="Who is near whom").get_by_role("listitem")).to_have_count(COUNT + 1)

        page.goto(f"{person.address}/projects/{project}/taste")
        expect(page.get_by_label("Decision ")).to_have_value("It is read to its end.")
        expect(page.get_by_role("region", name="Definition")).to_contain_text("The start page")
