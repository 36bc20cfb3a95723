"""A thread in formats of others: a trajectory in ATIF, and spans of OpenTelemetry's conventions."""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.trace.v1.trace_pb2 import Span, TracesData

from house.homes import a_home, asked_of, rest, there, until
from maquette.actions import exports, threads
from maquette.cli import exports as at_terminal
from maquette.cli.endings import Failed
from maquette.domain.errors import Refused
from maquette.domain.events import CallStarted, Entry
from maquette.domain.messages import FromPerson, Image
from maquette.store.history import history
from maquette.testing.models import Call, Calls, Fails, Says, Script, ScriptedModels, Slow
from maquette.turn.fold import fold
from maquette.turn.hearing import heard

pytestmark = pytest.mark.boxed

MODEL = "anthropic:claude-sonnet-5-5"
SECRET = "sk-canary-that-must-stay-at-home"
SCHEMA = Path(__file__).with_name("atif-v1.8.schema.json")
HARBOR = "harbor==0.26.0"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg=="
)
WAIT = "touch begun; for i in $(seq 400); do [ -e go ] && exit 0; sleep 0.02; done; exit 9"


@dataclass
class Told:
    """A thread and its fork, as exported."""

    thread: str = ""
    fork: str = ""
    entries: list[Entry] = field(default_factory=list[Entry])
    atif: dict[str, bytes] = field(default_factory=dict[str, bytes])
    otel: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """By thread; of the fork with what was said."""

    def trajectory(self, thread: str) -> Any:
        return json.loads(self.atif[thread])


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return asyncio.run(_told(tmp_path_factory.mktemp("told") / "state"))


async def _told(state: Path) -> Told:
    script: Script = [
        Fails(500),
        Calls(Call("read", {"path": "dot.png"}), Call("shell", "{not json"), text="I look.", thinking="Where is it?"),
        Calls(Call("shell", {"command": WAIT}), Call("shell", {"command": "exit 3"})),
        Slow(0.3, Says("A dot.")),
        Says("Heard."),
        Fails(400, "what was that?"),
        Says("Once more."),
    ]
    of = Told()
    with ScriptedModels(script, checked=False) as models:
        async with a_home(state, {**models.variables, "ANTHROPIC_API_KEY": SECRET}) as home:
            (state / "desk").mkdir(exist_ok=True)
            (state / "desk/dot.png").write_bytes(PNG)
            picture = Image.model_validate({"media_type": "image/png", "data": base64.b64encode(PNG)})
            sent = await threads.start(home, "what is this?", project=None, model=MODEL, images=[picture])
            of.thread = sent.thread
            await until(home, of.thread, CallStarted, patience=50)  # what models are asked by is imported first
            await there(state / "desk/begun")
            await threads.send(home, of.thread, "in a word", steer=True)
            (state / "desk/go").touch()
            await asked_of(models, 4)
            await threads.send(home, of.thread, "and thank you", steer=True)
            await rest(home, sent)
            await rest(home, await threads.send(home, of.thread, "and now fail"))
            of.fork = (await threads.fork(home, of.thread)).id
            await rest(home, await threads.send(home, of.fork, "again"))
            of.entries = history(home.store.log, of.fork)
            for thread in (of.thread, of.fork):
                of.atif[thread] = await exports.document(home, thread, "atif", content=False)
                of.otel[thread] = await exports.document(home, thread, "otel", content=thread == of.fork)
            with pytest.raises(Refused, match="name it"):
                await exports.document(home, None, "atif", content=False)
    return of


def test_what_was_said_is_in_an_export_where_the_model_heard_it(told: Told) -> None:
    said = [e.event for before, _ in heard(told.entries) for e in before]
    by_the_fold = [m.text for m in fold(told.entries).messages if isinstance(m, FromPerson)]
    assert [getattr(event, "text", None) for event in said] == by_the_fold
    assert len(said) == 5
    steps = told.trajectory(told.fork)["steps"]
    assert [s["source"] for s in steps if s["source"] != "system"] == [
        *("user", "agent", "agent", "user", "agent", "user", "agent"),
        *("user", "user", "agent"),  # nothing came of the one that failed
    ]


