"""Where the repo in an agent's tree stands, read from its files alone: only what is plain is believed."""

from __future__ import annotations

import os
from pathlib import Path

from house.checkouts import Checkout
from maquette.workspace.clones import stands_at


def test_a_repo_stands_where_its_branch_does_loose_packed_or_detached(tmp_path: Path) -> None:
    repo = Checkout.made(tmp_path / "repo", {"a.txt": "a\n"})
    first = repo.git("rev-parse", "HEAD")
    assert stands_at(repo.path, first)
    repo.git("pack-refs", "--all")
    assert stands_at(repo.path, first)
    repo.write({"a.txt": "b\n"})
    second = repo.commit("more")
    for _ in range(2):
        assert (stands_at(repo.path, first), stands_at(repo.path, second)) == (False, True)
        repo.git("pack-refs", "--all")
    repo.git("switch", "--quiet", "--create", "another", first)
    assert (stands_at(repo.path, first), stands_at(repo.path, second)) == (True, False)
    repo.git("switch", "--quiet", "--detach", second)
    assert (stands_at(repo.path, first), stands_at(repo.path, second)) == (False, True)


def test_what_is_not_plain_is_left_to_git(tmp_path: Path) -> None:
    repo = Checkout.made(tmp_path / "repo", {"a.txt": "a\n"})
    commit, head, branch = repo.git("rev-parse", "HEAD"), repo.path / ".git/HEAD", repo.path / ".git/refs/heads/main"
    outside = tmp_path / "outside"
    outside.write_text(f"{commit}\n")
    for named in ("ref: refs/heads/nowhere\n", "ref: refs/heads/\0\n", "ref: refs/heads/../../../../outside\n", ""):
        head.write_text(named)
        assert not stands_at(repo.path, commit), named
    head.unlink()
    assert not stands_at(repo.path, commit)
    head.symlink_to(outside)
    assert not stands_at(repo.path, commit)
    head.unlink()
    os.mkfifo(head)
    assert not stands_at(repo.path, commit)
    head.unlink()
    head.write_text("ref: refs/heads/main\n")
    assert stands_at(repo.path, commit)
    branch.unlink()
    branch.mkdir()
    assert not stands_at(repo.path, commit)
    (repo.path / ".git").rename(tmp_path / "moved")
    (repo.path / ".git").symlink_to(outside)
    assert not stands_at(repo.path, commit)
