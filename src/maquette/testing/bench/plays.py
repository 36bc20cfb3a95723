"""What the model does in a run: said by the words that a harness is given, so that it goes for any of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from maquette.testing.models import Answer, Call, Calls, Says

MARK = re.compile(rb"bench-(\w+)-(tries|steps|eight|output|text|parks|ticks)-(\d+)\.")
_COMMANDS = ("command", "cmd", "script")
_SHELLS = ("exec_command", "shell_command", "shell", "local_shell", "bash", "run_shell_command", "terminal")
PIECE = "a delta of four+ words. "
"""What one text delta holds."""
OUTPUT = 10_000_000

RAN = b"42ran"
"""What a command of "tries" prints, and no request holds otherwise."""


def words(name: str, kind: str, count: int) -> str:
    """To be given to a harness. `name` is this run's own; `kind` and `count` say what the model will do."""
    return f"bench-{name}-{kind}-{count}."


def asks_for_work(body: Mapping[str, Any]) -> bool:
    """Whether this is a request of the loop, and not one of those for a title, say."""
    return _shell(body) is not None


def turn(body: Mapping[str, Any], kind: str, count: int, number: int) -> Answer:
    """The answer to the run's request `number`, from 0."""
    last = Says("done")
    match kind:
        case "tries" if number == 0:
            return Calls(_run(body, "echo $((6 * 7))ran"))
        case "steps" if number < count:
            return Calls(_run(body, "true"))
        case "eight" if number == 0:
            return Calls(_run(body, "true"))
        case "eight" if number == 1:
            return Calls(*(_run(body, f"sleep 0.2 # {n}") for n in range(count)))
        case "output" if number == 0:
            return Calls(_run(body, f"yes 'a line of output like many others' | head -c {count}"))
        case "ticks" if number == 1:
            return Calls(_run(body, f"for n in $(seq {count}); do date +%s.%N; sleep 0.05; done"))
        case "text":
            return Says(PIECE * count)
        case "parks":
            return Calls(Call("ask", {"question": "Shall I?"}))
        case _:
            return last


def _run(body: Mapping[str, Any], command: str) -> Call:
    found = _shell(body)
    assert found is not None
    name, schema = found
    properties: dict[str, Any] = schema.get("properties", {})
    holds = next(field for field in _COMMANDS if field in properties)
    as_list = properties[holds].get("type") == "array"
    arguments: dict[str, object] = {
        field: "words" for field in schema.get("required", ()) if properties.get(field, {}).get("type") == "string"
    }
    return Call(name, {**arguments, holds: ["bash", "-c", command] if as_list else command})


def _shell(body: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The name of the tool that runs commands, and what it takes, whatever the wire calls that."""
    for tool in cast("list[dict[str, Any]]", body.get("tools") or []):
        of = tool.get("function", tool)
        schema = cast("dict[str, Any]", of.get("parameters") or of.get("input_schema") or {})
        if str(of.get("name", "")).lower() in _SHELLS and set(_COMMANDS) & set(schema.get("properties", {})):
            return of["name"], schema
    return None
