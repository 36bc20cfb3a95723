"""The benchmark runs, and says what it found in the shape that others read. No figure is judged here."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from house.bases import captured
from maquette.testing.bench.models import Models, extends
from maquette.testing.bench.peers import Peer
from maquette.testing.bench.plays import asks_for_work, turn
from maquette.testing.bench.rig import ENOUGH, Rig
from maquette.testing.bench.rows import Row
from maquette.testing.models import Call, Calls

BENCH = "maquette.testing.bench.__main__:main"
SHAPE = {"name": str, "value": float, "unit": str, "target": str, "peer": str, "command": str, "load": float}


def measured(folder: Path, *rows: str) -> tuple[list[dict[str, Any]], str]:
    """Results of these rows, and what was said."""
    ended = captured(BENCH, ["--quick", "--only", *rows], {"PATH": os.defpath, "HOME": str(folder)}, folder)
    assert ended.returncode == 0, ended.stderr
    return json.loads((folder / "bench/results.json").read_bytes()), ended.stdout


@pytest.mark.boxed
def test_two_rows_are_measured_for_real_and_told_in_the_shape_that_others_read(tmp_path: Path) -> None:
    wanted = ["run to first request", "first request"]
    results, told = measured(tmp_path, *wanted)
    assert {one["name"] for one in results} == set(wanted)
    for one in results:
        assert {name: type(one[name]) for name in SHAPE} == SHAPE
        assert one["value"] > 0
        assert one["peer_value"] is None or one["peer_value"] > 0
    assert results[0]["target"] == "<= 120"
    assert any(one["peer"] == "bare loop" for one in results)
    history = (tmp_path / "bench/history.jsonl").read_text().splitlines()
    assert [set(json.loads(line)["figures"]) for line in history] == [set(wanted)]
    assert ElementTree.fromstring((tmp_path / "bench/chart.svg").read_text()).tag.endswith("svg")
    assert all(f"| {name} |" in told for name in wanted)


@pytest.mark.prove
@pytest.mark.needs("chromium", "sudo apt-get install chromium")
def test_a_row_of_a_page_is_measured_in_a_browser(tmp_path: Path) -> None:
    [found], _ = measured(tmp_path, "frame while text streams, p95")
    assert found["value"] > 0


def test_a_slow_peer_is_measured_in_fewer_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    slow, fast = (Peer(name, "off", ["openai-chat"], Path(), {}, str.split) for name in ("slow", "fast"))
    rig = Rig(Path(), Models(), (), steps=100, rounds=3)
    monkeypatch.setattr(time, "monotonic", lambda: clock)
    clock, seen = 0.0, list[str]()
    for subject in rig.in_turn([slow, fast]):
        seen.append(subject.name)
        clock += 2 * ENOUGH if subject is slow else 1
    assert seen == ["slow", "fast", "fast", "fast"]


def test_a_row_that_there_is_not_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    ended = captured(BENCH, ["--only", "no such row"], {"PATH": os.defpath, "HOME": str(tmp_path)}, tmp_path)
    assert ended.returncode == 2
    assert "run to first request" in ended.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("target", "value", "met"), [("<= 8", 8, True), ("< 8", 8, False), (">= 3", 2, False), ("", 1, None)]
)
def test_a_target_is_met_or_not(target: str, value: float, met: bool | None) -> None:
    assert Row("row", "ms", target).met(value) is met


def test_a_request_that_changes_what_came_before_doesnt_extend_it() -> None:
    first = b'{"model":"m","messages":[{"role":"user","content":"a"}]}'
    assert extends(first, b'{"model":"m","messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}]}')
    assert not extends(first, b'{"model":"m","messages":[{"role":"user","content":"b"},{"role":"user"}]}')
    assert not extends(first, b'{"model":"m","tools":[1],"messages":[{"role":"user","content":"a"},{}]}')


@pytest.mark.parametrize(
    ("tool", "call"),
    [
        (
            {"type": "function", "name": "exec_command", "parameters": {"properties": {"cmd": {"type": "string"}}}},
            Call("exec_command", {"cmd": "true"}),
        ),
        (
            {"name": "Bash", "input_schema": {"properties": {"command": {"type": "string"}}}},
            Call("Bash", {"command": "true"}),
        ),
        (
            {"function": {"name": "shell", "parameters": {"properties": {"command": {"type": "array"}}}}},
            Call("shell", {"command": ["bash", "-c", "true"]}),
        ),
    ],
)
def test_the_model_runs_a_command_by_whatever_tool_a_harness_has(tool: dict[str, Any], call: Call) -> None:
    body: dict[str, Any] = {"tools": [{"name": "title", "input_schema": {}}, tool]}
    assert asks_for_work(body)
    assert turn(body, "steps", 1, 0) == Calls(call)
    assert not asks_for_work({"tools": []})
