"""A base that has neither project nor model yet, as a person sets it up in Chromium, without a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.browsers import a_person
from browser.looks import used_by_everybody
from house.bases import Machine, a_machine, ask
from house.checkouts import Checkout
from maquette.testing.models import Asked, Fails, Says, ScriptedModels, Turn

pytestmark = [
    pytest.mark.needs("chromium", "sudo apt-get install chromium"),
    pytest.mark.boxed,
]
KEY = "sk-canary-1357924680"


def play(asked: Asked) -> Turn:
    return Says("Here I am.") if KEY in asked.headers["authorization"] else Fails(401, "Incorrect API key.")


def test_s26_projects_are_brought_in_with_their_trust_asked_in_words_and_a_model_whose_key_never_comes_back(
    tmp_path: Path, browser: Browser
) -> None:
    """S26: the page is drawn without it, whatever came of connecting."""
    with ScriptedModels(play) as models, a_machine(tmp_path) as machine:
        machine.ok("threads")
        with a_person(machine, browser) as person:
            page = person.opens("/projects")
            bring_in_a_folder_and_a_repo(page, machine)
            person.complaints[:] = [said for said in person.complaints if "404" not in said]
            page.get_by_role("link", name="New work").click()
            page.get_by_role("link", name="connect one").click()
            connect_a_model(page, f"{models.url}/v1")
            person.complaints[:] = [said for said in person.complaints if "422" not in said]
            page.get_by_role("link", name="New work").click()
            page.get_by_label("What is to be done").fill("Say where you are")
            expect(page.get_by_role("heading", name="No model is connected")).to_have_count(0)
            page.get_by_role("button", name="Begin").click()
            page.get_by_text("Here I am.").wait_for()


def bring_in_a_folder_and_a_repo(page: Page, machine: Machine) -> None:
    folder = machine.folder
    Checkout.made(folder / "shop", {"AGENTS.md": "Use tabs.\n", "code/totals.py": "def total(): ...\n"})
    (folder / "letters").mkdir()
    brought = page.get_by_role("region", name="Brought in")

    def bring(path: Path) -> None:
        page.locator("html[data-ready]").wait_for()
        page.get_by_label("A folder on this machine").fill(str(path))
        page.get_by_role("button", name="Bring in").click()

    bring(folder / "nowhere")
    page.get_by_text("There is no folder").wait_for()
    bring(folder / "letters")
    brought.get_by_role("heading", name="letters, a folder").wait_for()
    expect(brought).to_contain_text("nothing to trust")
    bring(folder / "shop/code")
    brought.get_by_role("heading", name="shop, a git repo").wait_for()
    expect(brought).to_contain_text("AGENTS.md")
    expect(brought).to_contain_text("whoever wrote them could then steer")
    used_by_everybody(page, "what was brought in")
    known = {one["name"]: one for one in ask(machine, "GET", "/v1/projects")}
    assert {name: (one["kind"], one["trusted"]) for name, one in known.items()} == {
        "letters": ("folder", None),
        "shop": ("repo", None),
    }
    assert known["shop"]["path"] == str(folder / "shop"), "the whole repo"
    brought.get_by_role("button", name="Trust them as they are now").click()
    page.get_by_role("button", name="No longer trust them").wait_for()
    expect(brought).to_have_count(0)
    (trusted,) = [one["name"] for one in ask(machine, "GET", "/v1/projects") if one["trusted"]]
    assert trusted == "shop"


def connect_a_model(page: Page, address: str) -> None:
    form = page.locator("#connect")
    form.get_by_label("Address").fill(address)
    form.get_by_label("Key").fill("sk-wrong")
    form.get_by_label("Model").fill("scripted")
    form.get_by_role("button", name="Only try it").click()
    expect(form.get_by_role("status")).to_contain_text("refused the key")
    form.get_by_role("button", name="Connect").click()
    expect(form.get_by_role("alert")).to_contain_text("Nothing was kept.")
    form.get_by_label("Key").fill(KEY)
    form.get_by_role("button", name="Connect").click()
    page.get_by_text("with a key in a sealed file").wait_for()
    expect(page.get_by_text("Threads that name none get openai-chat:scripted.")).to_be_visible()
    expect(form.get_by_label("Key")).to_have_value("")
    assert KEY not in page.content()
    used_by_everybody(page, "models")
    worker = page.get_by_label("Models of the worker, one a line")
    worker.fill("openai-chat:scripted\nanthropic:other")
    with page.expect_navigation():
        page.get_by_role("button", name="Keep the worker").click()
    expect(worker).to_have_value("openai-chat:scripted\nanthropic:other")
