"""Measures the dead-code skill on packages of others: `python -m maquette.testing.strangers humanize==4.12.0 …`.

Each is fetched as source by pip, planted, and cleaned by the skill's script, its own tests being the checks.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import maquette.skills
from maquette.testing.places import NoPackage
from maquette.testing.planted import Judgement, Planting, plant

SCRIPT = Path(maquette.skills.__file__).parent / "builtin/dead-code/scripts/dead_code.py"
_EXTRAS = ("tests", "test", "testing", "dev")


class Failed(Exception):
    """A package that can't be measured, and why."""


@dataclass(frozen=True)
class Measured:
    """One package. `beyond` is what was removed without having been planted."""

    name: str
    planting: Planting
    judgement: Judgement
    beyond: Sequence[str]
    lines: int
    runs: int
    seconds: float


def measure(requirement: str, folder: Path, seed: int) -> Measured:
    """Does it all in `folder`, which must be empty."""
    pip = _pip(folder)
    repo = _fetch(requirement, folder, pip)
    _prepare(repo, requirement, folder, pip)
    try:
        planting = plant(repo, seed)
    except NoPackage as error:
        raise Failed(str(error)) from None
    _git(repo, "commit", "-q", "--allow-empty", "-m", "planted")
    result = folder / "result.json"
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, SCRIPT, "--json", result], cwd=repo, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Failed(f"the script ended with {done.returncode}: {(done.stderr or done.stdout).strip()[-2000:]}")
    told: dict[str, Any] = json.loads(result.read_text("utf-8"))
    planted = {(item.path, item.name) for item in planting.dead}
    beyond = [
        f"{item['kind']} {item['name']} ({item['path']})" for item in told["removed"] if not _was_planted(item, planted)
    ]
    lines = told["lines_before"] - told["lines_after"]
    return Measured(
        requirement, planting, planting.judge(repo), beyond, lines, told["check_runs"], time.monotonic() - start
    )


def _was_planted(item: dict[str, Any], planted: set[tuple[str, str]]) -> bool:
    words = set(item["name"].replace("(", " ").replace("=", " ").split())
    return any(
        path == item["path"]
        and (not name or name == item["name"] or name in words or name.partition(".")[0] == item["name"])
        for path, name in planted
    )


def _pip(folder: Path) -> Sequence[str | Path]:
    """What runs pip: this environment may well be without."""
    venv.create(folder / "pip", with_pip=True)
    return folder / "pip/bin/python", "-m", "pip"


def _fetch(requirement: str, folder: Path, pip: Sequence[str | Path]) -> Path:
    name = requirement.partition("==")[0]
    _run([*pip, "download", "-q", "--no-deps", "--no-binary", name, "-d", folder, requirement], folder)
    archive = next(iter(folder.glob("*.tar.gz")), None)
    if archive is None:
        raise Failed("it has no source archive")
    (folder / "source").mkdir()
    _run(["tar", "-x", "--no-same-owner", "-f", archive, "-C", folder / "source"], folder)
    archive.unlink()
    (repo,) = (folder / "source").iterdir()
    return repo


def _prepare(repo: Path, requirement: str, folder: Path, pip: Sequence[str | Path]) -> None:
    """A git repo, and a `.venv` in it with what the tests need."""
    venv.create(repo / ".venv")
    name, mark, version = requirement.partition("==")
    wanted = f"{name}[{','.join(_EXTRAS)}]{mark}{version}"
    _run([*pip, "--python", repo / ".venv/bin/python", "install", "-q", wanted, "pytest"], folder)
    _git(repo, "init", "-q", "-b", "main")
    (repo / ".git/info/exclude").write_text(".venv/\n__pycache__/\n", "utf-8")
    _git(repo, "add", "-A")
    _git(repo, "commit", "-q", "-m", "as published")


def _git(repo: Path, *args: str) -> None:
    who = ("-c", "user.name=Maquette", "-c", "user.email=sample@maquette.invalid", "-c", "commit.gpgsign=false")
    _run(["git", *who, *args], repo)


def _run(command: Sequence[str | Path], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"{' '.join(map(str, command[:5]))} …: {done.stderr.strip()[-600:]}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m maquette.testing.strangers", description=__doc__)
    parser.add_argument("packages", nargs="+", metavar="PACKAGE==VERSION")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave the repos there, to look at")
    parser.add_argument("--long", action="store_true", help="also list what was missed, and what went beyond")
    options = parser.parse_args()
    out: list[str] = [
        "| package | recall | decoys deleted | lines gone | beyond | check runs | seconds |",
        "|---|---|---|---|---|---|---|",
    ]
    details: list[str] = []
    hurt = False
    for requirement in options.packages:
        with tempfile.TemporaryDirectory() as temporary:
            folder = (options.keep or Path(temporary)) / requirement.replace("==", "-")
            folder.mkdir(parents=True)
            try:
                got = measure(requirement, folder, options.seed)
            except Failed as error:
                out.append(f"| {requirement} | failed: {error} | | | | | |")
                hurt = True
                continue
        judged, planting = got.judgement, got.planting
        found = len(planting.dead) - len(judged.missed)
        hurt |= bool(judged.deleted_decoys)
        out.append(
            f"| {got.name} | {judged.recall:.0%} ({found} of {len(planting.dead)}) "
            f"| {len(judged.deleted_decoys)} of {len(planting.live)} | {got.lines} "
            f"| {len(got.beyond)} | {got.runs} | {got.seconds:.0f} |"
        )
        details += [f"{got.name}: deleted decoy {d}" for d in judged.deleted_decoys]
        if options.long:
            details += [f"{got.name}: missed {m}" for m in judged.missed]
            details += [f"{got.name}: beyond {b}" for b in got.beyond]
    sys.stdout.write("\n".join([*out, "", *details]) + "\n")
    return 1 if hurt else 0


if __name__ == "__main__":
    sys.exit(main())