def test_a_thread_is_a_trajectory_of_atif(told: Told) -> None:
    trajectory = told.trajectory(told.thread)
    jsonschema_rs.validator_for(json.loads(SCHEMA.read_text())).validate(trajectory)
    steps = trajectory["steps"]
    assert [step["step_id"] for step in steps] == list(range(1, len(steps) + 1))
    assert trajectory["agent"]["model_name"] == MODEL
    asked, agent = [next(s for s in steps if s["source"] == source) for source in ("user", "agent")]
    assert asked["message"][1]["source"]["path"].startswith("data:image/png;base64,")
    assert (agent["message"], agent["reasoning_content"]) == ("I look.", "Where is it?")
    read, broken = agent["tool_calls"]
    assert (read["function_name"], read["arguments"]) == ("read", {"path": "dot.png"})
    assert (broken["arguments"], broken["extra"]) == ({}, {"as_it_came": "{not json"})
    seen = {result["source_call_id"]: result for result in agent["observation"]["results"]}
    assert seen.keys() == {read["tool_call_id"], broken["tool_call_id"]}
    assert seen[read["tool_call_id"]]["content"][-1]["source"]["media_type"] == "image/png"
    assert seen[broken["tool_call_id"]]["extra"]["status"] == "error"
    prompts = [step["metrics"]["prompt_tokens"] for step in steps if step["source"] == "agent"]
    assert trajectory["final_metrics"]["total_prompt_tokens"] == sum(prompts) > 0
    assert trajectory["final_metrics"]["total_cost_usd"] > 0
    assert [turn["outcome"] for turn in trajectory["extra"]["turns"]] == ["done", "failed"]


def test_of_a_fork_the_shared_past_is_marked_as_copied_and_not_counted_again(told: Told) -> None:
    trajectory = told.trajectory(told.fork)
    jsonschema_rs.validator_for(json.loads(SCHEMA.read_text())).validate(trajectory)
    own = [step for step in trajectory["steps"] if not step.get("is_copied_context")]
    assert [step["message"] for step in own if step["source"] != "system"] == ["again", "Once more."]
    assert trajectory["final_metrics"]["total_prompt_tokens"] == own[-1]["metrics"]["prompt_tokens"]
    assert trajectory["extra"]["forked_from"] == told.thread


def test_beside_a_trajectory_in_a_file_its_pictures_are_files(told: Told, tmp_path: Path) -> None:
    at_terminal._with_pictures(tmp_path / "one.json", told.trajectory(told.thread))  # pyright: ignore[reportPrivateUsage]
    steps = json.loads((tmp_path / "one.json").read_text())["steps"]
    path = next(s for s in steps if s["source"] == "user")["message"][1]["source"]["path"]
    assert (tmp_path / path).read_bytes() == PNG
    assert len(list((tmp_path / "one-pictures").iterdir())) == 1
    with pytest.raises(Failed, match="is there already"):
        at_terminal._with_pictures(tmp_path / "one.json", told.trajectory(told.thread))  # pyright: ignore[reportPrivateUsage]


@pytest.mark.prove
def test_harbors_own_validator_takes_what_is_exported(told: Told, tmp_path: Path) -> None:
    fetch = [sys.executable, "-m", "uv", "pip", "install", "-q", "--no-deps", "--target", tmp_path / "harbor"]
    subprocess.run([*fetch, "--python-version", "3.12", HARBOR], check=True, timeout=50)
    for number, thread in enumerate((told.thread, told.fork)):
        at_terminal._with_pictures(tmp_path / f"{number}.json", told.trajectory(thread))  # pyright: ignore[reportPrivateUsage]
    program = """
import json, sys
from harbor.models.trajectories import Trajectory
from harbor.utils.trajectory_validator import TrajectoryValidator
for path in sys.argv[2:]:
    validator = TrajectoryValidator()
    assert validator.validate(path), validator.errors
kept = json.load(open(sys.argv[1]))
del kept["$comment"]
assert kept == Trajectory.model_json_schema()
"""
    given = [SCHEMA, tmp_path / "0.json", tmp_path / "1.json"]
    subprocess.run([sys.executable, "-c", program, *given], check=True, env={"PYTHONPATH": str(tmp_path / "harbor")})


