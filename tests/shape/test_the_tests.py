"""What tests/conftest.py and pytest's settings promise to every other test."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from shape.house import ROOT

NEEDS = """
import pytest
@pytest.mark.needs("no-such-program", "apt-get install no-such")
def test_it(): pass
"""
LACKS = """
def test_it(lacks): lacks("a moon", "launch one")
"""
HANGS = """
import pytest, time
@pytest.mark.timeout(1)
def test_it(): time.sleep(50)
"""
HOME = """
import os, pathlib
def test_it():
    assert pathlib.Path.home() != pathlib.Path(os.environ["ASKED_FROM"])
    assert pathlib.Path(os.environ["MAQUETTE_HOME"]).is_relative_to(pathlib.Path.home())
    assert not list(pathlib.Path.home().iterdir())
    assert "OPENAI_API_KEY" not in os.environ and "ANTHROPIC_BASE_URL" not in os.environ and "GIT_DIR" not in os.environ
"""
WARNS = """
import warnings
def test_it(): warnings.warn("old")
"""
ASYNC = """
import pytest, sniffio
pytestmark = pytest.mark.anyio
async def test_it(): assert sniffio.current_async_library() == "asyncio"
"""


def run(folder: Path, source: str, **env: str) -> str:
    """The end of a pytest run of one test under our settings, as someone with keys and state of their own."""
    (folder / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    (folder / "test_one.py").write_text(source)
    person = {
        "HOME": str(folder),
        "ASKED_FROM": str(folder),
        "OPENAI_API_KEY": "k",
        "ANTHROPIC_BASE_URL": "u",
        "GIT_DIR": "g",
    }
    ended = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-c",
            str(ROOT / "pyproject.toml"),
            "--rootdir",
            str(folder),
            "-p",
            "no:cacheprovider",
            ".",
        ],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **person, **env},
        capture_output=True,
        text=True,
        check=False,
        timeout=40,
    )
    return ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("source", "lacking", "mend"),
    [(NEEDS, "no-such-program", "apt-get install no-such"), (LACKS, "a moon", "launch one")],
    ids=["by the marker", "by the fixture"],
)
def test_what_the_machine_lacks_skips_for_all_to_see_and_fails_in_ci(
    tmp_path: Path, source: str, lacking: str, mend: str
) -> None:
    skipped = run(tmp_path, source)
    assert "1 skipped" in skipped
    assert f"this machine lacks {lacking}; get it with: {mend}" in skipped
    failed = run(tmp_path, source, CI="true")
    assert "1 failed" in failed or "1 error" in failed
    assert mend in failed


@pytest.mark.parametrize(
    ("source", "ending"),
    [(HANGS, "1 failed"), (HOME, "1 passed"), (WARNS, "1 failed"), (ASYNC, "1 passed")],
    ids=["a hang fails", "a home of its own", "a warning fails", "async tests run on asyncio"],
)
def test_every_test_gets(tmp_path: Path, source: str, ending: str) -> None:
    assert ending in run(tmp_path, source)
