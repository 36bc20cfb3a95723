"""The inbox of a base: worked off from the command line and over the API, and what pages show of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from house.bases import Line, Machine, ask, played, refused
from house.test_pages import get, text
from maquette.testing.models import Asked, Call, Calls, Fails, Says, Turn


def play(asked: Asked) -> Turn:
    if "break" in asked.said:
        return Fails(400, "No.")
    if "ask" in asked.said and not asked.results:
        return Calls(Call("ask", {"question": "Which?", "choices": ["this", "that"]}))
    return Says("It is **done**.")


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with played(tmp_path_factory.mktemp("m"), play) as machine:
        yield machine


def rest(machine: Machine, sent: dict[str, Any]) -> str:
    """The thread of what was sent, once its turn has ended or waits. Nobody has seen it."""
    with closing(Line(machine)) as line:
        line.request("GET", f"/v1/feed?after={sent['cursor']}&thread={sent['thread']}")
        answer = line.getresponse()
        while not re.search(rb"turn\.(finished|waiting)", said := answer.readline()):
            assert said
    return sent["thread"]


def begun(machine: Machine, task: str) -> str:
    return rest(machine, ask(machine, "POST", "/v1/threads", {"text": task}))


def listed(machine: Machine, *more: str) -> list[str]:
    return [f"{one['kind']} {one['thread']['title']}" for one in machine.json("inbox", *more)]


def test_the_inbox_is_worked_off_from_the_command_line(machine: Machine) -> None:
    result, failed, asks = (begun(machine, task) for task in ("say so", "break it", "ask me"))
    assert listed(machine) == ["asks ask me", "failed break it", "result say so"]
    assert "answer it" in refused(machine.run("inbox", "done", asks))
    assert "over already" in refused(machine.run("inbox", "later", asks, "2020-01-01"))
    machine.ok("inbox", "later", asks, "2h")
    machine.ok("inbox", "done", failed)
    assert listed(machine) == ["result say so"]
    assert (listed(machine, "--later"), listed(machine, "--done")) == (["asks ask me"], ["failed break it"])
    assert "say so" in machine.ok("inbox")
    machine.ok("inbox", "back", asks)
    machine.ok("inbox", "back", failed)
    machine.ok("inbox", "reply", asks, "that")
    machine.ok("inbox", "reply", result, "shorter")
    for thread in (asks, result):
        machine.ok("show", "--follow", thread)
    assert listed(machine) == ["failed break it"], "what was followed to its end was seen"
    machine.ok("inbox", "done", failed)
    assert "Nothing needs you." in machine.ok("inbox")


def test_what_happened_since_is_not_done_with_what_was_seen(machine: Machine) -> None:
    thread = begun(machine, "say so")
    (seen,) = ask(machine, "GET", "/v1/inbox")
    rest(machine, ask(machine, "POST", f"/v1/threads/{thread}/messages", {"text": "and again"}))
    with pytest.raises(AssertionError, match="moved-on"):
        ask(machine, "POST", f"/v1/inbox/{thread}/done", {"of": seen["of"]})
    ask(machine, "POST", f"/v1/inbox/{thread}/read")
    assert ask(machine, "GET", "/v1/inbox") == []
    with pytest.raises(AssertionError, match="not-in-inbox"):
        ask(machine, "POST", f"/v1/inbox/{thread}/later", {"until": _in(60)})


def test_the_page_counts_what_it_lists_and_says_what_came(machine: Machine) -> None:
    thread = begun(machine, "say so")
    _, html = get(machine, "/inbox")
    assert 'data-waits="1"' in html
    assert f'data-unread="{thread}"' in html
    assert "Result , not looked at yet say so" in text(html)
    assert "It is **done**." in text(html)
    ask(machine, "POST", f"/v1/inbox/{thread}/later", {"until": _in(3600)})
    _, html = get(machine, "/inbox")
    assert 'data-waits="0"' in html
    assert "Put off (1)" in text(html)


def test_what_was_put_off_comes_back_into_every_open_page_by_itself(machine: Machine) -> None:
    thread = begun(machine, "say so")
    with closing(Line(machine)) as line:
        line.request("GET", "/inbox/stream")
        answer = line.getresponse()
        ask(machine, "POST", f"/v1/inbox/{thread}/later", {"until": _in(1)})
        waits = list[str]()
        while waits[-2:] != ["0", "1"]:
            said = answer.readline().decode()
            if said.startswith("data: ["):
                waits += [part["html"].split('data-waits="')[1][0] for part in _rails(said)]


def _rails(said: str) -> list[dict[str, Any]]:
    return [part for part in json.loads(said[6:]) if part["id"] == "rail"]


def _in(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def test_an_automation_that_keeps_failing_is_one_item_and_is_over_once_it_succeeds(machine: Machine) -> None:
    at = ask(machine, "POST", "/v1/automations", {"name": "Hourly", "brief": "break it"})["id"]
    digest = ask(machine, "GET", f"/v1/automations/{at}")["digest"]
    ask(machine, "POST", f"/v1/automations/{at}/on", {"digest": digest})
    for left in ask(machine, "GET", "/v1/inbox"):
        ask(machine, "POST", f"/v1/inbox/{left['thread']['id']}/done", {})
    first, second = (_run(machine, at) for _ in range(2))
    (one,) = ask(machine, "GET", "/v1/inbox")
    assert (one["thread"]["id"], one["again"]["times"]) == (second, 2)
    assert [was["thread"] for was in one["again"]["earlier"]] == [first]
    assert "2 × since now, for the same reason" in machine.ok("inbox")
    _, html = get(machine, "/inbox")
    assert "2 times since" in text(html)
    assert f'href="/threads/{first}"' in html
    ask(machine, "POST", f"/v1/inbox/{second}/later", {"until": _in(3600)})
    third = _run(machine, at)
    assert ask(machine, "GET", "/v1/inbox") == [], "what is put off stays so when it fails again"
    ask(machine, "POST", f"/v1/inbox/{third}/back", {})
    assert [one["thread"]["id"] for one in ask(machine, "GET", "/v1/inbox")] == [third]
    ask(machine, "PATCH", f"/v1/automations/{at}", {"brief": "say so"})
    good = _run(machine, at)
    assert [one["thread"]["id"] for one in ask(machine, "GET", "/v1/inbox")] == [good]
    assert "over by itself" in machine.ok("inbox", "--done")
    _, html = get(machine, "/inbox")
    assert "over by itself: a later run succeeded" in text(html)
    with pytest.raises(AssertionError, match="over"):
        ask(machine, "POST", f"/v1/inbox/{third}/back", {})
    ask(machine, "POST", f"/v1/inbox/{good}/done", {})


def _run(machine: Machine, automation: str) -> str:
    """The thread of a run, once its receipt says how it ended."""
    began = ask(machine, "POST", f"/v1/automations/{automation}/run")
    with closing(Line(machine)) as line:
        line.request("GET", "/v1/feed?after=0")
        answer = line.getresponse()
        while not (b"run.ended" in (said := answer.readline()) and began["turn"].encode() in said):
            assert said
    return began["thread"]
