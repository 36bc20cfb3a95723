"""Where a thread works, and where the base keeps what belongs to it."""

from __future__ import annotations

import re
from pathlib import Path

from maquette.domain.errors import Bug, Refused
from maquette.domain.labels import Fact
from maquette.domain.threads import Mode

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")


class Place(Fact):
    """Where a thread works: `work` is its own tree, or the person's folder. `base` is a commit in the store."""

    thread: str
    project: str
    mode: Mode
    work: Path
    base: str
    branch: str | None = None
    left_out: int = 0
    remade: tuple[str, str] | None = None
    """The rescue ref and its commit, where the tree was made again from one."""


class Layout:
    """The workspace's part of the state folder: `projects/ID/store.git` and `trees/THREAD`."""

    def __init__(self, state: Path) -> None:
        self.state = state.resolve()

    def store(self, project: str) -> Path:
        return self.state / "projects" / _checked(project) / "store.git"

    def lock(self, project: str) -> Path:
        """Held while its store is fed, or a result of its merged."""
        return self.store(project).with_name("lock")

    def note(self, project: str) -> Path:
        """Of a merge that is under way."""
        return self.store(project).with_name("landing.json")

    @property
    def exhibits(self) -> Path:
        """Where results are laid out to be looked at, for as long as that takes."""
        return self.state / "exhibits"

    def home(self, thread: str) -> Path:
        return self.state / "trees" / _checked(thread)

    def tree(self, thread: str) -> Path:
        return self.home(thread) / "work"

    def index_lock(self, thread: str) -> Path:
        """Held while we look at its folder through the index."""
        return self.home(thread).with_suffix(".lock")

    def index(self, thread: str) -> Path:
        """Ours, outside of what the agent can write: it can't make us overlook a change.

        In a folder of its own: git makes its lock beside it, and could not in one that holds a tree which it may only
        read, where a sandbox can't take from a folder what it gave to the one around it.
        """
        return self.home(thread) / "staged" / "index"

    def scratch(self, thread: str) -> Path:
        """For what is read out of its tree's own repo."""
        return self.index(thread).with_name("scratch")

    def place(self, thread: str) -> Place:
        """Raises `Refused` when the thread has none."""
        found = self.find(thread)
        if found is None:
            raise Refused(f"Thread {thread} has no work tree: it was removed, or never made.", code="no-tree")
        return found

    def find(self, thread: str) -> Place | None:
        path = self.home(thread) / "place.json"
        return Place.model_validate_json(path.read_bytes()) if path.exists() else None

    def write(self, home: Path, place: Place) -> None:
        fresh = home / "place.json.new"
        fresh.write_text(place.model_dump_json())
        fresh.replace(home / "place.json")


def _checked(name: str) -> str:
    if not _ID.fullmatch(name):
        raise Bug(f"{name!r} isn't an id")
    return name
