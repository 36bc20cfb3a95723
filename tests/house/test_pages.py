"""Pages as the base serves them, over its own socket; what browsers make of them is in tests/browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from html import unescape

import pytest

from house.bases import Line, Machine, ask, played
from maquette.testing.models import Asked, Call, Calls, Says, Turn

MODEL = "openai-chat:scripted"


def play(asked: Asked) -> Turn:
    if "ask" in asked.said and not asked.results:
        return Calls(Call("ask", {"question": "Which?", "choices": ["this", "that"]}))
    return Says("It is **done**.")


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with played(tmp_path_factory.mktemp("m"), play) as machine:
        yield machine


def get(machine: Machine, path: str, **headers: str) -> tuple[int, str]:
    with closing(Line(machine)) as line:
        line.request("GET", path, headers={"Accept": "text/html", **headers})
        answer = line.getresponse()
        return answer.status, answer.read().decode()


def text(html: str) -> str:
    return " ".join(re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", html, flags=re.S).split())


ROOMS = (
    "/",
    "/inbox",
    "/automations",
    "/automations/new?idea=0",
    "/search",
    "/search?q=done",
    "/projects",
    "/costs",
    "/costs?by=thread",
    "/models",
)


@pytest.mark.parametrize("path", ROOMS)
def test_each_room_is_a_page_with_the_rail_and_one_heading(machine: Machine, path: str) -> None:
    status, html = get(machine, path)
    assert status == 200
    assert len(re.findall(r"<h1[ >]", html)) == 1
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
    machine.run("show", "--follow", thread)
    assert 'data-waits="0"' in get(machine, "/inbox")[1]


def test_what_is_not_there_is_a_page_that_says_so_and_a_problem_for_programs(machine: Machine) -> None:
    status, html = get(machine, "/threads/thread_nowhere")
    assert status == 404
    assert "There is no thread “thread_nowhere”" in text(html)
    status, told = get(machine, "/v1/threads/thread_nowhere")
    assert status == 404
    assert json.loads(told)["code"] == "unknown-thread"
    assert get(machine, "/threads/thread_nowhere", Accept="*/*")[1].startswith("{")


def drawn(machine: Machine, thread: str, last: int, **headers: str) -> list[int]:
    """The cursors of what a page's stream draws, up to `last`."""
    cursors = list[int]()
    with closing(Line(machine)) as line:
        line.request("GET", f"/threads/{thread}/stream?after=0", headers=headers)
        answer = line.getresponse()
        while not cursors or cursors[-1] < last:
            said = answer.readline()
            if said.startswith(b"id: "):
                cursors.append(int(said[4:]))
    return cursors


def test_a_pages_stream_resumes_where_it_was_with_no_gap_and_nothing_twice(machine: Machine) -> None:
    thread = machine.ok("run", "say it again", "--no-wait").strip()
    machine.run("show", "--follow", thread)
    entries = [entry["cursor"] for entry in ask(machine, "GET", f"/v1/threads/{thread}/entries")["entries"]]
    for at in (0, 3, len(entries) - 1):
        seen = {"Last-Event-ID": str(entries[at - 1])} if at else {}
        assert drawn(machine, thread, entries[-1], **seen) == entries[at:]


def test_f17_of_a_message_of_5_mb_the_beginning_is_shown_and_the_rest_when_it_is_asked_for(machine: Machine) -> None:
    long = "words <b>and</b> more; " * 240_000
    thread = ask(machine, "POST", "/v1/threads", {"text": long})["thread"]
    machine.run("show", "--follow", thread)
    for path in (f"/threads/{thread}", "/", "/inbox", "/search?q=words", f"/threads/{thread}/older?before=1000000"):
        status, html = get(machine, path)
        assert status == 200
        assert len(html) < 200_000, path
    _, html = get(machine, f"/threads/{thread}")
    (rest,) = re.findall(r'src="(/threads/\w+/said/\w+)"', html)
    shown = [re.findall(r'<p class="text"[^>]*>(.*?)</p>', part, re.S)[0] for part in (html, get(machine, rest)[1])]
    assert unescape("".join(shown)) == long


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
    assert len(addresses) >= 4
    for address in addresses:
        assert get(machine, address)[0] == 200
        assert re.match(r"/static/[0-9a-f]{12}/", address)


def test_what_leaves_no_result_to_decide_over_is_put_away_from_its_head(machine: Machine) -> None:
    thread = machine.ok("run", "put this away", "--no-wait").strip()
    machine.run("show", "--follow", thread)
    assert "Put away" in re.findall(r"<header id=.*?</header>", get(machine, f"/threads/{thread}")[1], re.S)[0]
    ask(machine, "PATCH", f"/v1/threads/{thread}", {"archived": True})
    head = text(re.findall(r"<header id=.*?</header>", get(machine, f"/threads/{thread}")[1], re.S)[0])
    assert "put away · done" in head
    assert "Reopen" in head
    assert "Put away" not in head
