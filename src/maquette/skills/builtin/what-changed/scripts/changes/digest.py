"""The digest: which lines of the history stand for it, and in what order. All is quoted, nothing is made up."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from .history import Commit, Tag

ROOT = "(top folder)"
_WORTH_A_LOOK = re.compile(
    r"\b(breaking|security|cve-\d|vulnerab\w*|revert\w*|migrat\w*|deprecat\w*|drop(s|ped)? support)|^\w+(\([^)]*\))?!:",
    re.IGNORECASE,
)
_DULL = re.compile(r"^(merge\b|wip\b|fixup!|squash!|bump |typo|whitespace|format|lint)", re.IGNORECASE)


@dataclass
class Churn:
    """How often and how much something changed, and the newest commit that did it."""

    name: str
    commits: int = 0
    added: int = 0
    removed: int = 0
    last: str = ""

    @property
    def lines(self) -> int:
        return self.added + self.removed


@dataclass
class Area:
    """A folder and what was said of changes that are mostly in it, weightiest first."""

    name: str
    commits: list[Commit]
    churn: Churn


@dataclass
class Digest:
    commits: list[Commit]
    merges: list[Commit]
    tags: list[Tag]
    areas: list[Area]
    files: list[Churn]
    people: list[Churn]
    born: list[tuple[str, str]]
    """Files that came and are still there: path, commit."""
    gone: list[tuple[str, str]]
    notable: list[Commit]
    total: Churn = field(default_factory=lambda: Churn("all"))


def make(commits: Sequence[Commit], tags: Sequence[Tag]) -> Digest:
    """`commits` newest first."""
    plain = [c for c in commits if not c.is_merge]
    shorts = {c.short for c in commits}
    total, files, people = Churn("all"), dict[str, Churn](), dict[str, Churn]()
    for commit in plain:
        _count(people.setdefault(commit.author, Churn(commit.author)), commit, commit.files)
        _count(total, commit, commit.files)
        for change in commit.files:
            _count(files.setdefault(change.path, Churn(change.path)), commit, [change])
    born, gone = _came_and_went(plain)
    return Digest(
        plain,
        [c for c in commits if c.is_merge],
        [t for t in tags if t.short in shorts],
        _areas(plain),
        sorted(files.values(), key=lambda f: (-f.commits, -f.lines, f.name)),
        sorted(people.values(), key=lambda p: (-p.commits, -p.lines, p.name)),
        born,
        gone,
        [c for c in plain if _WORTH_A_LOOK.search(c.subject) or "BREAKING CHANGE" in c.body],
        total,
    )


def _count(churn: Churn, commit: Commit, changes: Sequence[object]) -> None:
    churn.commits += 1
    churn.last = churn.last or commit.short
    for change in changes:
        churn.added += getattr(change, "added", 0)
        churn.removed += getattr(change, "removed", 0)


def _came_and_went(commits: Sequence[Commit]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The first and the last thing that happened to a file tell: added and kept, or there before and removed."""
    first: dict[str, tuple[str, str]] = {}
    last: dict[str, tuple[str, str]] = {}
    for commit in reversed(commits):
        for change in commit.files:
            first.setdefault(change.path, (change.status, commit.short))
            last[change.path] = (change.status, commit.short)
    born = sorted((p, c) for p, (s, c) in first.items() if s == "A" and last[p][0] != "D")
    gone = sorted((p, c) for p, (s, c) in last.items() if s == "D" and first[p][0] != "A")
    return born, gone


def _areas(commits: Sequence[Commit]) -> list[Area]:
    """By folder: one level down, and further where nearly everything lies in one."""
    weights: Counter[PurePosixPath] = Counter()
    for commit in commits:
        for change in commit.files:
            weights[PurePosixPath(change.path).parent] += change.added + change.removed + 1
    split = _split(weights)
    grouped: dict[str, list[Commit]] = defaultdict(list)
    for commit in commits:
        shares: Counter[str] = Counter()
        for change in commit.files:
            # Files weigh more than lines: one data file doesn't outweigh the code that came with it.
            shares[_area(change.path, split)] += 200 + min(change.added + change.removed, 200)
        grouped[shares.most_common(1)[0][0] if shares else ROOT].append(commit)
    areas: list[Area] = []
    for name, members in grouped.items():
        churn = Churn(name)
        for commit in members:
            _count(churn, commit, commit.files)
        areas.append(Area(name, sorted(members, key=_rank), churn))
    return sorted(areas, key=lambda a: (-len(a.commits), -a.churn.lines, a.name))


def _split(weights: Counter[PurePosixPath]) -> set[PurePosixPath]:
    """Folders that are told apart by what lies in them."""
    split = {PurePosixPath()}
    for _ in range(4):
        below: Counter[PurePosixPath] = Counter()
        for folder, weight in weights.items():
            below[PurePosixPath(_area(f"{folder}/x", split))] += weight
        folder, weight = max(below.items(), key=lambda item: item[1], default=(PurePosixPath(), 0))
        deeper = any(folder in other.parents for other in weights)
        if weight * 2 <= below.total() or not deeper or str(folder) == ROOT:
            break
        split.add(folder)
    return split


def _area(path: str, split: set[PurePosixPath]) -> str:
    folders = list(reversed(PurePosixPath(path).parents))
    found = folders[0]
    for folder in folders[1:]:
        if found not in split:
            break
        found = folder
    return ROOT if found == PurePosixPath() else str(found)


def _rank(commit: Commit) -> tuple[bool, bool, int]:
    """What a reader should see first: notable, not dull, large."""
    return not _WORTH_A_LOOK.search(commit.subject), bool(_DULL.match(commit.subject)), -commit.lines


def path_in(text: str) -> str:
    """A path as code, made as harmless."""
    line = "".join(c if unicodedata.category(c)[0] != "C" and c not in "`|" else "?" for c in text)
    return f"`{line if len(line) <= 200 else '…' + line[-199:]}`"


def plain(text: str, most: int = 140) -> str:
    """One line of others' words, made harmless: no control characters, no markup that draws, links or hides."""
    line = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)
    line = " ".join(line.split())
    line = line if len(line) <= most else line[: most - 1] + "…"
    return re.sub(r"([\\`*_\[\]<>|!#])", r"\\\1", line)
