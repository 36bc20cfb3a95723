"""Connecting to a model where one stands, in Chromium: from a first run to the first answer, without a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from browser.browsers import a_person, used_by_everybody
from house.bases import a_machine
from maquette.testing.models import Asked, Fails, Says, ScriptedModels, Turn

pytestmark = [
    pytest.mark.needs("chromium", "sudo apt-get install chromium"),
    pytest.mark.boxed,
]
KEY = "sk-canary-1357924680"


def play(asked: Asked) -> Turn:
    return Says("Here I am.") if KEY in asked.headers["authorization"] else Fails(401, "Incorrect API key.")


def test_s26_a_model_is_connected_in_the_page_used_at_once_and_its_key_never_comes_back(
    tmp_path: Path, browser: Browser
) -> None:
    """S26: the page is drawn without it, whatever came of connecting."""
    with ScriptedModels(play) as models, a_machine(tmp_path) as machine:
        machine.ok("threads")
        with a_person(machine, browser) as person:
            page = person.opens("/")
            page.get_by_role("link", name="connect one").click()
            form = page.locator("#connect")
            form.get_by_label("Address").fill(f"{models.url}/v1")
            form.get_by_label("Key").fill("sk-wrong")
            form.get_by_label("Model").fill("scripted")
            form.get_by_role("button", name="Only try it").click()
            expect(form.get_by_role("status")).to_contain_text("refused the key")
            form.get_by_role("button", name="Connect").click()
            expect(form.get_by_role("alert")).to_contain_text("Nothing was kept.")
            person.complaints = [said for said in person.complaints if "422" not in said]
            form.get_by_label("Key").fill(KEY)
            form.get_by_role("button", name="Connect").click()
            page.get_by_text("with a key in a sealed file").wait_for()
            expect(page.get_by_text("Threads that name none get openai-chat:scripted.")).to_be_visible()
            expect(form.get_by_label("Key")).to_have_value("")
            assert KEY not in page.content()
            used_by_everybody(page, "models")
            page.get_by_label("Models of the worker, one a line").fill("openai-chat:scripted\nanthropic:other")
            page.get_by_role("button", name="Keep the worker").click()
            page.wait_for_load_state()
            expect(page.get_by_label("Models of the worker, one a line")).to_have_value(
                "openai-chat:scripted\nanthropic:other"
            )
            page = person.opens("/")
            expect(page.get_by_role("heading", name="No model is connected")).to_have_count(0)
            page.get_by_label("What is to be done").fill("Say where you are")
            page.get_by_role("button", name="Begin").click()
            page.get_by_text("Here I am.").wait_for()
