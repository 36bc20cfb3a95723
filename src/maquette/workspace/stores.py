"""The base's own bare repo of a project: what its trees share, and what results come back to."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from maquette.domain.errors import Refused
from maquette.workspace.git import Git, GitFailed, written
from maquette.workspace.owners import entrust
from maquette.workspace.repos import Repo

RAW_ATTRIBUTES = "* -text !eol -ident !filter !working-tree-encoding !merge !diff\n"
"""In `info/attributes`, where it wins over every tree's own: bytes go in and come out as they are."""

RAW_SETTINGS = {
    "core.autocrlf": "false",
    "core.safecrlf": "false",
    "core.fileMode": "true",
    "core.symlinks": "true",
    "gc.auto": "0",
    "maintenance.auto": "false",
}

_FORMATS = {
    "sha1": {"core.repositoryFormatVersion": "0"},
    "sha256": {"core.repositoryFormatVersion": "1", "extensions.objectFormat": "sha256"},
}

FED = ("refs/person", "HEAD", "packed-refs", "shallow")
"""What feeding a store writes."""


@dataclass(frozen=True)
class Store:
    """Where a project's store is."""

    git_dir: Path

    @property
    def exists(self) -> bool:
        return (self.git_dir / "HEAD").exists()

    @property
    def is_broken(self) -> bool:
        return self.git_dir.exists() and not self.exists


def refs_of(thread: str, kind: str) -> str:
    """`refs/maquette/KIND/THREAD`; kinds: base, result, rescue, agent."""
    return f"refs/maquette/{kind}/{thread}"


def free(git_dir: Path, *refs: str) -> None:
    """Removes the locks on these refs, and on those below them, that a git of ours left when it was killed.

    Nobody but who holds the caller's lock may write them.
    """
    for ref in refs:
        place = git_dir / ref
        for lock in (place.with_name(f"{place.name}.lock"), *place.rglob("*.lock")):
            lock.unlink(missing_ok=True)


def make_store(git_dir: Path, folder: Path, *, object_format: str = "sha1") -> Store:
    """Makes it, for the project in `folder`, unless it is there; a half-made one never has its name.

    An empty repo is so little (gitrepository-layout(5)) that no box is brought up to have git make it.
    """
    store = Store(git_dir)
    if store.exists:
        return store
    if store.is_broken:
        raise Refused(f"{git_dir} is no git repo any more, and may hold results: move it away.", code="broken-store")
    making = git_dir.with_name(git_dir.name + ".making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700, parents=True)
    _lay_out(making, {**_FORMATS[object_format], "core.bare": "true", **RAW_SETTINGS})
    entrust(making, folder)
    making.rename(git_dir)
    return store


def make_clone(clone: Path, store: Path, object_format: str) -> None:
    """The `.git` of an agent's tree, which borrows the store's objects; neither refs nor files yet."""
    own = {"core.bare": "false", "core.logAllRefUpdates": "true"}
    agent = {"user.name": "Maquette agent", "user.email": "agent@localhost"}
    _lay_out(clone, {**_FORMATS[object_format], **own, **RAW_SETTINGS, **agent})
    (clone / "objects" / "info" / "alternates").write_text(f"{store / 'objects'}\n")
    if (store / "shallow").exists():
        shutil.copyfile(store / "shallow", clone / "shallow")


def _lay_out(git_dir: Path, config: Mapping[str, str]) -> None:
    for name in ("objects/info", "objects/pack", "refs/heads", "refs/tags", "info"):
        (git_dir / name).mkdir(parents=True)
    (git_dir / "HEAD").write_text("ref: refs/heads/master\n")
    (git_dir / "config").write_text(written(config))
    (git_dir / "info" / "attributes").write_text(RAW_ATTRIBUTES)


async def feed(git: Git, repo: Repo, extra: Sequence[str] = ()) -> None:
    """Brings the person's branches, tags and head (and `extra` commits) into the store that `git` is at, its refs as
    they are now to `refs/person/`.

    The box holds the person's repo readable. Raises `Refused` when its objects aren't all there.
    """
    _whole(repo)
    refs = ["+HEAD:refs/person/HEAD"] if repo.head else []
    refs += ["+refs/heads/*:refs/person/heads/*", "+refs/tags/*:refs/person/tags/*"]
    try:
        await git.run(
            "fetch", "--quiet", "--prune", "--no-tags", "--no-write-fetch-head", "--update-shallow", "--no-auto-gc",
            "--no-recurse-submodules", "--end-of-options", str(repo.where.git_dir), *refs, *extra,
            seconds=1800,
        )  # fmt: skip
    except GitFailed as failed:
        raise Refused(
            f"{repo.where.top or repo.where.git_dir} can't be read whole: {failed}. `git fsck` there says more.",
            code="broken-repo",
        ) from failed


def _whole(repo: Repo) -> None:
    if repo.partial:
        raise Refused(
            f"{repo.where.git_dir} is a partial clone, whose missing files would have to be downloaded: get them with"
            " `git fetch --refetch --no-filter`, or work in local mode.",
            code="partial-clone",
        )
    alternates = repo.where.common / "objects" / "info" / "alternates"
    if alternates.exists():
        raise Refused(
            f"{repo.where.git_dir} borrows objects of another repo: make it whole with `git repack -a -d` and remove"
            f" {alternates}, or work in local mode.",
            code="borrowed-objects",
        )
