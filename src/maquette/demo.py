"""The demonstration: a real task on a real repo, from the asking to the merge, with the commands a person would type.

Nothing here knows more than the command line does: each step is one of its commands, shown before it is done.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from maquette import cli
from maquette.cli import endings, screen
from maquette.cli.endings import Failed
from maquette.cli.following import follow
from maquette.cli.link import Json, Link
from maquette.cli.run import start
from maquette.cli.screen import short
from maquette.cli.telling import Teller
from maquette.samples.shop import make_sample
from maquette.settings import APPRENTICE, settings

TASK = "delete the dead code"
SHEET = "make a spreadsheet of the files in data"
SHOWN = 24
"""Lines of a diff that are shown before a person asks for more."""


class Demo:
    """One showing, in a project folder of its own."""

    def __init__(self, link: Link, project: Path, *, own: bool) -> None:
        self.link, self.project, self.own = link, project, own
        self.out = screen.out()

    def say(self, text: str) -> None:
        self.out.line()
        self.out.line((text, "bold"))

    def typed(self, *words: str) -> None:
        self.out.line(("$ ", "dim"), (f"maquette {shlex.join(words)}", "cyan"))
        self.out.flush()

    def run(self, task: str, *, mode: str, model: str | None) -> Json:
        """Hand a task over and follow it; how it ended, and what came of it."""
        self.typed("run", task, "--project", str(self.project), "--mode", mode)
        new = {"text": task, "project": str(self.project), "mode": mode, "model": model}
        sent = start(self.link, new)
        self.out.line(("thread ", "dim"), (short(sent["thread"]), "bold"))
        teller = Teller(self.out, sent["turn"])
        status = follow(self.link, sent, as_json=False, teller=teller)
        while status == endings.WAITS and self.own and self._approve(sent["thread"]):
            status = follow(self.link, sent | {"cursor": self._cursor(sent)}, as_json=False, teller=teller)
        if status != endings.DONE:
            raise Failed(
                f"The demo ends here: the task did not come to a good end ({self.project} is as it was).", status
            )
        return sent

    def _approve(self, thread: str) -> bool:
        """With no sandbox each command waits. Those of the demo's own script, on its own sample, are let through."""
        waiting = [w["asked"] for w in self.link.get("/waits", thread=thread) if w["asked"]["type"] == "approval.asked"]
        for asked in waiting:
            self.out.line(("The demo approves this itself, as it is its own script on its own sample.", "yellow"))
            self.link.post(f"/threads/{thread}/approve", {"digest": asked["digest"], "call": asked["call"]})
        return bool(waiting)

    def _cursor(self, sent: Json) -> int:
        """Behind the wait that was just settled."""
        entries = self.link.get(f"/threads/{sent['thread']}/entries")["entries"]
        return max(e["cursor"] for e in entries if e["event"]["type"] == "turn.waiting")

    def diff(self, thread: str, lines: Sequence[str]) -> None:
        """Its beginning; the rest is one command away."""
        self.typed("diff", short(thread))
        for line in lines[:SHOWN]:
            self.out.line((line, {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")))
        if len(lines) > SHOWN:
            self.out.line((f"… and {len(lines) - SHOWN} lines more", "dim"))

    def lines(self) -> int:
        """Lines of Python in the project."""
        return sum(
            len(path.read_text(errors="replace").splitlines())
            for path in self.project.rglob("*.py")
            if not any(part.startswith(".") for part in path.relative_to(self.project).parts)
        )

    def show(self, task: str, model: str | None) -> str:
        """The thread it was done in."""
        self.say(f"{self.project} holds {self.lines()} lines of Python. The task: {task}")
        before, sent = self.lines(), self.run(task, mode="worktree", model=model)
        diff = self.link.get(f"/threads/{sent['thread']}/result")["diff"].splitlines()
        if not diff:
            self.say("Nothing differs, so there is nothing to merge.")
            return sent["thread"]
        self.say("This is what it would change. Your own folder is untouched so far.")
        self.diff(sent["thread"], diff)
        self.say("Take it: the one moment at which your own repo is written to.")
        self.typed("merge", short(sent["thread"]))
        if status := cli.main(["merge", sent["thread"]]):
            raise Failed("The demo ends here: the result was not merged.", status)
        self.out.line(f"Lines of Python: {before} before, {self.lines()} now.")
        return sent["thread"]

    def sheet(self) -> None:
        self.say("Now something without code: a spreadsheet of what lies in data/, made in place.")
        self.run(SHEET, mode="local", model=APPRENTICE)
        for made in sorted(self.project.rglob("*.xlsx")):
            self.out.line(f"Made: {made} ({made.stat().st_size:,} bytes)")

    def leave_open(self, thread: str) -> bool:
        """Its page, for a person who is there. Whether the base is to stay up for that."""
        if not (sys.stdin.isatty() and self.out.live) or os.environ.get("CI"):
            return False
        self.say("All of it is in your browser too. The base stays up for that; `maquette down` ends it.")
        self.typed("open", short(thread))
        return cli.main(["open", thread]) == endings.DONE


def fresh(name: str) -> Path:
    """A folder that isn't there yet, below ~/maquette-demo."""
    home = Path.home() / "maquette-demo"
    home.mkdir(exist_ok=True)
    number, folder = 1, home / name
    while folder.exists():
        number += 1
        folder = home / f"{name}-{number}"
    return folder


def copied(repo: Path) -> Path:
    """A copy of a person's repo, so that the demo touches nothing of theirs."""
    if not (repo / ".git").exists():
        raise Failed(f"{repo} is no git repo with files in it. Name the folder that holds its .git.")
    folder = fresh(repo.resolve().name)
    shutil.copytree(repo, folder, symlinks=True)
    return folder


def main(args: argparse.Namespace) -> int:
    """`args.repo` and `args.task` as the command line has them. Returns an exit status."""
    if shutil.which("git") is None:
        raise Failed("The demo needs git, and there is none: sudo apt-get install git")
    link = Link(settings())
    was_up = link.up()
    own = not args.repo
    if own:
        project = fresh("bookshop")
        make_sample(project)
    else:
        project = copied(Path(args.repo).expanduser())
    demo = Demo(link, project, own=own)
    model = None if args.task else APPRENTICE
    demo.say("Maquette's demo. It needs no model: the apprentice works by rule, and says so.")
    stays = was_up
    try:
        tier = link.get("/health")["tier"]
        demo.out.line((f"What it runs is held by a sandbox of tier {tier}; `maquette doctor` says more.", "dim"))
        thread = demo.show(args.task or TASK, model)
        if own:
            demo.sheet()
        demo.say("Try next:")
        for words in (
            f"cd {project}",
            "maquette run 'what changed in this repo last month'",
            "maquette open",
            "maquette doctor",
        ):
            demo.out.line(f"  {words}")
        demo.out.line((f"(`maquette` is {Path(sys.argv[0]).absolute()})", "dim"))
        stays = demo.leave_open(thread) or was_up
        return endings.DONE
    except Failed as failed:
        if failed.code == "no-commit" and not own:
            raise Failed(f"{args.repo} has no commit yet: make a first one (`git add -A && git commit`).") from failed
        raise
    finally:
        if not stays and link.up():
            cli.main(["down"])
