"""What holds for every tool there is. A new one must say how it succeeds and how it fails: CASES."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from maquette.domain.errors import Refused
from maquette.kinds.providers import SkillSpec
from maquette.kinds.tools import Asks, Delegates, Drafts, Effect, Offers, Plans, Result, Tool, parameters
from maquette.testing.tools import call, result, tool_context, tools
from maquette.tools.by_hand import Hand, run_by_hand

pytestmark = pytest.mark.anyio
boxed = pytest.mark.boxed

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "tools.md"
FIRST_REQUEST = 3_600
"""Bytes that the descriptions and schemas of the first request's tools may take."""
DESCRIPTION = 300

PRICES = "RATE = 0.16\n\ndef gross(net):\n    return net + net * RATE\n"
PATCH = "*** Begin Patch\n*** Update File: prices.py\n-RATE = 0.16\n+RATE = 0.19\n*** End Patch"


@dataclass(frozen=True)
class Case:
    """Arguments that work, and arguments that are refused or whose result is an error, with what it says."""

    works: dict[str, object]
    fails: dict[str, object]
    says: str


CASES = {
    "apply_patch": Case({"patch": PATCH}, {"patch": PATCH.replace("0.16", "9")}, "doesn't match"),
    "ask": Case({"question": "Which?", "choices": ["a", "b"]}, {"question": " "}, "is empty"),
    "automate": Case(
        {"name": "tidy", "brief": "Tidy up.", "when": "weekdays at 7"}, {"name": "tidy", "when": "never"}, "brief: "
    ),
    "chart": Case(
        {"of": "Takings", "bars": [{"name": "May", "number": 3.5}, {"name": "June", "number": -1}]},
        {"of": "Takings", "bars": []},
        "at least 1",
    ),
    "delegate": Case({"task": "count the lines", "tokens": 9000}, {"task": " "}, "`task` is empty"),
    "edit": Case({"path": "prices.py", "old": "0.16", "new": "0.19"}, {"path": "x", "old": "a", "new": "b"}, "no x"),
    "find_tool": Case({"query": "process"}, {"query": 3}, "query: "),
    "gather_posts": Case({"hours": 24}, {}, "Only a thread has reports"),
    "offer_ideas": Case({"ideas": []}, {"ideas": [{"kind": "dead-code"}]}, "key"),
    "plan": Case({"steps": [{"text": "look"}]}, {"steps": []}, "at least 1"),
    "process": Case({}, {"number": 5}, "no process 5"),
    "read": Case({"path": "prices.py"}, {"path": "nowhere.py"}, "There is no nowhere.py"),
    "search": Case({"pattern": "RATE"}, {"pattern": "x", "where": "nowhere"}, "There is no nowhere"),
    "shell": Case({"command": "ls"}, {"command": "false"}, "[exit 1]"),
    "skill": Case({"name": "tidy"}, {"name": "untidy"}, "no skill 'untidy'; there are: tidy"),
    "take_result": Case({"child": "thread_1"}, {"child": "thread_1"}, "Only a turn has children"),
    "use_tool": Case({"name": "process"}, {"name": "process"}, "Only a turn"),
    "write_report": Case({"lines": []}, {"lines": []}, "Only a thread has reports"),
    "write": Case({"path": "new.txt", "text": "x"}, {"path": "../out", "text": "x"}, "../out"),
}
BY_A_TURN = {"gather_posts", "take_result", "use_tool", "write_report"}
"""What only a turn can bring to a result."""

ALL = tools()
every_tool = pytest.mark.parametrize("name", sorted(ALL))


@pytest.fixture
async def context(tmp_path: Path) -> AsyncIterator[Hand]:
    folder = tmp_path / "tidy"
    folder.mkdir()
    (folder / "SKILL.md").write_text("---\nname: tidy\ndescription: Tidies.\n---\nTidy up.\n")
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "prices.py").write_text(PRICES)
    (shop / "notes.txt").write_text("ask about the rate\n")
    async with tool_context(shop, skills=[SkillSpec(name="tidy", when="Tidies.", folder=str(folder))]) as made:
        yield made


