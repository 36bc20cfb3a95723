"""The home base as a person meets it: in Chromium, by role and by name."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.browsers import PATIENCE, Person, a_person
from browser.looks import used_by_everybody
from house.bases import Machine, a_machine, ask
from maquette.testing.models import Asked, Call, Calls, Fails, Says, Stalls, Turn

pytestmark = [
    pytest.mark.needs("chromium", "sudo apt-get install chromium"),
    pytest.mark.boxed,
]
MODEL = "openai-chat:scripted"
LONGEST = 150
"""Seconds for a first run: several tasks, each with the checks of a project."""
ANSWER = """## What I found

Rounding is **off by one cent**: see `totals.py`. ![a picture](https://elsewhere.example/cat.png)

| file | rounds |
|---|---|
| totals.py | each |

<script>document.title = "mine"</script><img src=x onerror="document.title = 'mine'"> [on](javascript:alert(1))
"""


def play(asked: Asked) -> Turn:
    answered = sum(message["role"] == "assistant" for message in _messages(asked))
    if asked.body["model"] == "none":
        return Fails(404, "No such model.", code="model_not_found")
    if "at length" in asked.said:
        said = Says(" ".join(f"word{n}" for n in range(100)))
        return said if cut_off else Stalls(said, after=30)
    if "which" in asked.said and not answered:
        return Calls(Call("ask", {"question": "Round each line, or the sum?", "choices": ["Each line", "The sum"]}))
    if "run" in asked.said and not answered:
        return Calls(Call("shell", {"command": "echo secret-command-line; echo done > made.txt"}))
    return Says(ANSWER)


cut_off: list[str] = []
"""What was last heard of an answer whose base was killed: the next time, it is said to its end."""


def _messages(asked: Asked) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", asked.body["messages"])


def begin(page: Page, task: str) -> None:
    """At a desk: else it would be where the project is that came last, by another test, say."""
    page.get_by_label("In which project").select_option("")
    page.get_by_label("What is to be done").fill(task)
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/threads/*")


@pytest.fixture(scope="module")
def open_page(person: Person) -> Page:
    return person.opens("/")


@pytest.fixture
def page(machine: Machine, person: Person, open_page: Page) -> Iterator[Page]:
    """Where one begins, in a browser that remembers nothing but that it is in; whatever the test before left."""
    machine.ok("threads")
    person.complaints.clear()
    open_page.bring_to_front()
    if not open_page.url.startswith(person.address):
        open_page.goto(person.address)
    open_page.evaluate("localStorage.clear()")
    open_page.goto(f"{person.address}/")
    yield open_page
    assert person.complaints == []


def of_a_broken_line(said: str) -> bool:
    return "ERR_" in said or "Failed to load" in said


@pytest.mark.timeout(LONGEST)
def test_without_a_model_a_person_meets_the_apprentice_on_samples_kills_the_base_in_mid_task_and_merges_what_it_did(
    tmp_path: Path, browser: Browser
) -> None:
    with a_machine(tmp_path) as machine:
        machine.ok("threads")
        with a_person(machine, browser) as person:
            page = person.opens("/")
            page.get_by_role("heading", name="No model is connected").wait_for()
            expect(page.get_by_role("link", name="connect one")).to_have_attribute("href", "/models#connect")
            page.get_by_role("button", name="Make a sample project").click()
            page.get_by_role("heading", name="Things to try on the sample").wait_for()
            for other in ("Delete dead code, and merge it", "What changed last month?", "Bring in messages"):
                expect(page.get_by_role("button", name=other)).to_be_visible()
            page.get_by_text("Kill the base in mid-task").click()
            expect(page.get_by_label("What to type")).to_contain_text(f"kill -9 {machine.pid}")
            used_by_everybody(page, "first run")
            page.set_viewport_size({"width": 360, "height": 720})
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
            page.set_viewport_size({"width": 1160, "height": 860})
            page.get_by_role("button", name="Begin that task").click()
            page.locator("#head .running").wait_for()
            page.get_by_text("Took 1 look; at work").wait_for()
            machine.kill(signal.SIGKILL)
            page.get_by_text("The line to the base is broken").wait_for()
            machine.ok("threads")
            page.get_by_text("Came to its end").wait_for(timeout=50_000)
            person.complaints[:] = [said for said in person.complaints if not of_a_broken_line(said)]
            expect(page.locator(".result .stage")).to_have_text("sketch")
            expect(page.get_by_role("heading", name="By rule").first).to_be_visible()
            page.get_by_text("The changes:").click()
            expect(page.locator(".result .diff").first).to_be_visible()
            expect(page.locator(".result .note", has_text="in complexity")).to_be_visible()
            page.get_by_role("button", name="Merge").click()
            page.get_by_text("Merged into").wait_for()
            expect(page.get_by_role("button", name="Merge")).to_have_count(0)
            page.go_back()
            page.get_by_role("button", name="A folder of CSVs").click()
            page.get_by_text("Came to its end").wait_for(timeout=50_000)
            expect(page.get_by_role("heading", name="By rule").first).to_be_visible()
            expect(page.locator(".made figcaption", has_text=".xlsx")).to_be_visible()
            page.locator(".made").scroll_into_view_if_needed()
            expect(page.locator(".made").get_by_role("columnheader", name="A", exact=True)).to_be_visible()
            page.go_back()
            page.get_by_role("button", name="Twelve tries at one page").click()
            page.wait_for_url("**/explore/exploration_*")
            expect(page.locator(".gallery > li")).to_have_count(12)
    assert "def shelf_from_code" not in (tmp_path / "home/maquette-samples/bookshop/bookshop/books.py").read_text()
    assert list((tmp_path / "home/maquette-samples/till").glob("*.xlsx"))


def test_a_way_in_leads_to_the_page_of_the_thread_that_was_named(machine: Machine, person: Person, page: Page) -> None:
    machine.run("run", "look at the rounding")
    way = ask(machine, "POST", "/v1/launches", {"thread": "latest"})
    page.context.clear_cookies()
    file = Path(way["file"]).as_uri()
    page.goto(file)
    page.get_by_role("heading", name="What I found").wait_for()
    assert page.url == way["address"]
    assert person.complaints.pop() == f"asked for {file}"


def test_a_model_is_tested_in_place_and_the_page_says_what_came_of_it(person: Person, page: Page) -> None:
    page.goto(f"{person.address}/models")
    expect(page.get_by_label("Model to test")).to_have_value(MODEL)
    page.get_by_role("button", name="Test").click()
    expect(page.get_by_role("status").filter(has_text="It works")).to_be_visible(timeout=PATIENCE)
    page.get_by_label("Model to test").fill("openai-chat:none")
    page.get_by_role("button", name="Test").click()
    expect(page.get_by_role("status").filter(has_text="There is no none")).to_be_visible()


def test_what_is_asked_shows_everywhere_and_clears_everywhere_when_answered_in_one_page(
    person: Person, page: Page
) -> None:
    begin(page, "which way?")
    page.get_by_role("button", name="The sum").wait_for()
    with closing(person.opens("/inbox")) as inbox:
        expect(inbox).to_have_title("(1) Inbox · Maquette")
        inbox.get_by_role("button", name="The sum").click()
        inbox.get_by_text("Nothing needs you.").wait_for()
        expect(inbox).to_have_title("Inbox · Maquette")
    page.bring_to_front()
    expect(page.get_by_role("button", name="The sum")).to_have_count(0)
    page.get_by_text("Came to its end").wait_for()


def test_a_base_killed_under_an_open_page_is_told_and_the_page_goes_on_when_it_is_back(
    machine: Machine, person: Person, page: Page
) -> None:
    cut_off.clear()
    begin(page, "say it at length")
    page.get_by_text("word9 ").first.wait_for()
    expect(page.locator("#head")).to_contain_text("step 1")
    machine.kill(signal.SIGKILL)
    cut_off.append("word9")
    page.get_by_text("The line to the base is broken").wait_for()
    machine.ok("threads")
    page.get_by_text("Came to its end").wait_for()
    expect(page.get_by_text("The line to the base is broken")).to_be_hidden()
    expect(page.get_by_text("word99")).to_have_count(1)
    person.complaints[:] = [said for said in person.complaints if not of_a_broken_line(said)]


def test_s22_s23_what_an_agent_wrote_fetches_nothing_and_runs_nothing(page: Page) -> None:
    begin(page, "look at the rounding")
    page.get_by_role("heading", name="What I found").wait_for()
    assert "mine" not in page.title()
    assert page.locator("main script, main img, main [onerror]").count() == 0
    link = page.get_by_role("link", name="a picture")
    assert link.get_attribute("rel") == "noreferrer noopener"
    assert page.locator('a[href^="javascript"]').count() == 0


def test_at_a_desk_no_command_and_no_code_is_shown_until_somebody_chooses_and_each_project_has_its_choice(
    machine: Machine, person: Person, page: Page
) -> None:
    shop = machine.folder / "shop"
    shop.mkdir(exist_ok=True)
    machine.ok("run", "run it there", "--project", str(shop))
    there = next(one["id"] for one in ask(machine, "GET", "/v1/threads") if one["title"] == "run it there")
    said, face = page.locator("main"), page.locator("html")
    begin(page, "run something")
    here = page.url
    expect(face).to_have_attribute("data-face", "plain")
    page.get_by_text("Came to its end").wait_for()
    page.get_by_text("Ran 1 command").wait_for()
    assert "secret-command-line" not in said.inner_text()
    assert "totals.py" in said.inner_text(), "what was said stays"
    page.get_by_role("button", name="Detail").click()
    page.get_by_text("Ran 1 command").click()
    page.get_by_text("secret-command-line").first.wait_for()

    page.goto(f"{person.address}/threads/{there}")
    expect(page.get_by_role("button", name="Detail")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("f")
    expect(page.get_by_role("button", name="Plain")).to_have_attribute("aria-pressed", "true")
    assert "secret-command-line" not in said.inner_text()
    page.goto(here)
    expect(face).to_have_attribute("data-face", "detail")
    turns = page.locator(".work").get_by_role("button", name="Turn over")
    turns.click()
    expect(turns).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Plain").click()
    expect(turns).to_have_attribute("aria-pressed", "false")
    turns.click()
    page.get_by_text("secret-command-line").first.wait_for()
    page.get_by_role("button", name="Detail").click()
    page.goto(f"{person.address}/threads/{there}")
    expect(face).to_have_attribute("data-face", "plain")


def test_a_whole_task_is_done_without_a_mouse(person: Person, page: Page) -> None:
    page.goto(f"{person.address}/search")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page.get_by_label("What is to be done")).to_be_focused()
    page.wait_for_load_state()
    page.keyboard.type("which one?")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Each line").wait_for()
    page.get_by_label("Your answer").focus()
    page.keyboard.type("Each line")
    page.keyboard.press("Enter")
    page.get_by_text("Came to its end").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keys").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("costs")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Costs").wait_for()
    page.go_back()
    page.get_by_text("Came to its end").wait_for()
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Pin")).to_be_focused()


def test_the_palette_does_what_the_page_can_and_finds_threads_projects_files_and_settings(
    machine: Machine, person: Person, page: Page
) -> None:
    cafe = machine.folder / "cafe"
    cafe.mkdir(exist_ok=True)
    (cafe / "prices.csv").touch()
    machine.ok("run", "look at prices", "--project", str(cafe))
    thread = ask(machine, "GET", "/v1/threads")[0]["id"]

    page.goto(f"{person.address}/threads/{thread}")
    palette = page.get_by_role("dialog", name="Do, or go to")

    def types(words: str) -> None:
        page.keyboard.press("Control+k")
        palette.wait_for()
        page.keyboard.type(words)

    types("pin")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Unpin").wait_for()
    types("colours: dark")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-colours", "dark")
    expect(page.locator("html")).to_have_css("color-scheme", "dark")
    types("prices.csv")
    palette.get_by_role("button", name="prices.csv file").click()
    expect(page.get_by_label("Say more to this thread")).to_have_value("@prices.csv ")
    page.keyboard.press("Escape")
    types("cafe")
    used_by_everybody(page, "the palette")
    expect(palette.get_by_role("link", name="cafe project")).to_be_visible()
    page.keyboard.press("Escape")
    types("caps")
    expect(palette.get_by_role("button", name="Model and caps do")).to_be_visible()
    page.keyboard.press("Enter")
    terms = page.get_by_role("dialog", name="Model and caps")
    terms.get_by_label("Its model").fill("openai-chat:other")
    terms.get_by_role("button", name="Keep this model").click()
    expect(page.locator("#head .model")).to_have_text("openai-chat:other")
    page.get_by_role("button", name="Model and caps").click()
    terms.get_by_label("Dollars").first.fill("0.50")
    used_by_everybody(page, "its terms")
    with page.expect_navigation():
        terms.get_by_role("button", name="Keep", exact=True).first.click()
    caps = [one["cap"]["budget"]["money"] for one in ask(machine, "GET", "/v1/budgets")]
    assert caps == ["0.50"]
    page.locator("html[data-ready]").wait_for()
    types("what all may")
    page.keyboard.press("Enter")
    page.wait_for_url("**/costs#caps")


def test_a_draft_outlives_a_reload_and_goes_when_it_is_sent_and_files_go_with_it(
    machine: Machine, person: Person, page: Page
) -> None:
    page.get_by_label("What is to be done").fill("half a thought")
    page.reload()
    expect(page.get_by_label("What is to be done")).to_have_value("half a thought")
    attach = page.get_by_label("Attach")
    attach.set_input_files({"name": "prices.csv", "mimeType": "text/csv", "buffer": b"tea,3"})
    page.get_by_text("prices.csv, 1 KB").wait_for()
    attach.set_input_files({"name": "cat.svg.png", "mimeType": "image/png", "buffer": b"no picture"})
    page.get_by_role("img", name="cat.svg.png").wait_for()
    page.get_by_role("button", name="Take out cat.svg.png").click()
    expect(page.locator("#composer img")).to_have_count(0)
    page.get_by_label("In which project").select_option("")
    page.get_by_label("How it works there").select_option("local")
    page.get_by_label("Cap in dollars").fill("0.25")
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/threads/*")
    expect(page.locator(".you .text")).to_have_text("half a thought\n\nGiven with this:\n- prices.csv (5 bytes)")
    assert (machine.state / "desk/prices.csv").read_text() == "tea,3"
    begun = ask(machine, "GET", f"/v1{page.url.removeprefix(person.address)}/entries")["entries"][0]["event"]
    assert (begun["mode"], begun["budget"]["money"]) == ("local", "0.25")
    page.goto(f"{person.address}/")
    expect(page.get_by_label("What is to be done")).to_have_value("")
