"""A tree that was removed is made again as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from faults.states import STATES, files_of
from house.checkouts import Checkout, print_of
from maquette.domain.errors import Refused
from maquette.domain.ids import new_id
from maquette.domain.threads import Mode
from maquette.workspace import Workspace

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout.made(
        tmp_path / "sample", {"mine.txt": "mine\n", "old.txt": "old\n", ".gitignore": "*.log\nbuild/\n"}
    )


async def test_f19_a_removed_tree_is_made_again_with_what_was_committed_uncommitted_and_ignored(
    workspace: Workspace, checkout: Checkout
) -> None:
    thread, project = new_id("thread"), checkout.project()
    await workspace.make_tree(thread, project)
    tree = Checkout(workspace.tree(thread))
    tree.write({"kept.log": "of a result before it was ignored\n"})
    tree.git("add", "--force", "kept.log")
    tree.commit("the agent's own")
    tree.git("switch", "--quiet", "--create", "wide\u3000and\u00a0hard")
    for state in ("unpushed", "staged", "untracked", "ignored"):
        STATES[state](tree)
    (tree.path / "old.txt").unlink()
    (tree.path / "untracked.sh").write_text("#!/bin/sh\n")
    (tree.path / "untracked.sh").chmod(0o755)
    result = await workspace.keep(thread, "turn", project, Mode.WORKTREE)
    refs = ("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/stash")
    before, stood, head = files_of(tree.path), tree.git(*refs), tree.git("symbolic-ref", "HEAD")
    removed = await workspace.remove(thread, project)
    assert removed is not None
    assert not tree.path.exists()
    persons = print_of(checkout.path)

    remade = await workspace.remake_tree(thread, project)

    assert remade is not None
    assert (remade.ref, remade.commit) == (removed.ref, removed.commit)
    assert files_of(tree.path) == before
    assert (tree.path / "untracked.sh").stat().st_mode & 0o111
    assert (tree.git(*refs), tree.git("symbolic-ref", "HEAD")) == (stood, head)
    assert tree.git("status", "--porcelain").splitlines()[:2] == [" M mine.txt", " D old.txt"]
    assert print_of(checkout.path) == persons
    assert await workspace.keep(thread, "turn", project, Mode.WORKTREE) == result, "what is ignored stays out of it"
    assert await workspace.remake_tree(thread, project) == remade
    again = await workspace.remove(thread, project)
    assert again is not None
    assert again.ref > removed.ref
    Checkout(workspace.store(project)).git("fsck", "--strict", "--no-dangling")


async def test_a_tree_whose_rescue_is_gone_is_not_made_again_and_that_is_said(
    workspace: Workspace, checkout: Checkout
) -> None:
    thread, project = new_id("thread"), checkout.project()
    await workspace.make_tree(thread, project)
    assert await workspace.remake_tree(thread, project) is None, "it wasn't removed"
    tree = Checkout(workspace.tree(thread))
    tree.write({"new.txt": "new\n"})
    tree.git("symbolic-ref", "HEAD", "refs/heads/unborn")
    await workspace.remove(thread, project)
    assert await workspace.remake_tree(thread, project) is not None
    assert tree.git("branch", "--show-current") == "unborn"
    removed = await workspace.remove(thread, project)
    assert removed is not None
    store = Checkout(workspace.store(project))
    blob = store.git("rev-parse", f"{removed.ref}:new.txt")
    (store.path / "objects" / blob[:2] / blob[2:]).unlink()
    for lost in (lambda: None, lambda: store.git("update-ref", "-d", removed.ref)):
        lost()
        with pytest.raises(Refused, match="can't be put back") as refused:
            await workspace.remake_tree(thread, project)
        assert refused.value.code == "unknown-rescue"
        assert not workspace.tree(thread).exists()


async def test_f19_a_file_that_git_takes_for_its_own_keeps_its_tree_from_being_removed(
    workspace: Workspace, checkout: Checkout
) -> None:
    thread, project = new_id("thread"), checkout.project()
    await workspace.make_tree(thread, project)
    tree = Checkout(workspace.tree(thread))
    tree.write({".GIT/notes": "a\n", "in/.Git": "b\n", "git~1/c": "c\n", ".gitignore": "", "my.git/d": "d\n"})
    with pytest.raises(Refused, match=r": \.GIT/notes, git~1/c, in/\.Git\. ") as refused:
        await workspace.remove(thread, project)
    assert refused.value.code == "no-rescue"
    assert (tree.path / "in/.Git").read_text() == "b\n"
