"""The composer as a person meets it: what it offers while they write, by keys and by role."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from browser.browsers import Person, a_person
from browser.looks import used_by_everybody, used_by_everybody_in_light_and_dark
from house.bases import Machine, ask
from maquette.testing.models import Asked, Says, Stalls, Turn

pytestmark = [
    pytest.mark.needs("chromium", "sudo apt-get install chromium"),
    pytest.mark.boxed,
]
WIDE, PHONE = ViewportSize(width=1280, height=720), ViewportSize(width=360, height=720)
INBOX = "fetch('/inbox').then(({ status }) => status)"
HOSTILE = '<img src=x onerror="document.title=1">.py'


def play(asked: Asked) -> Turn:
    if "at length" in asked.said:
        return Stalls(Says(" ".join(f"word{n}" for n in range(600))), after=12)
    return Says(f"heard: {asked.said}")


@pytest.fixture(scope="module")
def folder(machine: Machine) -> Path:
    """A project, with a thread in it that is done."""
    folder = machine.folder / "shop"
    (folder / "src").mkdir(parents=True)
    for name in ("totals.py", "src/total tax.py", HOSTILE):
        (folder / name).touch()
    machine.ok("run", "Round the totals", "--project", str(folder))
    return folder


@pytest.fixture
def page(person: Person) -> Iterator[Page]:
    """The one that they have open."""
    page = (person.context.pages or [person.opens("/v1/health")])[0]
    page.set_viewport_size(WIDE)
    yield page
    said, person.complaints = person.complaints, []
    assert not said


def begin(machine: Machine, folder: Path, task: str) -> str:
    """The path of a new thread's page."""
    project = next(one["id"] for one in ask(machine, "GET", "/v1/projects") if one["path"] == str(folder))
    return f"/threads/{ask(machine, 'POST', '/v1/threads', {'text': task, 'project': project})['thread']}"


def option(page: Page, **which: Any) -> Locator:
    return page.get_by_role("listbox", name="Offers").get_by_role("option", **which)


def offered(page: Page) -> list[str]:
    page.get_by_role("listbox", name="Offers").wait_for()
    return option(page).all_inner_texts()


def fit_for_everybody_and_a_phone(page: Page) -> None:
    """What is offered in it."""
    page.set_viewport_size(PHONE)
    used_by_everybody_in_light_and_dark(page, "the page")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    expect(option(page, selected=True)).to_be_in_viewport(ratio=0.9)
    page.set_viewport_size(WIDE)


