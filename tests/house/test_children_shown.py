"""A family of threads as a person sees it: in the rail, on a page, in the inbox, at the terminal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from house.bases import Machine, played
from house.test_pages import get, text
from maquette.testing.models import Asked, Call, Calls, Says, Turn

MODEL = "openai-chat:scripted"


def play(asked: Asked) -> Turn:
    if asked.results:
        return Says("It is done.")
    if asked.thread == "The whole of it":
        return Calls(Call("delegate", {"task": "Paint the door"}))
    return Calls(Call("ask", {"question": "Red or blue?"}))


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with played(tmp_path_factory.mktemp("m"), play) as machine:
        yield machine


def test_a_child_is_shown_as_its_parents_from_the_question_it_asks_to_its_report(machine: Machine) -> None:
    thread = machine.ok("run", "The whole of it", "--no-wait").strip()
    child = ""
    while not child:
        child = next((one["id"] for one in machine.json("threads") if one["parent"]), "")
    assert machine.run("show", "--follow", child).returncode != 0  # it waits, and nobody is there

    listed = machine.ok("threads").splitlines()
    row = next(number for number, line in enumerate(listed) if "The whole of it" in line)
    assert "running" in listed[row]
    assert "└ Paint the door" in listed[row + 1]
    assert f"{child[-6:]}" in machine.ok("show", thread)
    assert f"a part of {thread[-6:]}" in machine.ok("show", child)
    assert f"{child[-6:]} a part of {thread[-6:]}" in machine.ok("waits")

    html = get(machine, "/")[1]
    assert "The whole of it" in html
    assert "Paint the door" not in html
    page = text(get(machine, f"/threads/{thread}")[1])
    assert "Paint the door needs you" in page
    assert "A part of The whole of it" in text(get(machine, f"/threads/{child}")[1])
    assert "Its task Paint the door" in text(get(machine, f"/threads/{child}")[1])
    assert "Paint the door a part of The whole of it ·" in text(get(machine, "/inbox")[1])

    machine.run("answer", child, "blue")
    machine.run("show", "--follow", thread)
    page = text(get(machine, f"/threads/{thread}")[1])
    assert "It came to its end" in page
    assert "Paint the door done" in page
    assert "Handed on" in page
    assert "Fork from here" not in get(machine, f"/threads/{child}")[1]
    assert "Paint the door" in text(get(machine, "/costs?by=thread")[1])
    assert "← " in machine.ok("show", thread)
