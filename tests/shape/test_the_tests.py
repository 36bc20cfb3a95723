"""What tests/conftest.py and pytest's settings promise to every other test."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

import pytest

from seams.boxes import CHOSEN
from shape.house import ROOT

NEEDS = """
import pytest
@pytest.mark.needs("no-such-program", "apt-get install no-such")
def test_it(): pass
"""
LACKS = """
def test_it(lacks): lacks("a moon", "launch one")
"""
BOXED = """
import pytest
@pytest.mark.boxed
def test_it(): pass
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
SLOW = """
tried = []
def test_it():
    tried.append("once")
    assert len(tried) == 2
"""


SOURCES = {
    "test_needs.py": NEEDS,
    "test_lacks.py": LACKS,
    "test_boxed.py": BOXED,
    "test_hangs.py": HANGS,
    "test_home.py": HOME,
    "test_warns.py": WARNS,
    "test_async.py": ASYNC,
    "browser/test_slow.py": SLOW,
    "test_slow.py": SLOW,
}


def run(folder: Path, sources: Collection[str], **env: str) -> str:
    """The end of a pytest run of these tests under our settings, as someone with keys and state of their own."""
    (folder / "browser").mkdir()
    for name in ("conftest.py", "browser/conftest.py"):
        (folder / name).write_text((ROOT / "tests" / name).read_text())
    for name in sources:
        (folder / name).write_text(SOURCES[name])
    person = {
        "HOME": str(folder),
        "ASKED_FROM": str(folder),
        "OPENAI_API_KEY": "k",
        "ANTHROPIC_BASE_URL": "u",
        "GIT_DIR": "g",
        CHOSEN: "",
    }
    settings = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder), "-p", "no:cacheprovider", "-rAR"]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *settings, "."],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **person, **env},
        capture_output=True,
        text=True,
        check=False,
        timeout=40,
    )
    return ended.stdout + ended.stderr


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of all of them in one run, for each takes a second to begin."""
    return run(tmp_path_factory.mktemp("t"), SOURCES)


def test_what_the_machine_lacks_skips_for_all_to_see_and_fails_in_ci(told: str, tmp_path: Path) -> None:
    lacking = {
        "no-such-program": "apt-get install no-such",
        "a moon": "launch one",
        "a sandbox that contains commands": "sudo apt-get install bubblewrap",
    }
    failed = run(tmp_path, ["test_needs.py", "test_lacks.py", "test_boxed.py"], CI="true")
    for what, mend in lacking.items():
        assert re.search(rf"SKIPPED .*this machine lacks {what}; get it with: {mend}", told)
        assert f"this machine lacks {what}; get it with: {mend}" in failed
    assert "1 failed, 2 errors" in failed


@pytest.mark.parametrize(
    "ending",
    [
        "FAILED test_hangs",
        "PASSED test_home",
        "FAILED test_warns",
        "PASSED test_async",
        "RERUN browser/test_slow",
        "PASSED browser/test_slow",
        "FAILED test_slow",
    ],
    ids=[
        "a hang fails",
        "a home of its own",
        "a warning fails",
        "async tests run on asyncio",
        "what used a browser's second try is told",
        "a browser has a second try",
        "nothing else has one",
    ],
)
def test_every_test_gets(told: str, ending: str) -> None:
    assert ending in told
