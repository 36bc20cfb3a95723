"""Does one thing to trees in a process that is killed before its Nth step, where it is told so.

A step is a command in a box, or a move in the file system by Python itself. The server forks for each request, so that
nothing is imported twice: a line of JSON in, one out.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from house.stepping import SteppingSandbox
from maquette.domain.errors import Refused
from maquette.domain.projects import Project
from maquette.domain.threads import Mode
from maquette.workspace import Workspace, locks
from maquette.workspace.files import BeneathFiles
from seams.boxes import best


@dataclass(frozen=True)
class Case:
    """What is acted on. `local` is a thread that works in place."""

    root: str
    described: str
    thread: str
    local: str
    base: str
    result: str
    before: str = ""
    """What the folder held when `local` began."""
    child: str = ""
    made: str = ""
    """What a child that began with `result` made."""

    @property
    def project(self) -> Project:
        return Project.model_validate_json(self.described)

    @property
    def workspace(self) -> Workspace:
        return Workspace(Path(self.root, "state"), best())


def _write(files: BeneathFiles) -> None:
    files.write("tool.txt", b"by a tool\n")


def _move(files: BeneathFiles) -> None:
    files.move("tool.txt", "moved/tool.txt")


def _remove(files: BeneathFiles) -> None:
    files.remove("tool.txt")


async def _in(folder: str | Path, act: Callable[[BeneathFiles], None]) -> None:
    act(BeneathFiles(Path(folder)))


ACTS: Mapping[str, Callable[[Workspace, Case], Awaitable[object]]] = {
    "make_tree": lambda w, c: w.make_tree(c.thread, c.project, c.base),
    "branch_off": lambda w, c: w.branch_off(c.thread, c.project, c.result),
    "take": lambda w, c: w.take(c.thread, c.child, c.made),
    "take in place": lambda w, c: w.take(c.local, c.thread, c.result),
    "begin": lambda w, c: w.begin(c.local, c.project),
    "glance": lambda w, c: w.glance(c.thread),
    "keep": lambda w, c: w.keep(c.thread, "turn", c.project, Mode.WORKTREE),
    "keep in place": lambda w, c: w.keep(c.local, "turn", c.project, Mode.LOCAL),
    "restore": lambda w, c: w.restore(c.thread, c.base, "undo"),
    "restore in place": lambda w, c: w.restore(c.local, c.before, "undo"),
    "remove": lambda w, c: w.remove(c.thread, c.project),
    "remove in place": lambda w, c: w.remove(c.local, c.project),
    "remake_tree": lambda w, c: w.remake_tree(c.thread, c.project),
    "merge": lambda w, c: w.merge(c.thread, c.project, c.result, "a merge"),
    "fold": lambda w, c: w.fold(c.project, c.base, c.result, c.made),
    "check_merge": lambda w, c: w.check_merge(c.thread, c.project, c.result),
    "recover": lambda w, c: w.recover(c.project),
    "write": lambda w, c: _in(w.tree(c.thread), _write),
    "write in place": lambda w, c: _in(c.project.path, _write),
    "move": lambda w, c: _in(w.tree(c.thread), _move),
    "move in place": lambda w, c: _in(c.project.path, _move),
    "remove a file": lambda w, c: _in(w.tree(c.thread), _remove),
    "remove a file in place": lambda w, c: _in(c.project.path, _remove),
}


class Steps:
    """Counts, and dies before the `last`."""

    def __init__(self, root: str, last: int) -> None:
        self._root = root
        self._last = last
        self.taken: list[str] = []

    def take(self, what: str) -> None:
        if len(self.taken) == self._last:
            os.kill(os.getpid(), signal.SIGKILL)
        self.taken.append(what)

    async def run(self, argv: Sequence[str]) -> None:
        """What comes before a command."""
        self.take(" ".join(argv[:4]))

    def heard(self, event: str, args: tuple[Any, ...]) -> None:
        """Of what Python does to files below the root, or to names in an open folder."""
        moves = event in ("os.rename", "os.remove", "os.rmdir", "os.link", "os.mkdir", "os.truncate")
        writes = event == "open" and bool(args[2] & (os.O_WRONLY | os.O_RDWR))
        if (moves or writes) and isinstance(args[0], str) and (args[0].startswith(self._root) or args[0][:1] != "/"):
            self.take(f"{event} {args[0]}")


async def _act(act: str, case: Case, steps: Steps) -> str:
    try:
        await ACTS[act](Workspace(Path(case.root, "state"), SteppingSandbox(lambda _: steps.run)), case)
    except Refused as refused:
        return refused.code
    return "done"


def serve() -> None:
    """Until its input ends. Nothing in the table ends another git's work, so waiting for it is kept short."""
    locks.WAITS = (0.01,)
    for line in sys.stdin:
        asked = json.loads(line)
        source, sink = os.pipe()
        child = os.fork()
        if child == 0:
            case, steps = Case(**asked["case"]), Steps(asked["case"]["root"], asked["last"])
            sys.addaudithook(steps.heard)
            ended = asyncio.run(_act(asked["act"], case, steps))
            os.write(sink, json.dumps({"ended": ended, "steps": steps.taken}).encode())
            os._exit(0)
        os.close(sink)
        with os.fdopen(source, "rb") as told:
            said = told.read()
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        answer = json.loads(said) if said else {"ended": "killed" if status == -signal.SIGKILL else "failed"}
        print(json.dumps(answer), flush=True)  # noqa: T201


class Dying:
    """The server, from the outside."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "faults.dying"],
            cwd=Path(__file__).parents[1],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def act(self, act: str, case: Case, last: int = -1) -> tuple[str, list[str]]:
        """How it ended ("done", a code of `Refused`, "killed"), and the steps it took, where it lived."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"act": act, "case": asdict(case), "last": last}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert answer["ended"] != "failed", f"{act}: it broke; see its standard error"
        return answer["ended"], answer.get("steps", [])

    def close(self) -> None:
        assert self._process.stdin is not None
        with self._process:
            self._process.stdin.close()
            self._process.wait(20)


if __name__ == "__main__":
    serve()
