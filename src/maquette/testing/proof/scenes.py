"""What is done while a base is killed: one scene for each kind of tool, question, approval and merge that there is."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from maquette import app
from maquette.actions import threads
from maquette.domain.events import CallStarted
from maquette.kinds.tools import Tool, parameters
from maquette.testing.models import Asked, Call, Calls, Says, Turn
from maquette.testing.models.turns import Scripted
from maquette.testing.proof.mortal import POST
from maquette.testing.proof.people import Person

Acts = Callable[[Person, str], Coroutine[Any, Any, None]]
"""What the person does, told the words that the thread begins with."""


@dataclass(frozen=True)
class Scene:
    """`turns` are the model's, in order; `tree`: the thread has a work tree of a repo, else it works on the desk.

    `declines`: the person approves of nothing. `part`: which of the boundaries it is about; what goes on around them is
    the same in each scene, and whole in those of a tree.
    """

    name: str
    turns: Sequence[Scripted]
    acts: Acts
    tree: bool = False
    declines: bool = False
    part: re.Pattern[str] = re.compile("")

    @property
    def words(self) -> str:
        return f"scene {self.name}."


COMMAND = "echo begun >> ran; sleep 0.05; echo ended >> ran"
ARGUMENTS: dict[str, dict[str, object]] = {
    "shell": {"command": COMMAND},
    "write": {"path": "written.txt", "text": "words\n"},
    "edit": {"path": "notes.txt", "old": "old", "new": "new"},
    "apply_patch": {"patch": "*** Begin Patch\n*** Add File: patched.txt\n+words\n*** End Patch"},
    "read": {"path": "notes.txt"},
    "use_tool": {"name": "process", "arguments": {}},
    "skill": {"name": "dead-code"},
    "automate": {"name": "tidy", "brief": "Tidy up.", "when": "0 * * * *"},
    "delegate": {"task": "a part of it."},
}
"""Of tools that do more when they are told something sensible; any other gets what its schema asks for."""


PARTS: dict[str, Sequence[Scripted]] = {
    "a part of it.": (Calls(Call("shell", {"command": "echo part > part.txt"})), Says("made a part"))
}
"""What children play, by their tasks."""


def scenes() -> list[Scene]:
    """From the tools that there are, so that a new one is in it by itself; then the rest of what a person can do."""
    tools = [*app.all_tools(), POST]
    made = (Calls(Call("shell", {"command": "echo new > new.txt"})), Says("done"))
    return [
        *(Scene(f"tool {tool.name}", _calls(tool), _through, part=CALL) for tool in tools),
        Scene("declined", _calls(POST), _through, declines=True, part=CALL),
        Scene("side by side", (Calls(*_several()), Says("done")), _through, part=TURN),
        Scene("steered", (Calls(Call("shell", {"command": "sleep 0.3"})), Says("done")), _steers, part=TURN),
        Scene("stopped", (Calls(Call("shell", {"command": "sleep 30"})), Says("done")), _stops, part=TURN),
        Scene("merged", made, _merges, tree=True),
        Scene("forked", made, _forks, tree=True),
        Scene("discarded", made, _discards, tree=True),
        Scene("slot", made, _waits_for_a_slot, part=SLOT),
        Scene("handed on", (Calls(HAND, HAND), _takes, Says("done")), _merges, tree=True, part=HANDED),
    ]


TURN = re.compile(r"(before|after) the commit|(before|in|after) the effect")
CALL = re.compile(
    r"(before|in|after) the effect|"
    r".*(answer\.given|approval\.|question\.|call\.|plan\.set|child\.|turn\.(waiting|parked|resumed))"
)
HANDED = re.compile(r".*(child\.|thread\.started|turn\.|tree\.made|result\.kept|take_result|rescue|before git)")
SLOT = re.compile(r".*(automation\.|run\.|slot\.|terms\.)")
HAND = Call("delegate", ARGUMENTS["delegate"])


def plays(known: Sequence[Scene]) -> dict[str, Callable[[Asked], Turn]]:
    """The scripted server's part, by the words that a thread begins with. Its place is read from the request."""
    return {scene.words: _play(scene.turns) for scene in known} | {task: _play(of) for task, of in PARTS.items()}


