"""Automations in Chromium: from a form to a run, its receipt, its report in the inbox, a change and its undo."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from browser.browsers import PATIENCE, a_person
from browser.looks import used_by_everybody
from house.bases import Machine, a_machine
from maquette.testing.models import Asked, Says, Turn

pytestmark = [
    pytest.mark.needs("chromium", "sudo apt-get install chromium"),
    pytest.mark.boxed,
]


def play(asked: Asked) -> Turn:
    return Says("Two releases, and an outage at night that is over.")


def test_an_automation_is_drafted_tried_turned_on_run_changed_and_brought_back(
    machine: Machine, browser: Browser
) -> None:
    with a_person(machine, browser) as person:
        page = person.opens("/automations")
        page.get_by_role("link", name="New automation").click()
        page.get_by_label("Its name").fill("Morning")
        page.get_by_label("What is to be done").fill("Tell what matters.")
        page.get_by_label("As you would say it").fill("every blue moon")
        expect(page.locator(".meant .bad")).to_be_visible()
        page.get_by_label("As you would say it").fill("weekdays at 7")
        page.get_by_label("by the clocks of").fill("Europe/Berlin")
        expect(page.locator(".meant")).to_contain_text("Weekdays at 07:00, by the clocks of Europe/Berlin.")
        expect(page.get_by_role("list", name="The next times").get_by_role("listitem")).to_have_count(5)
        page.get_by_label("change files").uncheck()
        page.get_by_label("It is proved by").select_option("reports")
        used_by_everybody(page, "a new automation")
        page.get_by_role("button", name="Make the draft").click()

        page.get_by_role("heading", name="May it run by itself?").wait_for()
        page.get_by_role("button", name="Make a trial run").click()
        runs = page.locator(".receipts tbody tr")
        expect(runs).to_contain_text(["done, and proved"], timeout=PATIENCE)
        page.get_by_role("button", name="Turn it on").click()
        page.get_by_role("button", name="Run now").click()
        expect(runs).to_contain_text(["by hand", "trial"])
        expect(runs.first).to_contain_text("It answered in 10 words.", timeout=PATIENCE)

        assert "report" in {one["kind"] for one in machine.json("inbox")}
        page.get_by_text("Change it", exact=True).click()
        page.get_by_label("As you would say it").fill("daily at 6:30")
        page.get_by_text("More", exact=True).click()
        page.get_by_label("What else begins a run").fill('files path=in names="*.csv"')
        page.get_by_label("Why you change it").fill("earlier is better")
        page.get_by_role("button", name="Keep as a new version").click()
        expect(page.locator("#a-when")).to_contain_text("06:30")
        expect(page.locator("#a-when")).to_contain_text("When a file like *.csv changes in in.")
        page.get_by_text("Versions (2)").click()
        expect(page.locator(".versions")).to_contain_text("earlier is better")
        page.get_by_label("run commands in the sandbox").uncheck()
        machine.ok("automations", "set", "Morning", "--brief", "Tell what matters, shorter.", "--because", "too long")
        expect(page.get_by_label("What is to be done")).to_have_value("Tell what matters, shorter.")
        expect(page.get_by_label("run commands in the sandbox")).not_to_be_checked()
        expect(page.get_by_label("read the project")).to_be_checked()
        expect(page.locator("form.plan input[name=over]")).to_have_value("3")
        page.get_by_role("button", name="Bring version 1 back").click()
        expect(page.locator("#a-when")).to_contain_text("Weekdays at 07:00")
        page.get_by_role("button", name="Snooze").click()
        page.get_by_role("button", name="On Monday").click()
        expect(page.locator("#a-head .state")).to_contain_text("paused until")
        page.get_by_role("button", name="Go on").click()
        expect(page.locator("#a-head .state")).to_have_text("on")
        page.set_viewport_size({"width": 360, "height": 720})
        page.locator("details.fold").evaluate_all("all => all.forEach((one) => (one.open = true))")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        used_by_everybody(page, "an automation")


@pytest.mark.timeout(120)
def test_the_first_five_minutes_from_saying_it_to_a_report_that_is_answered_replayed_and_undone(
    tmp_path: Path, browser: Browser
) -> None:
    """With no model, and nothing typed anywhere but in the page."""
    with a_machine(tmp_path) as machine:
        machine.ok("threads")
        with a_person(machine, browser) as person:
            page = person.opens("/")
            page.get_by_role("button", name="Bring in messages").click()
            page.get_by_role("button", name="A report of what matters").wait_for()
            page.get_by_label("What is to be done").fill("every weekday at 7: Report what matters")
            page.get_by_role("button", name="Begin").click()
            page.get_by_role("button", name="Allow once").click()
            page.get_by_role("heading", name="May it run by itself?").wait_for()
            used_by_everybody(page, "a draft in a thread")
            page.get_by_role("button", name="Make a trial run").click()
            page.get_by_role("link", name="Change it, try it").click()
            expect(page.locator("#a-from")).to_contain_text("Sample messages")
            runs = page.locator(".receipts tbody tr")
            expect(runs).to_contain_text(["came to its end"], timeout=PATIENCE)
            page.get_by_role("button", name="Turn it on").click()
            page.get_by_role("button", name="Run now").click()
            expect(runs).to_contain_text(["by hand", "trial"], timeout=PATIENCE)
            expect(runs.first).to_contain_text("came to its end", timeout=PATIENCE)
            expect(page.locator("#a-receipts .charts")).to_contain_text("none of 2 went wrong")

            page.get_by_role("link", name="The last one, and your answers to it").click()
            lines, changed = page.locator(".report-line"), page.locator("#r-told .changed")
            expect(lines).to_have_count(12)
            lines.first.get_by_text("Why?").click()
            answer = page.get_by_label("Your answer to the report")
            answer.fill("never #random")
            page.get_by_role("button", name="What would that change?").click()
            expect(page.locator("#r-answer output")).to_contain_text("Nothing is kept yet.", timeout=PATIENCE)
            expect(answer).to_have_value("never #random")
            expect(changed).to_have_count(0)
            page.get_by_role("button", name="Say it").click()
            expect(changed.first).to_contain_text("What is in #random is never in.", timeout=PATIENCE)
            expect(page.locator("#r-since")).to_contain_text("you said “never #random”", timeout=PATIENCE)
            lines.last.get_by_role("button", name="Wrong").click()
            expect(changed.first).to_contain_text("version 2", timeout=PATIENCE)
            expect(page.get_by_text("Cases (1)")).to_be_visible()

            page.get_by_role("button", name="Give me five questions").click()
            asked = page.locator("#r-asked-all > li")
            expect(asked).to_have_count(5, timeout=PATIENCE)
            asked.nth(1).get_by_role("button", name="Yes").click()
            expect(asked.nth(1)).to_contain_text("Yes", timeout=PATIENCE)
            asked.nth(1).get_by_role("button", name="Undo version 3").click()
            expect(asked.nth(1).get_by_role("button", name="No")).to_be_visible(timeout=PATIENCE)

            page.get_by_text("What it knows of you").click()
            expect(page.locator("#r-knows")).to_contain_text("because you said never #random")
            page.get_by_text("Over time").click()
            charts = page.locator("#r-charts")
            expect(charts).to_contain_text("Of what was read, kept; at most ")
            expect(charts).to_contain_text("Right, by your replies; of the last that you answered 92% of the lines")

            page.get_by_role("button", name="Report anew").click()
            expect(page.locator("#r-former")).to_be_attached(timeout=PATIENCE)
            expect(page.locator("#r-since")).not_to_be_attached()
            page.get_by_role("button", name="Undo version 1").click()
            expect(page.get_by_text("· undone").first).to_be_visible(timeout=PATIENCE)
            expect(page.locator("#r-since .moved")).to_contain_text("comes in", timeout=PATIENCE)
            page.set_viewport_size({"width": 360, "height": 720})
            page.locator("details").evaluate_all("all => all.forEach((one) => (one.open = true))")
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
            used_by_everybody(page, "a report with all its drawers open")
