"""What a person, or an agent, may have in a folder: each state, and whether any byte of it was lost."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from house.checkouts import Checkout

OTHERS = b"another git's, in "
QUIET = {"GIT_OPTIONAL_LOCKS": "0"}
COMMITTED = {
    "mine.txt": "as committed\n",
    "old.txt": "to be removed\n",
    "both.txt": "one\ntwo\nthree\n",
    "dir/a.txt": "a\n",
    "tool.txt": "what tools write to\n",
    "kept.log": "ignored, and committed all the same\n",
    ".gitignore": "*.log\nbuild/\n",
}
"""What everything begins with. A result changes dir/a.txt, brings new.txt and fresh.log, removes old.txt, kept.log."""


def _clean(at: Checkout) -> None:
    del at


def _dirty(at: Checkout, path: str = "mine.txt") -> None:
    at.write({path: f"changed in {at.path.name}\r\n"})


def _staged(at: Checkout, path: str = "mine.txt") -> None:
    at.write({path: f"only staged, in {at.path.name}\n"})
    at.git("add", path)
    at.write({path: f"and changed again in {at.path.name}\n"})


def _untracked(at: Checkout) -> None:
    at.write(
        {"loose.txt": f"loose {at.path.name}\n", "deep/er/\xff.txt": f"deep {at.path.name}\n".encode() + b"\xff\0"}
    )


def _in_the_way(at: Checkout) -> None:
    at.write({"new.txt": f"mine, before the result's: {at.path.name}\n"})


def _ignored(at: Checkout) -> None:
    at.write({"trace.log": f"ignored {at.path.name}\n", "build/out": f"built {at.path.name}\n"})


def _ignored_in_the_way(at: Checkout) -> None:
    at.write({"fresh.log": f"fresh {at.path.name}\n", "kept.log": f"kept {at.path.name}\n"})


def _unpushed(at: Checkout) -> None:
    branch = at.git("branch", "--show-current")
    at.git("switch", "--quiet", "--create", "side")
    for words in ("committed", "amended"):
        at.write({"side.txt": f"{words} in {at.path.name}\n"})
        at.git("add", "side.txt")
        at.git("commit", "--quiet", *(["--amend"] if words == "amended" else []), "--message", words)
    at.git("tag", "--annotate", "--message", f"tagged in {at.path.name}", "mark")
    at.git("switch", "--quiet", branch)
    for words in ("first", "second"):
        at.write({"mine.txt": f"{words} stash of {at.path.name}\n", "stashed.txt": f"{words} {at.path.name}\n"})
        at.git("stash", "--quiet", "--include-untracked")


def _conflicted(at: Checkout) -> None:
    at.write({"both.txt": f"one\nmine in {at.path.name}\nthree\n"})
    at.git("add", "both.txt")
    at.git("commit", "--quiet", "--message", "mine")
    at.git("switch", "--quiet", "--create", "theirs", "HEAD~1")
    at.write({"both.txt": f"one\ntheirs in {at.path.name}\nthree\n"})
    at.git("add", "both.txt")
    at.git("commit", "--quiet", "--message", "theirs")
    at.git("switch", "--quiet", "-")
    at.git("-c", "merge.conflictStyle=diff3", "rerere", "clear")
    try:
        at.git("merge", "theirs")
    except AssertionError:
        _staged(at)
        return
    raise AssertionError("there is no conflict")


def _locked(at: Checkout) -> None:
    (at.path / ".git" / "index.lock").write_bytes(OTHERS + at.path.name.encode())


def _submodule(at: Checkout) -> None:
    """The person's own, or (in a tree, where it is an empty folder) loose files; and a repo within the folder."""
    inner = Checkout(at.path / "sub")
    if (inner.path / ".git").exists():
        _unpushed(inner)
        _staged(inner)
    inner.write({"x.txt": f"within, {at.path.name}\n", "loose.txt": f"loose within {at.path.name}\n"})
    nested = Checkout.made(at.path / "nested", {"mine.txt": f"nested in {at.path.name}\n"})
    _unpushed(nested)
    _staged(nested)


STATES: Mapping[str, Callable[[Checkout], None]] = {
    "clean": _clean,
    "dirty": _dirty,
    "dirty in the way": lambda at: _dirty(at, "dir/a.txt"),
    "staged": _staged,
    "staged in the way": lambda at: _staged(at, "dir/a.txt"),
    "untracked": _untracked,
    "untracked in the way": _in_the_way,
    "ignored": _ignored,
    "ignored in the way": _ignored_in_the_way,
    "unpushed": _unpushed,
    "conflicted": _conflicted,
    "locked": _locked,
    "submodule": _submodule,
}


@dataclass(frozen=True)
class Hoard:
    """All that is there: files by the id of their bytes, and what indexes, refs, stashes and reflogs hold."""

    files: dict[Path, str]
    objects: dict[str, str]
    locks: dict[Path, str]

    @classmethod
    def of(cls, *places: Path) -> Hoard:
        hoard = cls({}, {}, {})
        for place in places:
            for path in _files(place):
                if path.name != "index.lock":
                    hoard.files[path] = _blob(path)
                elif path.read_bytes().startswith(OTHERS):
                    hoard.locks[path] = _blob(path)
            for repo in _repos(place):
                hoard.objects.update({name: str(repo) for name in _kept(repo)})
        return hoard

    def lost(self, store: Path, *places: Path) -> list[str]:
        """What is neither where it was, nor reached from a ref, a reflog or an index."""
        held = _reached(store) | {name for place in places for repo in _repos(place) for name in _kept(repo)}
        files = [f"{path}" for path, blob in self.files.items() if blob not in held and _blob(path) != blob]
        objects = [f"{name} of {where}" for name, where in self.objects.items() if name not in held]
        return [*files, *objects, *(f"{path}" for path, held in self.locks.items() if _blob(path) != held)]


def files_of(*places: Path) -> dict[str, str]:
    """But for locks, and what a tool was writing when it was killed."""
    paths = (path for place in places for path in _files(place))
    return {str(path): _blob(path) for path in paths if path.name != "index.lock" and path.suffix != ".part"}


def standing(*places: Path) -> dict[str, object]:
    """All that a refusal must leave as it was: files, indexes, heads and refs (but our own)."""
    told: dict[str, object] = dict(files_of(*places))
    for repo in (repo for place in places for repo in _repos(place)):
        git = Checkout(repo).git
        refs = git("for-each-ref", "--format=%(objectname) %(refname)").splitlines()
        told[f"{repo} refs"] = [line for line in refs if " refs/maquette/" not in line]
        told[f"{repo} head"] = git("rev-parse", "--symbolic-full-name", "HEAD")
        told[f"{repo} index"] = git("ls-files", "--stage", env=QUIET)
    return told


def _files(place: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(place):
        if ".git" in folders:
            folders.remove(".git")
            names += [".git/index.lock"] if Path(folder, ".git", "index.lock").exists() else []
        yield from (Path(folder, name) for name in names if name != ".git")


def _blob(path: Path) -> str:
    """The id that git has for these bytes."""
    if not path.is_file():
        return ""
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _repos(place: Path) -> list[Path]:
    return [folder for folder in (place, place / "sub", place / "nested") if (folder / ".git").exists()]


def _kept(repo: Path) -> set[str]:
    return _reached(repo, "--reflog", "--indexed-objects")


def _reached(repo: Path, *more: str) -> set[str]:
    if not repo.exists():
        return set()
    return {line[:40] for line in Checkout(repo).git("rev-list", "--objects", "--all", *more, env=QUIET).splitlines()}
