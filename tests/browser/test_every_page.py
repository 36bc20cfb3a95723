"""Every page there is, found by the server's routes: in light and dark, on a phone, by keys, silent on the console."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import pytest
from fastapi.routing import APIRoute
from playwright.sync_api import Browser

from browser.browsers import a_person, played, read_by_everybody_in_the_dark, used_by_everybody
from house.bases import Machine, ask
from house.checkouts import Checkout
from house.test_pages import get
from maquette.testing.models import Asked, Call, Calls, Says, Turn
from maquette.web.server import PAGES

pytestmark = [
    pytest.mark.needs("chromium", "sudo apt-get install chromium"),
    pytest.mark.needs("bwrap", "sudo apt-get install bubblewrap"),
]
PARTS = {
    "/threads/{name}/said/{message}",
    "/threads/{name}/made/{commit}/{path:path}",
    "/threads/{name}/preview/{commit}/{path:path}",
    "/threads/{name}/compactions/{turn}/{step}",
}
"""Of pages, with more in their addresses than a room's name."""
MORE = {
    "/automations/new": ["?idea=0"],
    "/costs": ["?by=thread"],
    "/search": ["?q=rounding"],
    "/explore/{name}/compare": ["?left=1&right=2"],
    "/explore/{name}": ["?sort=alike"],
}
"""Pages that look otherwise when they are asked for more."""
PATIENCE = 30
FOCUSED = """() => {
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary")].filter((one) =>
    one.checkVisibility({ visibilityProperty: true }) && !one.disabled && one.type !== "hidden");
  return all.filter((one) => one.tabIndex !== 0 && one.role !== "tab").map((one) => one.outerHTML);
}"""
"""What is pressed or filled in, and isn't met by who goes from one to the next by the keyboard."""


def play(asked: Asked) -> Turn:
    if "which" in asked.said and not asked.results:
        return Calls(Call("ask", {"question": "Round each line, or the sum?", "choices": ["Each line", "The sum"]}))
    if not asked.results:
        return Calls(Call("shell", {"command": "echo done > made.txt; echo '# Rounding' > notes.md"}))
    return Says("## Rounding\n\nIs **off** by one cent: see `totals.py`.\n\n```py\nround(1)\n```")


@dataclass(frozen=True)
class Held:
    """What is in the base, by the first word of its address."""

    threads: str
    automations: str
    reports: str
    explore: str
    projects: str


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with played(tmp_path_factory.mktemp("m"), play) as machine:
        yield machine


@pytest.fixture(scope="module")
def held(machine: Machine) -> Held:
    Checkout.made(machine.folder / "shop", {"totals.py": "def total():\n    return round(1)\n"})
    for words in (
        ("sources", "--sample"),
        ("sources", "--read"),
        ("run", "Look at rounding", "--project", "./shop", "--no-wait"),
        ("run", "Report what matters", "--model", "apprentice:rules"),
        ("automations", "add", "mornings", "Say what changed.", "--when", "weekdays at 7", "--reports"),
        ("run", "write it", "--project", "./shop", "--no-wait"),
    ):
        machine.ok(*words)
    machine.run("run", "which way?")  # it waits, and nobody is there
    threads = {one["title"]: one["id"] for one in ask(machine, "GET", "/v1/threads")}
    project = next(one["id"] for one in ask(machine, "GET", "/v1/projects") if one["name"] == "shop")
    wish = {"question": "Which rounding?", "project": project, "attempts": 2, "checks": ["true"]}
    exploration = ask(machine, "POST", "/v1/explorations", wish)["id"]
    for title in ("Look at rounding", "write it"):
        machine.run("show", "--follow", threads[title])
    ask(machine, "POST", f"/v1/threads/{threads['write it']}/discard")
    until = time.monotonic() + PATIENCE
    while (at := ask(machine, "GET", f"/v1/explorations/{exploration}"))["exploration"]["gathered"] < 2:
        assert time.monotonic() < until, at
        time.sleep(0.2)
    return Held(
        threads=threads["Look at rounding"],
        automations=ask(machine, "GET", "/v1/automations")[0]["automation"]["id"],
        reports=threads["Report what matters"],
        explore=exploration,
        projects=project,
    )


def routes() -> list[str]:
    every = (cast("APIRoute", route) for module in PAGES for route in module.router.routes)
    return [route.path for route in every if "GET" in (route.methods or ()) and not route.path.endswith("/stream")]


def pages(machine: Machine, held: Held) -> Iterator[str]:
    """The address of one of each kind; parts of pages are seen in theirs."""
    for route in routes():
        room = route.split("/")[1]
        path = route.replace("{name}", getattr(held, room, "")).replace("{of}", held.reports).replace("{number}", "1")
        assert "{" not in path or route in PARTS, f"say here what is in the address of {route}"
        if "{" not in path and 'id="rail"' in get(machine, path)[1]:
            yield from (path + query for query in ("", *MORE.get(route, ())))


@pytest.mark.timeout(180)
def test_every_page_can_be_used_by_everybody_in_light_and_dark_by_keys_and_on_a_phone(
    machine: Machine, browser: Browser, held: Held
) -> None:
    waits = next(one["thread"] for one in ask(machine, "GET", "/v1/waits"))
    seen: list[str] = []
    with a_person(machine, browser) as person:
        for path in [*pages(machine, held), f"/threads/{waits}"]:
            page = person.opens(path)
            page.locator("details:not(.call)").evaluate_all("all => all.forEach((one) => (one.open = true))")
            used_by_everybody(page, path)
            read_by_everybody_in_the_dark(page, path)
            assert page.evaluate(FOCUSED) == [], path
            page.set_viewport_size({"width": 360, "height": 720})
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
            page.close()
            seen.append(path)
    assert len(seen) > 20, seen
