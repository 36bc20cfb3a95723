"""The project's own checks, and a place to run them where nothing is at stake."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .tree import Tree, is_test

UNDO = ".dead-code-undo"
_LARGEST_COPY = 512 << 20
_NOT_COPIED = {".git", "__pycache__", ".pytest_cache", ".ruff_cache", ".mypy_cache", ".hypothesis", UNDO}


@dataclass(frozen=True)
class Outcome:
    """How a run of all checks ended; `output` is the end of what the failing one printed."""

    passed: bool
    command: str
    output: str
    seconds: float


@dataclass
class Checks:
    """Commands that must all exit with 0, run by the shell in the project's root."""

    commands: Sequence[str]
    limit: float
    """Seconds for all of them together."""
    runs: int = 0

    def run(self, root: Path) -> Outcome:
        """A check that runs out of time has failed; its whole process group is ended."""
        self.runs += 1
        start = time.monotonic()
        for command in self.commands:
            left = self.limit - (time.monotonic() - start)
            status, output = _run(command, root, max(left, 1))
            if status != 0:
                return Outcome(False, command, output, time.monotonic() - start)
        return Outcome(True, "", "", time.monotonic() - start)


def _run(command: str, root: Path, seconds: float) -> tuple[int | None, str]:
    paths = [str(root / "src")] if (root / "src").is_dir() else []
    paths += [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p]
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": os.pathsep.join(paths)}
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            ["sh", "-c", command], cwd=root, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
        status: int | None = None
        try:
            status = process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass
        finally:
            _end(process)
        output.seek(max(0, output.seek(0, os.SEEK_END) - 4000))
        text = output.read().decode("utf-8", "replace")
    return status, text if status is not None else f"{text}\n(ended after {seconds:.0f} s)"


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def find_checks(tree: Tree) -> list[str]:
    """Commands that look like the project's checks; empty when none do."""
    root = tree.root
    tests = [p for p in tree.python if is_test(p) and re.search(r"(^|/)(test_[^/]*|[^/]*_test|tests)\.py$", p)]
    python = next(
        (p for p in (root / ".venv/bin/python", root / "venv/bin/python") if p.exists()), Path(sys.executable)
    )
    unittest = tests and all(b"pytest" not in tree.python[p] for p in tests)
    if tests and _has_pytest(python):
        return [f"{_quoted(python)} -m pytest -q -x -p no:cacheprovider"]
    if tests and unittest and any(b"unittest" in tree.python[p] for p in tests):
        return [f"{_quoted(python)} -m unittest discover -q"]
    makefile = root / "Makefile"
    if makefile.is_file():
        targets = re.findall(r"^(test|check)\s*:", makefile.read_text("utf-8", "replace"), re.M)
        if targets:
            return [f"make {'test' if 'test' in targets else 'check'}"]
    return ["tox -q"] if (root / "tox.ini").is_file() and shutil.which("tox") else []


def _has_pytest(python: Path) -> bool:
    if python == Path(sys.executable):
        return importlib.util.find_spec("pytest") is not None
    return subprocess.run([python, "-c", "import pytest"], capture_output=True, check=False).returncode == 0


def _quoted(python: Path) -> str:
    return "'" + str(python).replace("'", "'\\''") + "'"


class Bench(Protocol):
    """Where a state of the files is tried before it is kept."""

    @property
    def root(self) -> Path: ...

    @property
    def name(self) -> str: ...

    def put(self, before: dict[str, bytes], after: dict[str, bytes]) -> None:
        """Makes the files there be `after`, which now are `before`."""
        ...

    def accept(self, before: dict[str, bytes], after: dict[str, bytes]) -> None:
        """`after`, which is on the bench, passed: the project's files become so."""
        ...

    def close(self) -> None: ...


class Copy:
    """A copy of the tree: the project's own files only ever hold what has passed."""

    name = "in a copy of the project"

    def __init__(self, project: Path) -> None:
        self.project = project
        self.folder = Path(tempfile.mkdtemp(prefix="dead-code-"))
        self.root = self.folder / project.resolve().name
        try:
            _copy(project, self.root)
        except BaseException:
            self.close()
            raise

    def put(self, before: dict[str, bytes], after: dict[str, bytes]) -> None:
        write(self.root, before, after)

    def accept(self, before: dict[str, bytes], after: dict[str, bytes]) -> None:
        write(self.project, before, after)

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


class InPlace:
    """The project itself, for checks that only work there. What is being tried is noted beside it first, so
    that after a crash the next run puts it back.
    """

    name = "in the project itself, since the checks don't work in a copy"

    def __init__(self, project: Path) -> None:
        self.root = project
        self.undo = project / UNDO

    def put(self, before: dict[str, bytes], after: dict[str, bytes]) -> None:
        if not self.undo.exists():
            changed = {p: d for p, d in before.items() if after.get(p) != d}
            partial = self.undo.with_name(UNDO + ".partial")
            shutil.rmtree(partial, ignore_errors=True)
            for path, data in changed.items():
                (partial / path).parent.mkdir(parents=True, exist_ok=True)
                (partial / path).write_bytes(data)
            partial.mkdir(exist_ok=True)
            partial.rename(self.undo)
            write(self.root, before, after)
        else:
            write(self.root, before, after)
            shutil.rmtree(self.undo)

    def accept(self, before: dict[str, bytes], after: dict[str, bytes]) -> None:
        shutil.rmtree(self.undo, ignore_errors=True)

    def close(self) -> None:
        restore(self.root)


def restore(project: Path) -> list[str]:
    """Puts back what an interrupted run left untried; returns the files."""
    undo = project / UNDO
    shutil.rmtree(undo.with_name(UNDO + ".partial"), ignore_errors=True)
    if not undo.is_dir():
        return []
    files = {p.relative_to(undo).as_posix(): p.read_bytes() for p in undo.rglob("*") if p.is_file()}
    write(project, {}, files)
    shutil.rmtree(undo)
    return sorted(files)


def write(root: Path, before: dict[str, bytes], after: dict[str, bytes]) -> None:
    """Each file atomically: whoever reads sees the one or the other."""
    for path, data in after.items():
        if before.get(path) == data:
            continue
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".dead-code-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            if target.exists():
                shutil.copymode(target, name)
            else:
                Path(name).chmod(0o644)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    for path in before.keys() - after.keys():
        (root / path).unlink(missing_ok=True)


def _copy(project: Path, to: Path) -> None:
    size = 0

    def ignore(folder: str, names: list[str]) -> set[str]:
        nonlocal size
        here = Path(folder)
        skipped = {n for n in names if n in _NOT_COPIED}
        for name in set(names) - skipped:
            path = here / name
            if path.is_dir() and ((path / "pyvenv.cfg").exists() or name == "node_modules"):
                links.append(path.relative_to(project))
                skipped.add(name)
            elif not path.is_symlink() and path.is_file():
                size += path.stat().st_size
            elif not path.is_symlink() and not path.is_dir():
                skipped.add(name)
        if size > _LARGEST_COPY:
            raise OSError("the project is too large to copy")
        return skipped

    links: list[Path] = []
    shutil.copytree(project, to, symlinks=True, ignore=ignore)
    for link in links:
        (to / link).symlink_to(project.resolve() / link)