def objects(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every schema of an object in it, itself first."""
    if schema.get("type") == "object":
        yield schema
    for inner in (*schema.get("properties", {}).values(), *filter(None, [schema.get("items")])):
        yield from objects(inner)


def test_every_tool_has_its_case() -> None:
    assert set(CASES) == set(ALL)


@every_tool
def test_a_tool_is_named_described_and_declares_its_effects(name: str) -> None:
    tool = ALL[name]
    assert re.fullmatch(r"[a-z][a-z_]{1,40}", name)
    assert 0 < len(tool.description) <= DESCRIPTION
    assert all(isinstance(effect, Effect) for effect in tool.effects)
    assert not (tool.idempotent and tool.effects & {Effect.RUNS, Effect.NETWORK, Effect.SCREEN, Effect.AUTHORITY})


@every_tool
def test_a_schema_is_closed_and_compact(name: str) -> None:
    schema = parameters(ALL[name])
    assert schema["type"] == "object"
    # What another tool's arguments hold is checked by that one.
    free = [schema["properties"]["arguments"]] if name == "use_tool" else []  # pyright: ignore[reportIndexIssue, reportUnknownVariableType]  the schema is plain JSON
    closed = [inner for inner in objects(cast("dict[str, Any]", schema)) if inner not in free]
    assert closed
    assert all(inner["additionalProperties"] is False for inner in closed)
    assert not re.search(r'"(title|default|\$ref|\$defs|anyOf)":', json.dumps(schema))


@every_tool
def test_what_may_be_left_out_may_be_null(name: str) -> None:
    tool = ALL[name]
    schema = cast("dict[str, Any]", parameters(tool))
    left_out = set(schema["properties"]) - set(schema.get("required", []))
    arguments = {**CASES[name].works, **{key: None for key in left_out if key not in CASES[name].works}}
    assert tool.arguments.model_validate(arguments) == tool.arguments.model_validate(CASES[name].works)


def test_the_first_requests_tools_are_few_bytes() -> None:
    first = [tool for tool in ALL.values() if tool.first]
    size = sum(
        len(tool.description.encode()) + len(json.dumps(parameters(tool), separators=(",", ":"))) for tool in first
    )
    assert size <= FIRST_REQUEST


@every_tool
async def test_a_success_has_something_to_show(name: str, context: Hand) -> None:
    if name in BY_A_TURN:
        return
    came = await call(name, context, **CASES[name].works)
    if isinstance(came, Result):
        assert came.text
        assert came.card is not None
        assert not came.error
    else:
        assert isinstance(came, Asks | Plans | Delegates | Drafts | Offers)


@every_tool
async def test_a_failure_says_what_to_mend(name: str, context: Hand) -> None:
    try:
        came = await result(name, context, **CASES[name].fails)
    except Refused as refused:
        said = str(refused)
    else:
        assert came.error
        said = came.text
    assert CASES[name].says in said


@every_tool
async def test_unknown_arguments_are_refused(name: str, context: Hand) -> None:
    with pytest.raises(Refused, match="no_such"):
        await call(name, context, **CASES[name].works, no_such=1)


async def processes(context: Hand) -> list[str]:
    """What runs in the box, but for who asks. Of the host's, which a box may see too, none can be looked into."""
    listed = await result(
        "shell",
        context,
        command="cd /proc; for p in [0-9]*; do if [ -d $p/cwd/ ]; then echo $p $(tr '\\0' ' ' <$p/cmdline); fi; done",
    )
    ours = re.compile(r"for p in|import marshal,os;|^\d+\s*$")  # who asks, and the keeper's own
    return [line for line in listed.text.splitlines()[:-1] if not ours.search(line)]


@boxed
@every_tool
async def test_a_cancelled_call_leaves_nothing_running(name: str, context: Hand) -> None:
    before = await processes(context)
    for after in (0, 1, 3):
        calling = asyncio.ensure_future(call(name, context, **CASES[name].works))
        for _ in range(after):
            await asyncio.sleep(0)
        calling.cancel()
        await asyncio.wait([calling], timeout=5)
        assert calling.done()
        if not calling.cancelled():
            calling.exception()
        assert asyncio.all_tasks() - {asyncio.current_task()} - set(background()) == set()
        assert await processes(context) == before


def background() -> Iterator[asyncio.Task[Any]]:
    """The runner's own."""
    for task in asyncio.all_tasks():
        if "anyio" in repr(task) or "Runner" in repr(task):
            yield task


def section(name: str) -> str:
    found = re.search(rf"(?ms)^## `{name}`$(.*?)(?=^## |\Z)", PAGE.read_text())
    assert found, f"docs/reference/tools.md has no heading for {name}"
    return found[1]


@every_tool
def test_the_reference_tells_its_arguments_and_effects(name: str) -> None:
    tool, text = ALL[name], section(name)
    schema = cast("dict[str, Any]", parameters(tool))
    rows = {row[1]: row[2] for row in re.finditer(r"(?m)^\| `(\w+)`( = [^|]+)? \|", text)}
    assert set(rows) == set(schema["properties"])
    told = re.search(r"(?m)^Effects: ([\w, ]+)\.", text)
    assert told
    assert set(re.findall(r"\w+", told[1])) & set(Effect) == tool.effects


EXAMPLE = re.compile(r"```(console|json)\n(.*?)\n```", re.DOTALL)
BY_HAND = re.compile(r"\$ maquette tool (\w+)(?: ('.*?'))? --root shop(?: <<'EOF'\n(.*?)\nEOF)?\n(.*)", re.DOTALL)


@every_tool
async def test_the_references_example_is_true(name: str, context: Hand) -> None:
    kind, example = EXAMPLE.findall(section(name))[0]
    if kind == "json":
        ALL[name].arguments.model_validate(json.loads(example))
        return
    found = BY_HAND.fullmatch(example)
    assert found
    assert found[1] == name
    (arguments,) = shlex.split(found[2]) if found[2] else ("",)
    came = await run_by_hand(ALL[name], context, arguments, found[3])
    assert isinstance(came, Result)
    assert came.text == found[4]


async def test_what_is_found_is_told_with_its_schema(context: Hand) -> None:
    came = await result("find_tool", context, query="input of a running background process")
    assert came.text.startswith("process: ")
    everything = await result("find_tool", context)
    for tool in (tool for tool in ALL.values() if not tool.first):
        assert json.dumps(parameters(tool), separators=(",", ":")) in everything.text


async def test_many_tools_are_ranked_and_the_rest_named(context: Hand) -> None:
    def made(name: str, description: str) -> Tool[Any]:
        process = ALL["process"]
        return Tool(name, description, process.arguments, process.effects, process.run, first=False)

    context.later = [made(f"mail_{n}", "Send a letter.") for n in range(9)] + [made("letters", "Read mail.")]
    came = await result("find_tool", context, query="letter")
    assert came.text.startswith("letters: Read mail.\narguments: ")
    assert "Others: mail_4, mail_5, mail_6, mail_7, mail_8." in came.text