def answers(asked: Asked) -> int:
    """How many answers of the model the request holds (chat completions)."""
    messages = cast("list[dict[str, Any]]", asked.body["messages"])
    return sum(message["role"] == "assistant" for message in messages)


def _play(turns: Sequence[Scripted]) -> Callable[[Asked], Turn]:
    def play(asked: Asked) -> Turn:
        turn = turns[answers(asked)] if answers(asked) < len(turns) else Says("nothing more")
        return turn(asked) if callable(turn) else turn

    return play


def _takes(asked: Asked) -> Turn:
    """What the children made, whose reports have come; both made the same."""
    names = re.findall(r"\[(thread_\w+): ", " ".join(asked.results.values()))
    return Calls(*(Call("take_result", {"child": name}) for name in names)) if names else Says("no report")


def _calls(tool: Tool[Any]) -> Sequence[Turn]:
    given = ARGUMENTS.get(tool.name) or sample(parameters(tool))
    return Calls(Call(tool.name, given)), Says("done")


def _several() -> list[Call]:
    return [Call("shell", {"command": f"echo {n} >> ran{n}; sleep 0.0{n}"}) for n in (1, 3, 5)]


def sample(schema: dict[str, Any]) -> dict[str, object]:
    """Some arguments that a schema allows."""
    wanted = schema.get("required", ())
    return {name: _value(of) for name, of in schema.get("properties", {}).items() if name in wanted}


def _value(schema: dict[str, Any]) -> object:
    if choices := schema.get("enum"):
        return choices[0]
    match schema.get("type"):
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return False
        case "array":
            return [_value(schema["items"])]
        case "object":
            return sample(schema)
        case _:
            return "words"


async def _through(person: Person, words: str) -> None:
    thread = await person.begins(words, tree=False)
    await person.sees_to(thread.id)


async def _steers(person: Person, words: str) -> None:
    thread = await person.begins(words, tree=False)
    if not person.noted("steered"):
        await _until_started(person, thread.id)
        await threads.send(person.home, thread.id, "and be quick", steer=True)
        person.note("steered", thread=thread.id)
    await person.sees_to(thread.id)


async def _stops(person: Person, words: str) -> None:
    thread = await person.begins(words, tree=False)
    if thread.turn is not None:
        await _until_started(person, thread.id)
        await threads.stop(person.home, thread.id)
        person.note("stopped", thread=thread.id)
    await person.sees_to(thread.id)


async def _merges(person: Person, words: str) -> None:
    thread = await person.begins(words, tree=True)
    await person.sees_to(thread.id)
    await person.merges(thread.id)


async def _forks(person: Person, words: str) -> None:
    thread = await person.begins(words, tree=True)
    await person.sees_to(thread.id)
    forked = await person.forks(thread.id)
    if not any(one["thread"] == forked.id for one in person.noted("sent")):
        await person.says(forked.id, "go on")
    await person.sees_to(forked.id)


async def _discards(person: Person, words: str) -> None:
    thread = await person.begins(words, tree=True)
    await person.sees_to(thread.id)
    await person.discards(thread.id)


async def _waits_for_a_slot(person: Person, words: str) -> None:
    """The clock is put on by an hour once it is on, so one slot is due."""
    automation = await person.automates(words, "0 * * * *")
    person.where.clock.put_on()
    await person.sees_slots_up_to(automation, person.where.clock.now() - timedelta(hours=1))
    await person.turns_off(automation)


async def _until_started(person: Person, thread: str) -> None:
    """Until a call is under way, or it is too late for one."""
    async for item in person.home.store.feed.follow(stream=thread):
        event = getattr(item, "event", None)
        if isinstance(event, CallStarted) or getattr(event, "type", "") == "turn.finished":
            return
