"""An approval as a person meets it: not at all in the plain face, whole in detail, and changed before it is given."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from browser.browsers import a_person
from house.bases import a_machine, ask
from maquette.testing.models import Asked, Call, Calls, Says, ScriptedModels, Turn

pytestmark = pytest.mark.needs("chromium", "sudo apt-get install chromium")
COMMAND = "echo secret-command-line; echo done > made.txt"


def play(asked: Asked) -> Turn:
    return Says("It is done.") if asked.results else Calls(Call("shell", {"command": COMMAND}))


def test_at_a_desk_nobody_is_asked_about_a_command_and_what_was_changed_is_allowed_in_detail_in_another_page(
    tmp_path: Path, browser: Browser
) -> None:
    with ScriptedModels(play) as models:
        variables = {**models.variables, "MAQUETTE_MODEL": "openai-chat:scripted", "MAQUETTE_SANDBOX": "bare"}
        with a_machine(tmp_path, variables) as machine:
            machine.ok("threads")
            with a_person(machine, browser) as person:
                path = f"/threads/{ask(machine, 'POST', '/v1/threads', {'text': 'run something'})['thread']}"
                page, inbox = person.opens(path), person.opens("/inbox")
                for one in (page, inbox):
                    one.bring_to_front()
                    one.get_by_text("so it waits").wait_for()
                    assert "secret-command-line" not in one.locator("main").inner_text()
                    expect(one.get_by_role("button", name="Allow once")).to_be_hidden()
                page.bring_to_front()
                page.get_by_role("button", name="Turn over").click()
                expect(page.locator(".exact pre", has_text="secret-command-line")).to_be_visible()
                page.get_by_text("Change it first").click()
                expect(page.get_by_label("command")).to_have_value(COMMAND)

                second = person.opens(path)
                second.get_by_role("button", name="Detail").click()
                expect(second.get_by_role("button", name="Allow once")).to_be_visible()
                second.get_by_text("Change it first").click()
                second.get_by_label("command").fill("echo as-changed > made.txt")
                second.locator("html[data-ready]").wait_for()
                second.get_by_role("button", name="Allow it so, once").click()
                for one in (second, page):
                    one.bring_to_front()
                    one.get_by_text("You changed it, and allowed it, once.").wait_for()
                    one.get_by_text("Came to its end").wait_for()
                inbox.bring_to_front()
                expect(inbox.get_by_text("so it waits")).to_have_count(0)
                second.bring_to_front()
                card = second.locator(".asked")
                expect(card.get_by_text("as-changed")).to_be_visible()
                card.get_by_role("button", name="Turn over").click()
                expect(card.get_by_text("as-changed")).to_be_hidden()
        assert (machine.state / "desk/made.txt").read_text() == "as-changed\n"
