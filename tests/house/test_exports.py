"""Everything that happened, as lines of JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from house.bases import a_machine, refused
from maquette.domain.events import Entry
from maquette.store import Log, copies
from maquette.testing.models import Says, ScriptedModels

pytestmark = pytest.mark.boxed
SECRET = "sk-canary-that-must-stay-at-home"


def test_all_that_happened_is_exported_in_order_and_no_secret(tmp_path: Path) -> None:
    with (
        ScriptedModels(lambda _: Says("done")) as models,
        a_machine(tmp_path, {**models.variables, "OPENAI_API_KEY": SECRET}) as machine,
    ):
        for words in ("one", "two"):
            machine.ok("run", words, "--model", "openai-chat:scripted")
        lines = machine.ok("export").splitlines()
        thread = next(at for line in reversed(lines) if (at := json.loads(line)["stream"]).startswith("thread"))
        machine.ok("export", thread, "--to", str(tmp_path / "one.jsonl"))
        trajectory = json.loads(machine.ok("export", thread, "--as", "atif"))
        assert "no thread" in refused(machine.run("export", "nobody"))
        machine.kill()
    assert [step["message"] for step in trajectory["steps"][1:]] == ["two", "done"]
    log = Log.open(machine.state / copies.NAME)
    entries = log.read_all(limit=None)
    log.close()
    assert [Entry.model_validate_json(line) for line in lines] == entries
    of_one = (tmp_path / "one.jsonl").read_text().splitlines()
    assert [line for line in lines if json.loads(line)["stream"] == thread] == of_one
    assert (tmp_path / "one.jsonl").stat().st_mode & 0o777 == 0o600
    assert SECRET not in "".join(lines)
