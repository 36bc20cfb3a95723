"""The interface is asked all that its own description allows, and much that it doesn't, at the port of a real base."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from trust.doors import a_doorway

LEFT_OUT = r"/(feed|export|backups|token/renew)$"
"""What never ends, writes where it is told to, or would put out who asks."""
BY_MEANING = "positive_data_acceptance"
"""No schema can say that a message needs words, or that a path must be absolute: such a 422 is as it should be."""


def asked(folder: Path, thread: str, seconds: int, seed: int) -> str:
    """What was found; empty if nothing. `thread`: in place of made-up ones."""
    named = f'[parameters]\n"path.thread" = "{thread}"\n' if thread else ""
    (folder / "schemathesis.toml").write_text(named)
    with a_doorway(folder) as door:
        door.machine.run("run", "what can you do")
        words = [
            "--config-file",
            str(folder / "schemathesis.toml"),
            "run",
            f"http://127.0.0.1:{door.port}/v1/openapi.json",
        ]
        words += ["-H", f"Authorization: {door.token['Authorization']}", "--seed", str(seed), "--no-color"]
        words += ["--phases", "coverage,fuzzing", "--max-time", str(seconds), "--exclude-path-regex", LEFT_OUT]
        words += ["--exclude-checks", BY_MEANING, "--warnings", "off", "--generation-database", "none"]
        main = "from schemathesis.cli import schemathesis; schemathesis()"
        ended = subprocess.run(
            [sys.executable, "-c", main, *words],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds + 40,
        )
        told = ended.stdout + ended.stderr
        assert "Tested:" in told, told
        log = (door.machine.state / "base.log").read_text()
        return ("" if ended.returncode == 0 else told) + (log if "Traceback" in log else "")


def test_whatever_is_asked_is_answered_as_described(tmp_path: Path) -> None:
    assert asked(tmp_path, "latest", 2, seed=1) == ""


@pytest.mark.prove
@pytest.mark.timeout(85)
@pytest.mark.parametrize("seed", range(2, 8))
@pytest.mark.parametrize("thread", ["", "latest"], ids=["made up", "real"])
def test_whatever_is_asked_at_length_is_answered_as_described(tmp_path: Path, thread: str, seed: int) -> None:
    assert asked(tmp_path, thread, 35, seed) == ""
