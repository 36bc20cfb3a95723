"""Pages as the base serves them, over its own socket; what browsers make of them is in tests/browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing

import pytest

from house.bases import Line, Machine, a_machine, ask
from maquette.testing.models import Asked, Call, Calls, Says, ScriptedModels, Turn

MODEL = "openai-chat:scripted"


def play(asked: Asked) -> Turn:
    if "ask" in asked.said and not asked.results:
        return Calls(Call("ask", {"question": "Which?", "choices": ["this", "that"]}))
    return Says("It is **done**.")


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with ScriptedModels(play) as models:
        variables = {**models.variables, "MAQUETTE_MODEL": MODEL}
        with a_machine(tmp_path_factory.mktemp("m"), variables) as machine:
            machine.ok("threads")
            yield machine


def get(machine: Machine, path: str, **headers: str) -> tuple[int, str]:
    with closing(Line(machine)) as line:
        line.request("GET", path, headers={"Accept": "text/html", **headers})
        answer = line.getresponse()
        return answer.status, answer.read().decode()


def text(html: str) -> str:
    return " ".join(re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", html, flags=re.S).split())


ROOMS = ("/", "/inbox", "/search", "/search?q=done", "/projects", "/costs", "/costs?by=thread", "/models")


@pytest.mark.parametrize("path", ROOMS)
def test_each_room_is_a_page_with_the_rail_and_one_heading(machine: Machine, path: str) -> None:
    status, html = get(machine, path)
    assert status == 200
    assert html.count("<h1>") == 1
    assert 'id="rail"' in html


@pytest.mark.parametrize("path", ROOMS)
def test_s22_no_page_names_anything_outside_or_carries_a_script_of_its_own(machine: Machine, path: str) -> None:
    _, html = get(machine, path)
    assert not re.findall(r"""(?:src|href|action|data)=["']?(?:https?:)?//""", html)
    assert not re.findall(r"<script(?![^>]*src=)", html)
    assert " style=" not in html
    assert not re.findall(r"\son\w+=", html)


def test_a_thread_is_shown_with_what_was_said_and_what_came_of_it(machine: Machine) -> None:
    thread = machine.ok("run", "say so", "--no-wait").strip()
    machine.run("show", "--follow", thread)
    status, html = get(machine, f"/threads/{thread}")
    assert status == 200
    for words in ("say so", "It is **done**.", "Came to its end", "1 step"):
        assert words in text(html)
    assert thread in get(machine, "/search?q=done")[1]


def test_what_asks_is_in_the_inbox_and_counted_until_it_is_answered(machine: Machine) -> None:
    thread = machine.ok("run", "ask me", "--no-wait").strip()
    machine.run("show", "--follow", thread)
    _, html = get(machine, "/inbox")
    assert "Which?" in html
    assert 'data-waits="1"' in html
    machine.run("answer", thread, "that")
    assert 'data-waits="0"' in get(machine, "/inbox")[1]


def test_what_is_not_there_is_a_page_that_says_so_and_a_problem_for_programs(machine: Machine) -> None:
    status, html = get(machine, "/threads/thread_nowhere")
    assert status == 404
    assert "There is no thread “thread_nowhere”" in text(html)
    status, told = get(machine, "/v1/threads/thread_nowhere")
    assert status == 404
    assert json.loads(told)["code"] == "unknown-thread"
    assert get(machine, "/threads/thread_nowhere", Accept="*/*")[1].startswith("{")


def test_a_price_that_nobody_knows_is_shown_as_none(machine: Machine) -> None:
    machine.run("run", "what does it cost")
    shown = text(get(machine, "/costs")[1])
    assert "of unknown price" in shown
    assert "$" not in shown


def test_a_cap_that_is_set_stands_in_its_field_with_what_is_spent(machine: Machine) -> None:
    ask(machine, "PATCH", "/v1/budgets", {"per": "day", "budget": {"money": "7.25", "seconds": "5400"}})
    _, html = get(machine, "/costs")
    day = html[html.index('aria-label="In a day"') : html.index('aria-label="In each thread"')]
    assert 'value="7.25"' in day
    assert 'value="90"' in day
    assert "Spent: " in day
    ask(machine, "PATCH", "/v1/budgets", {"per": "day"})
    assert 'value="7.25"' not in get(machine, "/costs")[1]
    assert "everything" not in machine.ok("budget")


def test_static_files_may_be_kept_since_their_address_changes_with_them(machine: Machine) -> None:
    _, html = get(machine, "/")
    addresses = re.findall(r'"(/static/[^"]+)"', html)
    assert len(addresses) >= 6
    for address in addresses:
        assert get(machine, address)[0] == 200
        assert re.match(r"/static/[0-9a-f]{12}/", address)
