"""A project's checks: found by what lies in its folder, and run; and probes."""

from __future__ import annotations

import codecs
import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from maquette.domain.checks import Check, Probe
from maquette.domain.errors import Refused
from maquette.kinds.files import Files
from maquette.kinds.sandboxes import Box, Exit

TAIL = 16 << 10
"""Bytes of a check's output that are kept: its end, where the verdict is."""

SHOWN = 1 << 20
"""Bytes of a check's output that are shown as they come: its beginning."""

HEAD = 4 << 10
"""Bytes of a probe's output that are kept: its beginning."""

SECONDS, PROBE_SECONDS = 900.0, 60.0

_ENV = {"PYTHONDONTWRITEBYTECODE": "1", "CI": "1", "NO_COLOR": "1"}
_READ = 64 << 10
"""Bytes: what is in them is anyone's."""
_DOTS = 100
"""In a line of TOML: what a dotted key takes to read grows with the square of its length, gigabytes for 64 KB."""
_TEST_FILE = re.compile(r"(?:test_.*|.*_test|tests)\.py")


def found(files: Files) -> tuple[str, ...]:
    """The commands that check this project, one for each language found; `make test` where nothing else is."""
    looked = _Folder(files)
    commands = [command for find in (_python, _node, _cargo, _go) if (command := find(looked))]
    if not commands and (command := _make(looked)):
        commands.append(command)
    return tuple(commands)


@dataclass(frozen=True)
class _Folder:
    files: Files

    def has(self, path: str) -> bool:
        try:
            return self.files.stat(path) is not None
        except Refused:
            return False

    def text(self, path: str) -> str:
        """Empty when it isn't there, or can't be read."""
        try:
            return self.files.read(path, limit=_READ).decode(errors="replace")
        except Refused:
            return ""

    def names(self, path: str = ".") -> list[str]:
        try:
            return [name for name, _ in self.files.names(path)]
        except Refused:
            return []


def _python(folder: _Folder) -> str | None:
    settings = _toml(folder.text("pyproject.toml"))
    pytest = _within(settings, "tool", "pytest", "ini_options") or _within(settings, "tool", "pytest")
    said = bool(pytest) or folder.has("pytest.ini") or folder.has("conftest.py") or folder.has("tests/conftest.py")
    said = said or "[tool:pytest]" in folder.text("setup.cfg") or "[pytest]" in folder.text("tox.ini")
    places = [place for place in (".", "tests", "test") if place == "." or folder.has(place)]
    tests = [f"{place}/{name}" for place in places for name in folder.names(place) if _TEST_FILE.fullmatch(name)]
    deep = any(_has_tests_below(folder, place) for place in places if place != ".")
    if not (said or tests or deep):
        return None
    source = "PYTHONPATH=src " if folder.has("src") and "pythonpath" not in pytest else ""
    if said or deep or any("unittest" not in folder.text(path) for path in tests):
        return f"{source}python -m pytest -q"
    where = tests[0].rpartition("/")[0]
    return f"{source}python -m unittest discover -s {where}" if where != "." else f"{source}python -m unittest"


def _has_tests_below(folder: _Folder, place: str) -> bool:
    """Test files one folder further down."""
    below = [name for name in folder.names(place) if not name.startswith((".", "__"))]
    return any(
        name.startswith("test_") and name.endswith(".py")
        for inner in below
        for name in folder.names(f"{place}/{inner}")
    )


def _node(folder: _Folder) -> str | None:
    try:
        said = json.loads(folder.text("package.json") or "{}")
    except (ValueError, RecursionError):
        return None
    test = _within(said, "scripts").get("test")
    return "npm test" if isinstance(test, str) and test.strip() and "no test specified" not in test else None


def _cargo(folder: _Folder) -> str | None:
    return "cargo test --quiet" if folder.has("Cargo.toml") else None


def _go(folder: _Folder) -> str | None:
    return "go test ./..." if folder.has("go.mod") else None


def _make(folder: _Folder) -> str | None:
    for name in ("GNUmakefile", "makefile", "Makefile"):
        targets = re.findall(r"^([\w ./\t-]+):(?!=)", folder.text(name), re.MULTILINE)
        named = {target for line in targets for target in line.split()}
        for target in ("test", "tests", "check"):
            if target in named:
                return f"make {target}"
    return None


def _toml(text: str) -> dict[str, object]:
    if any(line.count(".") > _DOTS for line in text.splitlines()):
        return {}
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _within(settings: object, *names: str) -> dict[str, object]:
    """A table in tables, empty where there is none; it is anyone's, so anything may be in its place."""
    for name in names:
        settings = cast("dict[str, object]", settings).get(name) if isinstance(settings, dict) else None
    return cast("dict[str, object]", settings) if isinstance(settings, dict) else {}


class _Tail:
    """Keeps the end of an output, and shows its beginning as it comes."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._kept = b""
        self._cut = False
        self._left = SHOWN

    def __call__(self, data: bytes) -> None:
        self._cut = self._cut or len(self._kept) + len(data) > TAIL
        self._kept = (self._kept + data[-TAIL:])[-TAIL:]
        shown, self._left = data[: self._left], max(self._left - len(data), 0)
        if text := self._decoder.decode(shown):
            self._show(text)

    @property
    def text(self) -> str:
        return ("…" if self._cut else "") + self._kept.decode(errors="replace")


class _Head:
    """Keeps the beginning of an output, and what tells the whole from others."""

    def __init__(self) -> None:
        self._kept = b""
        self._size = 0
        self._digest = hashlib.sha256()

    def __call__(self, data: bytes) -> None:
        self._kept += data[: HEAD - len(self._kept)]
        self._size += len(data)
        self._digest.update(data)

    @property
    def text(self) -> str:
        text = self._kept.decode(errors="replace")
        whole = f"\n… of {self._size:,} bytes, SHA-256 {self._digest.hexdigest()[:16]}"
        return text + whole if self._size > HEAD else text


async def run(
    box: Box, commands: Sequence[str], cwd: Path, show: Callable[[str], None], *, seconds: float = SECONDS
) -> tuple[Check, ...]:
    """Runs each command by the shell, one after another, each up to `seconds`; all of them, whatever came of the first.

    `show` gets its beginning as it comes. A command that was ended by us has status None, and its output says why.
    """
    checks: list[Check] = []
    for command in commands:
        tail = _Tail(show)
        ended = await box.run(["sh", "-c", command], sink=tail, seconds=seconds, cwd=cwd, env=_ENV)
        checks.append(
            Check(
                command=command,
                status=ended.status,
                seconds=round(ended.seconds, 3),
                output=tail.text + _why(ended, seconds),
            )
        )
    return tuple(checks)


async def probe(box: Box, commands: Sequence[str], cwd: Path, *, seconds: float = PROBE_SECONDS) -> tuple[Probe, ...]:
    """Runs each command as `run` does. Where it names `cwd`, which is another for each result, it
    says `.` instead.
    """
    probes: list[Probe] = []
    for command in commands:
        head = _Head()
        ended = await box.run(["sh", "-c", command], sink=head, seconds=seconds, cwd=cwd, env=_ENV)
        said = head.text.replace(str(cwd), ".") + _why(ended, seconds)
        probes.append(Probe(command=command, status=ended.status, output=said))
    return tuple(probes)


def _why(ended: Exit, seconds: float) -> str:
    return {"": "", "time": f"\nEnded: it took longer than {seconds:.0f} seconds."}.get(ended.why, f"\n{ended.why}")
