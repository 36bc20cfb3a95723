"""Every page there is, found by the server's routes: in light and dark, on a phone, by keys, silent on the console."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import cast

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from fastapi.routing import APIRoute
from playwright.sync_api import Browser, Page, ViewportSize

from browser.browsers import Person, a_person
from browser.looks import used_by_everybody_in_light_and_dark
from house.bases import Machine, ask
from house.checkouts import Checkout
from maquette.testing.models import Asked, Call, Calls, Says, Turn
from maquette.web.server import PAGES

pytestmark = [
    pytest.mark.needs("chromium", "sudo apt-get install chromium"),
    pytest.mark.boxed,
]
PARTS = {
    "/threads/{name}/older",
    "/threads/{name}/said/{message}",
    "/threads/{name}/difference",
    "/threads/{name}/terms",
    "/threads/{name}/made",
    "/threads/{name}/made/{commit}/{path:path}",
    "/threads/{name}/preview/{commit}/{path:path}",
    "/threads/{name}/compactions/{turn}/{step}",
    "/diagram",
    "/automations/when",
    "/automations/{name}/card",
    "/explore/{name}/noticed",
    "/explore/{name}/attempts/{number}/lines",
    "/explore/{name}/compare/difference",
    "/models/here",
}
"""What pages bring into themselves, and is seen there; every other route is a page."""
WAITING = "/threads/{waiting}"
"""A thread's page as it is while somebody is asked."""
MORE = {
    "/automations/new": ["?idea=0"],
    "/costs": ["?by=thread"],
    "/search": ["?q=rounding"],
    "/explore/{name}": ["?sort=alike"],
}
"""Pages that look otherwise when they are asked for more."""
WIDE, PHONE = ViewportSize(width=1280, height=720), ViewportSize(width=360, height=720)
PATIENCE = 30
OPENED = """() => {
  for (const one of document.querySelectorAll("details:not(.call, [open])")) one.open = true;
  const coming = [...document.querySelectorAll("load-late .note")].filter((one) =>
    one.textContent.endsWith("…") && one.checkVisibility());
  coming[0]?.scrollIntoView();
  return coming.length === 0;
}"""
"""Whether all that a page holds is open to see, and what is brought late is there."""
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
    waiting: str
    automations: str
    reports: str
    explore: str
    projects: str


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
        waiting=next(one["thread"] for one in ask(machine, "GET", "/v1/waits")),
        automations=ask(machine, "GET", "/v1/automations")[0]["automation"]["id"],
        reports=threads["Report what matters"],
        explore=exploration,
        projects=project,
    )


@pytest.fixture(scope="module")
def person(machine: Machine, browser: Browser) -> Iterator[Person]:
    """One for all pages: what they share is brought once."""
    with a_person(machine, browser) as person:
        person.context.add_init_script(AXE_SCRIPT)
        yield person


@pytest.fixture(scope="module")
def page(person: Person) -> Page:
    """In which one is opened after the other."""
    return person.opens("/v1/health")


def routes() -> list[str]:
    every = (cast("APIRoute", route) for module in PAGES for route in module.router.routes)
    return [route.path for route in every if "GET" in (route.methods or ()) and not route.path.endswith("/stream")]


def pages() -> list[str]:
    """One of each kind, its address yet without the names of what is in the base."""
    whole = (route for route in routes() if route not in PARTS)
    return [*(route + query for route in whole for query in ("", *MORE.get(route, ()))), WAITING]


def test_no_page_is_left_out_by_a_name_that_is_no_route() -> None:
    assert {*PARTS, *MORE} <= {*routes()}
    assert len(pages()) > 20


@pytest.mark.parametrize("kind", pages())
def test_every_page_can_be_used_by_everybody_in_light_and_dark_by_keys_and_on_a_phone(
    person: Person, page: Page, held: Held, kind: str
) -> None:
    names = {"{name}": getattr(held, kind.split("/")[1], ""), "{of}": held.reports, "{waiting}": held.waiting}
    path = reduce(lambda path, name: path.replace(*name), names.items(), kind).replace("{number}", "1")
    assert "{" not in path, f"say here what is in the address of {kind}"
    person.complaints.clear()
    page.set_viewport_size(WIDE)
    page.goto(f"{person.address}{path}")
    assert page.evaluate("document.getElementById('rail') !== null"), f"a page, or else one of PARTS: {kind}"
    until = time.monotonic() + PATIENCE
    while not page.evaluate(OPENED):
        assert time.monotonic() < until, f"{path} still waits for what it brings late"
        page.wait_for_timeout(20)
    used_by_everybody_in_light_and_dark(page, path)
    assert page.evaluate(FOCUSED) == []
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert person.complaints == []
