"""What git knows of a stretch of history. Only reads, and lets nothing of the repo's settings run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path

_SAFE = (
    "--no-pager", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null",
    "-c", "core.quotePath=false", "-c", "log.showSignature=false", "-c", "color.ui=false",
    "-c", "core.attributesFile=/dev/null", "-c", "protocol.allow=never",
)  # fmt: skip
_DIFF = ("--no-ext-diff", "--no-textconv", "--no-renames", "--no-color")
_FORMAT = "%x01%H%x02%h%x02%P%x02%aN%x02%cI%x02%s%x02%b%x03"
MOST = 20_000


class NoHistory(Exception):
    """Why there is nothing to read, as a sentence."""


@dataclass(frozen=True)
class FileChange:
    """`status` is git's letter: A, M, D, T. Lines are 0 for binary files."""

    path: str
    status: str
    added: int
    removed: int


@dataclass
class Commit:
    hash: str
    short: str
    parents: list[str]
    author: str
    when: datetime
    subject: str
    body: str
    files: list[FileChange] = field(default_factory=list[FileChange])

    @property
    def is_merge(self) -> bool:
        return len(self.parents) > 1

    @property
    def lines(self) -> int:
        return sum(f.added + f.removed for f in self.files)


@dataclass(frozen=True)
class Tag:
    name: str
    short: str
    """Of the commit that it names."""
    when: datetime
    subject: str


class Repo:
    """A git repo at a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if self._try("rev-parse", "--git-dir") is None:
            raise NoHistory(f"{folder.name or folder} is no git repo (or git can't read it).")
        if self.commit("HEAD") is None:
            raise NoHistory("This repo has no commits yet.")

    def _run(self, *args: str) -> subprocess.CompletedProcess[bytes]:
        env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        env |= {"GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8"}
        try:
            return subprocess.run(["git", *_SAFE, *args], cwd=self.folder, env=env, capture_output=True, check=False)
        except OSError:
            raise NoHistory("git isn't installed here.") from None

    def _try(self, *args: str) -> str | None:
        done = self._run(*args)
        return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else None

    def commit(self, name: str) -> str | None:
        """The full hash of what a name stands for; None when it is no commit."""
        if name.startswith("-"):
            return None
        return self._try("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")

    def last_release(self) -> str | None:
        """The commit of the newest tag that the history holds."""
        name = self._try("describe", "--tags", "--abbrev=0", "HEAD^") or self._try("describe", "--tags", "--abbrev=0")
        return self.commit(name) if name else None

    @property
    def is_shallow(self) -> bool:
        return self._try("rev-parse", "--is-shallow-repository") == "true"

    def commits(self, since: str | None, until: str, start: date | None, end: date | None) -> list[Commit]:
        """Newest first: those reachable from `until`, not from `since`, committed in [start, end)."""
        ends = [f"--until={_moment(end)}"] if end else []
        span = [until, f"^{since}"] if since else [until]
        args = ("log", "-z", "--raw", "--numstat", f"--max-count={MOST}", f"--format={_FORMAT}", *_DIFF, *ends)
        # Before git 2.37 there was only --since, which stops at the first commit that is older.
        starts = [f"--since-as-filter={_moment(start)}"] if start else []
        done = self._run(*args, *starts, "--end-of-options", *span, "--")
        if done.returncode and start:
            done = self._run(*args, f"--since={_moment(start)}", "--end-of-options", *span, "--")
        if done.returncode:
            raise NoHistory(f"git could not read the history: {done.stderr.decode('utf-8', 'replace').strip()[:200]}")
        found = list(_parsed(done.stdout.decode("utf-8", "replace")))
        # --until looks at whole seconds and includes its own; a day's end belongs to the next day.
        return [c for c in found if _within(c.when, start, end)]

    def tags(self) -> list[Tag]:
        fields = (
            "refname:short",
            "objectname:short",
            "*objectname:short",
            "creatordate:iso-strict",
            "contents:subject",
        )
        form = "%00".join(f"%({field})" for field in fields)
        text = self._try("for-each-ref", "refs/tags", "--sort=creatordate", f"--format={form}") or ""
        rows = [line.split("\0") for line in text.splitlines()]
        return [Tag(r[0], r[2] or r[1], datetime.fromisoformat(r[3]), r[4]) for r in rows if len(r) == 5 and r[3]]


def _moment(day: date) -> str:
    return datetime.combine(max(day, date(1970, 1, 2)), time()).astimezone().isoformat()


def _within(when: datetime, start: date | None, end: date | None) -> bool:
    day = when.astimezone().date()
    return (start is None or day >= start) and (end is None or day < end)


def _parsed(text: str) -> Iterator[Commit]:
    current: Commit | None = None
    status: dict[str, str] = {}
    tokens = iter(text.split("\0"))
    for token in tokens:
        token = token.lstrip("\n")
        if "\x01" in token:
            if current is not None:
                yield current
            head, _, rest = token.rpartition("\x01")[2].partition("\x03")
            fields = head.split("\x02")
            current, status = _commit(fields), {}
            token = rest.lstrip("\n")
        if token.startswith(":"):
            status[next(tokens, "")] = token.rsplit(" ", 1)[-1][:1]
        elif token.count("\t") >= 2 and current is not None:
            added, removed, path = token.split("\t", 2)
            change = FileChange(path, status.get(path, "M"), _number(added), _number(removed))
            current.files.append(change)
    if current is not None:
        yield current


def _commit(fields: list[str]) -> Commit:
    whole, short, parents, author, when, subject, body = (fields + [""] * 7)[:7]
    return Commit(whole, short, parents.split(), author, datetime.fromisoformat(when), subject, body)


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0