def test_at_offers_files_and_threads_which_keys_take_or_close_until_another_word(
    machine: Machine, person: Person, page: Page, folder: Path
) -> None:
    page.goto(person.address + begin(machine, folder, "hello"))
    page.get_by_text("Came to its end").wait_for()
    page.keyboard.press("e")
    say = page.get_by_label("Say more to this thread")
    page.keyboard.type("look at @tota")
    option(page, name="totals.py file").wait_for()
    page.keyboard.press("ArrowDown")
    expect(option(page, selected=True)).to_contain_text("src/total tax.py")
    active = say.get_attribute("aria-activedescendant")
    assert page.locator(f"#{active}").get_attribute("aria-selected") == "true"
    page.keyboard.press("Enter")
    expect(say).to_have_value('look at @"src/total tax.py" ')
    page.keyboard.type("and @round")
    option(page, name="Round the totals thread").wait_for()
    page.keyboard.press("Tab")
    expect(say).to_be_focused()
    page.keyboard.press("Control+Enter")
    page.get_by_text('heard: look at @"src/total tax.py" and @thread_').wait_for()

    page.keyboard.type("@tot")
    assert offered(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(say).to_be_focused()
    with page.expect_response("**/v1/mentions?*") as answered:
        page.keyboard.type("al me@tot @img")
    assert answered.value.ok
    assert offered(page) == [f"{HOSTILE}\nfile"], "shown as it is called, and nothing of it ran"
    option(page).click()
    expect(say).to_have_value(f'@total me@tot @"{HOSTILE}" ')
    assert page.title() != "1"
    page.keyboard.press("Escape")
    expect(say).not_to_be_focused()


def test_slash_offers_everybody_skills_and_only_what_can_be_done_now_also_on_a_phone(
    machine: Machine, person: Person, page: Page, folder: Path
) -> None:
    page.goto(person.address + begin(machine, folder, "say it at length"))
    page.get_by_text("word3 ").first.wait_for()
    say = page.get_by_label("Say more to this thread")
    say.press_sequentially("/")
    names = [line.split()[0] for line in offered(page)]
    assert {"/stop", "/dead-code"} <= {*names}
    assert not {"/merge", "/discard", "/resume", "/pin"} & {*names}
    fit_for_everybody_and_a_phone(page)
    page.keyboard.type("sto")
    expect(option(page)).to_have_count(1)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Stopped").wait_for()
    expect(say).to_have_value("")
    say.press_sequentially("/p")
    option(page, name="/pin Pin").click()
    page.get_by_role("button", name="Unpin").wait_for()


def test_who_begins_is_offered_the_files_of_the_project_they_chose_also_on_a_phone(
    person: Person, page: Page, folder: Path
) -> None:
    page.goto(f"{person.address}/")
    page.get_by_label("In which project").select_option(label="shop")
    say = page.get_by_label("What is to be done")
    say.press_sequentially("@totals.")
    option(page, name="totals.py file").wait_for()
    fit_for_everybody_and_a_phone(page)
    page.get_by_label("In which project").select_option(label="a desk, with no project")
    say.fill("")
    say.press_sequentially("/dead")
    option(page, name="/dead-code").click()
    expect(say).to_have_value("/dead-code ")


def test_what_waits_in_line_is_changed_and_taken_back_on_every_page_until_it_is_begun(
    machine: Machine, person: Person, page: Page, folder: Path
) -> None:
    path = begin(machine, folder, "say it at length")
    page.goto(f"{person.address}{path}")
    with closing(person.opens(path)) as other:
        for words in ("first in line", "second in line", "third in line"):
            ask(machine, "POST", f"/v1{path}/messages", {"text": words})
        page.bring_to_front()
        line = page.get_by_role("region", name="In line")
        line.locator("summary", has_text="first in line").wait_for()
        line.locator("summary", has_text="third in line").wait_for()
        expect(page.get_by_role("log").get_by_text("first in line")).to_have_count(0)
        page.set_viewport_size(PHONE)
        line.locator("summary", has_text="first in line").click()
        below = page.locator("#composer").bounding_box()
        ends = line.get_by_role("button", name="Take back").first.bounding_box()
        assert ends is not None
        assert below is not None
        assert ends["y"] + ends["height"] <= below["y"], "the composer lies over what was opened"
        line.get_by_label("What it says").first.fill("first, said better")
        line.get_by_role("button", name="Change").first.click()
        line.locator("summary", has_text="first, said better").wait_for()
        line.locator("summary", has_text="second in line").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(line.get_by_role("button", name="Take back").nth(1)).to_be_focused()
        page.keyboard.press("Enter")
        expect(line.locator("summary", has_text="second in line")).to_have_count(0)
        line.locator("summary", has_text="third in line").click()
        line.get_by_label("What it says").nth(1).fill("half a thought")
        other.bring_to_front()
        there = other.get_by_role("region", name="In line")
        expect(there.locator("summary")).to_have_text(["In line first, said better", "In line third in line"])
        used_by_everybody(other, "the page")
        other.get_by_role("button", name="Stop").click()
        other.get_by_text("heard: first, said better").first.wait_for()
        page.bring_to_front()
        page.get_by_text("heard: third in line").first.wait_for()
        expect(page.get_by_label("Say more to this thread")).to_have_value("half a thought")
        expect(line.locator("summary")).to_have_count(0)
        expect(page.get_by_role("log").get_by_text("second in line")).to_have_count(0)


def test_a_thread_is_renamed_by_a_key_and_its_name_changes_everywhere(
    machine: Machine, person: Person, page: Page, folder: Path
) -> None:
    page.goto(person.address + begin(machine, folder, "hello"))
    page.get_by_text("Came to its end").wait_for()
    page.keyboard.press("r")
    dialog = page.get_by_role("dialog", name="Rename this thread")
    expect(dialog.get_by_label("Its name")).to_have_value("hello")
    used_by_everybody(page, "the page")
    page.keyboard.type("Totals, <b>rounded</b>")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Totals, <b>rounded</b>").wait_for()
    expect(dialog).to_be_hidden()
    page.get_by_role("navigation").get_by_text("Totals, <b>rounded</b>").wait_for()
    expect(page).to_have_title(re.compile(r"^(\(\d+\) )?Totals, <b>rounded</b> · Maquette$"))
    page.get_by_label("Say more to this thread").press_sequentially("/ren")
    option(page, name="/rename Rename").wait_for()
    page.keyboard.press("Enter")
    dialog.wait_for()
    dialog.get_by_role("button", name="Leave it").click()
    expect(dialog).to_be_hidden()


def test_a_thread_is_forked_from_where_a_turn_ended(machine: Machine, person: Person, page: Page, folder: Path) -> None:
    path = begin(machine, folder, "one")
    page.goto(f"{person.address}{path}")
    page.get_by_text("heard: one").first.wait_for()
    page.get_by_text("Came to its end").wait_for()
    page.get_by_label("Say more to this thread").fill("two")
    page.keyboard.press("Control+Enter")
    page.get_by_text("heard: two").first.wait_for()
    expect(page.get_by_text("Came to its end")).to_have_count(2)
    page.get_by_role("button", name="Fork from here").first.click()
    page.get_by_role("heading", name="one (fork)").wait_for()
    assert not page.url.endswith(path)
    expect(page.get_by_role("log").get_by_text("heard: one")).to_have_count(1)
    expect(page.get_by_text("heard: two")).to_have_count(0)
    expect(page.get_by_role("button", name="Fork from here")).to_have_count(0)
    entries = ask(machine, "GET", f"/v1{page.url.removeprefix(person.address)}/entries")["entries"]
    assert "two" not in [entry["event"].get("text") for entry in entries]


def test_who_logs_out_is_out_and_another_browser_stays_in(
    machine: Machine, browser: Browser, person: Person, page: Page
) -> None:
    with a_person(machine, browser, anew=True) as leaves:
        before = len(ask(machine, "GET", "/v1/sessions")["sessions"])
        left = leaves.opens("/inbox")
        left.get_by_role("button", name="Log out").click()
        left.get_by_label("Code").wait_for()
        assert left.evaluate(INBOX) == 401
        assert len(ask(machine, "GET", "/v1/sessions")["sessions"]) == before - 1
        leaves.complaints[:] = [one for one in leaves.complaints if "401" not in one]
    assert page.evaluate(INBOX) == 200
