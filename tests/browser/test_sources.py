"""Sources and hooks in Chromium: added by form, read, told of, removed; a secret that is shown once."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import re
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from browser.browsers import PATIENCE, a_person
from browser.looks import used_by_everybody
from house.bases import a_machine

pytestmark = [
    pytest.mark.needs("chromium", "sudo apt-get install chromium"),
    pytest.mark.boxed,
]


def test_a_source_is_added_read_and_removed_and_a_hook_has_a_secret_that_is_shown_once(
    tmp_path: Path, browser: Browser
) -> None:
    notes, hooks = tmp_path / "notes", tmp_path / "hooks"
    for folder in (notes, hooks):
        folder.mkdir()
    (notes / "one.md").write_text("The printer is broken")
    with a_machine(tmp_path) as machine:
        machine.ok("sources", "add", "github", str(hooks), "--name", "Issues")
        with a_person(machine, browser) as person:
            page = person.opens("/sources")
            page.locator("summary", has_text="Notes").click()
            form = page.locator("details[open] form")
            form.get_by_label("Where it is").fill(str(tmp_path / "none"))
            form.get_by_role("button", name="Add it").click()
            expect(form.get_by_role("alert")).to_contain_text("There is no folder")
            person.complaints = [said for said in person.complaints if "422" not in said]
            form.get_by_label("Where it is").fill(str(notes))
            form.get_by_label("Author").fill("Anna")
            form.get_by_role("button", name="Add it").click()
            added = page.locator(".source", has_text="author: Anna")
            expect(added).to_contain_text("It hasn’t been read yet.")
            added.get_by_role("button", name="Read notes now").click()
            expect(added).to_contain_text("1 new", timeout=PATIENCE)
            (notes / "one.md").unlink()
            notes.rmdir()
            added.get_by_role("button", name="Read notes now").click()
            expect(added.get_by_role("status")).to_contain_text("There is no folder", timeout=PATIENCE)

            issues = page.locator(".source", has_text="Issues")
            issues.get_by_text("Told by a webhook").click()
            issues.get_by_role("button", name="Make a secret for Issues").click()
            secret = issues.get_by_label("The secret", exact=True)
            expect(secret).to_have_text(re.compile("^[0-9a-f]{64}$"))
            used_by_everybody(page, "sources")
            address = issues.locator("code", has_text="/hooks/").inner_text()
            assert _sent(person.address, address, secret.inner_text()) == 202
            expect(issues).to_contain_text("and was told something last", timeout=PATIENCE)
            assert len(secret.inner_text()) == 64, "it stays until the page is left"
            page.on("dialog", lambda asked: asked.accept())
            added.get_by_role("button", name="Remove notes").click()
            expect(added).to_have_count(0)
            page.set_viewport_size({"width": 360, "height": 720})
            page.locator("details").evaluate_all("all => all.forEach((one) => (one.open = true))")
            assert page.evaluate("document.documentElement.scrollWidth") <= 360


def _sent(base: str, path: str, secret: str) -> int:
    """The status of an issue that GitHub tells of."""
    body = b'{"action": "opened", "issue": {"html_url": "https://github.com/a/b/issues/1", "title": "Slow"}}'
    signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    with closing(http.client.HTTPConnection(base.removeprefix("http://"), timeout=20)) as line:
        line.request("POST", path, body, {"X-Hub-Signature-256": f"sha256={signed}", "X-GitHub-Event": "issues"})
        return line.getresponse().status
