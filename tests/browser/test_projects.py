"""Projects as a person brings them in: by a form, with what is to be trusted asked in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from browser.browsers import a_person, used_by_everybody
from house.bases import a_machine, ask
from house.checkouts import Checkout

pytestmark = [
    pytest.mark.needs("chromium", "sudo apt-get install chromium"),
    pytest.mark.boxed,
]


def test_a_folder_and_a_repo_are_brought_in_by_the_form_and_whether_their_files_steer_is_asked_in_words(
    tmp_path: Path, browser: Browser
) -> None:
    Checkout.made(tmp_path / "shop", {"AGENTS.md": "Use tabs.\n", "code/totals.py": "def total(): ...\n"})
    (tmp_path / "letters").mkdir()
    with a_machine(tmp_path) as machine:
        machine.ok("threads")
        with a_person(machine, browser) as person:
            page = person.opens("/projects")
            brought = page.get_by_role("region", name="Brought in")

            def bring(path: Path) -> None:
                page.locator("html[data-ready]").wait_for()
                page.get_by_label("A folder on this machine").fill(str(path))
                page.get_by_role("button", name="Bring in").click()

            bring(tmp_path / "nowhere")
            page.get_by_text("There is no folder").wait_for()
            bring(tmp_path / "letters")
            brought.get_by_role("heading", name="letters, a folder").wait_for()
            expect(brought).to_contain_text("nothing to trust")
            bring(tmp_path / "shop/code")
            brought.get_by_role("heading", name="shop, a git repo").wait_for()
            expect(brought).to_contain_text("AGENTS.md")
            expect(brought).to_contain_text("whoever wrote them could then steer")
            used_by_everybody(page, "what was brought in")
            known = {one["name"]: one for one in ask(machine, "GET", "/v1/projects")}
            assert {name: (one["kind"], one["trusted"]) for name, one in known.items()} == {
                "letters": ("folder", None),
                "shop": ("repo", None),
            }
            assert known["shop"]["path"] == str(tmp_path / "shop"), "the whole repo"
            brought.get_by_role("button", name="Trust them as they are now").click()
            page.get_by_role("button", name="No longer trust them").wait_for()
            expect(brought).to_have_count(0)
            (trusted,) = [one["name"] for one in ask(machine, "GET", "/v1/projects") if one["trusted"]]
            assert trusted == "shop"
            person.complaints[:] = [said for said in person.complaints if "404" not in said]