def spans(exported: bytes) -> Iterator[tuple[Span, dict[str, Any]]]:
    """As a collector reads them. OTLP's JSON has ids in hexadecimal where protobuf's has base64."""
    document = json.loads(exported)
    for span in document["resourceSpans"][0]["scopeSpans"][0]["spans"]:
        for name in {"traceId", "spanId", "parentSpanId"} & span.keys():
            span[name] = base64.b64encode(bytes.fromhex(span[name])).decode()
    data = ParseDict(document, TracesData())
    for span in data.resource_spans[0].scope_spans[0].spans:
        values = {kept.key: kept.value for kept in span.attributes}
        yield span, {key: getattr(value, str(value.WhichOneof("value"))) for key, value in values.items()}


def test_a_threads_turns_are_traces_by_the_conventions_for_agents(told: Told) -> None:
    read = list(spans(told.otel[told.thread]))
    turns = [span for span, _ in read if span.name == "invoke_agent maquette"]
    assert len({span.trace_id for span in turns}) == len(turns) == 2
    assert all((len(span.trace_id), len(span.span_id)) == (16, 8) for span, _ in read)
    assert len({span.span_id for span, _ in read}) == len(read)
    roots = {span.trace_id: span.span_id for span in turns}
    for span, about in read:
        assert span.parent_span_id == (b"" if span in turns else roots[span.trace_id])
        assert 0 < span.start_time_unix_nano <= span.end_time_unix_nano
        assert about["gen_ai.conversation.id"] == told.thread
        assert span.name.startswith(about["gen_ai.operation.name"])
    chats = [about for span, about in read if span.kind == Span.SPAN_KIND_CLIENT]
    assert [about.get("error.type") for about in chats] == ["failed", None, None, None, None]
    assert {about["gen_ai.provider.name"] for about in chats} == {"anthropic"}
    assert {about["gen_ai.request.model"] for about in chats} == {"claude-sonnet-5-5"}
    first = next(a for _, a in read if a["gen_ai.operation.name"] == "invoke_agent")
    assert first["gen_ai.usage.input_tokens"] == sum(a["gen_ai.usage.input_tokens"] for a in chats[1:]) > 0
    tools = [(a["gen_ai.tool.name"], a.get("error.type")) for _, a in read if "gen_ai.tool.name" in a]
    assert sorted(tools, key=str) == [("read", None), ("shell", "error"), ("shell", "error"), ("shell", None)]
    assert turns[1].status.code == 2


def test_spans_say_what_was_said_only_if_asked_for_and_of_a_forks_own_turns(told: Told) -> None:
    for words in (b"what is this", b"A dot", b"Where is it", b"dot.png", b"what was that", b"exit 3"):
        assert words not in told.otel[told.thread]
    read = {span.name: about for span, about in spans(told.otel[told.fork])}
    assert read.keys() == {"invoke_agent maquette", "chat claude-sonnet-5-5"}
    for about in read.values():
        (asked,) = json.loads(about["gen_ai.input.messages"])
        assert asked == {"role": "user", "parts": [{"type": "text", "content": "again"}]}
        assert json.loads(about["gen_ai.output.messages"])[0]["parts"] == [{"type": "text", "content": "Once more."}]


def test_s26_no_secret_is_in_an_export_in_a_format_of_others(told: Told) -> None:
    for exported in (*told.atif.values(), *told.otel.values()):
        assert SECRET.encode() not in exported
