"""What a stranger plants in a repo for git to run is never run by ours: not on the host, and not in the box either.

Tiers full and landlock.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

from house.checkouts import Checkout, print_of
from maquette.domain.ids import new_id
from maquette.domain.projects import Project
from maquette.domain.threads import Mode
from maquette.workspace import Workspace
from seams.boxes import CONTAINING, tier, working

pytestmark = pytest.mark.anyio

HOOKS = (
    "applypatch-msg", "commit-msg", "fsmonitor-watchman", "post-applypatch", "post-checkout", "post-commit",
    "post-index-change", "post-merge", "post-rewrite", "post-update", "pre-applypatch", "pre-auto-gc", "pre-commit",
    "pre-merge-commit", "pre-push", "pre-rebase", "pre-receive", "prepare-commit-msg", "proc-receive",
    "push-to-checkout", "reference-transaction", "sendemail-validate", "update",
)  # fmt: skip

SETTINGS = (
    "core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass", "core.gitProxy",
    "core.alternateRefsCommand", "diff.external", "diff.evil.command", "diff.evil.textconv", "merge.evil.driver",
    "filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "filter.lfs.clean", "filter.lfs.smudge",
    "filter.lfs.process", "gpg.program", "credential.helper", "uploadpack.packObjectsHook", "sequence.editor",
    "pager.log", "pager.diff", "pager.status", "alias.status", "alias.diff", "interactive.diffFilter",
    "gc.recentObjectsHook",
)  # fmt: skip

ATTRIBUTES = "* filter=evil diff=evil merge=evil\n*.bin filter=lfs\n"
FILES = {"a.txt": "one\n", "b.bin": b"\0", "dir/c.txt": "c\n"}


@dataclass
class Traps:
    """Commands that leave a mark wherever they can."""

    places: tuple[Path, ...]

    @property
    def command(self) -> str:
        marks = "; ".join(f"touch '{place}/sprung' 2>/dev/null" for place in self.places)
        return f"{marks}; touch sprung; cat; true"

    def plant(self, checkout: Checkout) -> None:
        git_dir = checkout.path / ".git"
        hooks = git_dir / "hooks"
        hooks.mkdir(exist_ok=True)
        for name in HOOKS:
            (hooks / name).write_text(f"#!/bin/sh\n{self.command}\n")
            (hooks / name).chmod(0o755)
        for name in SETTINGS:
            checkout.git("config", name, f'sh -c "{self.command}"')
        checkout.git("config", "filter.evil.required", "true")
        checkout.git("config", "core.hooksPath", str(hooks))
        checkout.git("config", "commit.gpgSign", "true")
        checkout.git("config", "log.showSignature", "true")
        checkout.git("config", "submodule.recurse", "true")
        (git_dir / "info").mkdir(exist_ok=True)
        (git_dir / "info" / "attributes").write_text(ATTRIBUTES)

    def sprung(self, *more: Path) -> list[Path]:
        return [path for place in (*self.places, *more) for path in place.rglob("sprung")]


@dataclass
class Ground:
    workspace: Workspace
    checkout: Checkout
    project: Project
    thread: str
    traps: Traps

    @property
    def tree(self) -> Checkout:
        return Checkout(self.workspace.tree(self.thread))


@pytest.fixture(params=CONTAINING, ids=tier)
async def ground(request: pytest.FixtureRequest, lacks: Callable[[str, str], NoReturn], tmp_path: Path) -> Ground:
    await working(request.param, lacks)
    (tmp_path / "outside").mkdir()
    checkout = Checkout.made(tmp_path / "sample", FILES)
    workspace, project, thread = (
        Workspace(tmp_path / "state", request.param),
        checkout.project(),
        new_id("thread"),
    )
    traps = Traps((tmp_path / "outside", checkout.path, workspace.store(project), workspace.tree(thread)))
    return Ground(workspace, checkout, project, thread, traps)


async def everything(ground: Ground) -> None:
    """Each thing that we do with git once there is a tree, over and over."""
    workspace, thread, project = ground.workspace, ground.thread, ground.project
    turn = new_id("turn")
    first = await workspace.keep(thread, turn, project, Mode.WORKTREE)
    ground.tree.write({"a.txt": "two\n", "dir/c.txt": "d\n", "new.bin": b"\1"})
    second = await workspace.keep(thread, turn, project, Mode.WORKTREE)
    assert set(second.files) >= {"a.txt", "dir/c.txt", "new.bin"}
    await workspace.diff(thread, project, second.commit)
    await workspace.sizes(thread, project, second.commit)
    await workspace.restore(thread, first.commit, "undo")
    await workspace.restore(thread, second.commit, "redo")
    assert (await workspace.check_merge(thread, project, second.commit)).clean
    local = new_id("thread")
    base = await workspace.begin(local, project)
    ground.checkout.write({"a.txt": "in place\n"})
    await workspace.keep(local, turn, project, Mode.LOCAL)
    await workspace.restore(local, base, "undo")
    await workspace.merge(thread, project, second.commit, "merged", how="merge")
    await workspace.remove(thread, project)


def control(ground: Ground, tmp_path: Path) -> None:
    """The traps do work: the machine's own git, run as a person might, springs them."""
    copy = Checkout(tmp_path / "copy")
    shutil.copytree(ground.checkout.path, copy.path, symlinks=True)
    ground.traps.plant(copy)
    copy.write({"a.txt": "changed\n"})
    copy.git("-c", "commit.gpgSign=false", "-c", "filter.evil.required=false", "add", "--all")
    found = ground.traps.sprung()
    assert found
    for path in found:
        path.unlink()
    shutil.rmtree(copy.path)


async def test_e4_traps_in_the_persons_repo_and_in_the_agents_tree_are_not_sprung(
    ground: Ground, tmp_path: Path
) -> None:
    ground.checkout.write({".gitattributes": ATTRIBUTES})
    ground.checkout.commit("attributes")
    control(ground, tmp_path)
    ground.traps.plant(ground.checkout)
    await ground.workspace.inspect(ground.checkout.path)
    await ground.workspace.make_tree(ground.thread, ground.project)
    assert not ground.traps.sprung()
    tree = ground.tree
    tree.write({"staged.txt": "staged\n"})
    tree.git("add", "staged.txt")
    tree.git("commit", "--quiet", "--message", "the agent's own")
    tree.write({"staged.txt": "stashed\n"})
    tree.git("stash", "--quiet")
    ground.traps.plant(tree)
    inner = Checkout.made(tree.path / "inner", {"x.txt": "x\n", ".gitattributes": ATTRIBUTES})
    ground.traps.plant(inner)
    inner.write({"x.txt": "y\n"})
    bare = tree.path / "bare"
    bare.mkdir()
    Checkout(bare).git("init", "--quiet", "--bare", ".")
    with (bare / "config").open("a") as config:
        config.write(f'[core]\n\tfsmonitor = "sh -c \\"{ground.traps.command}\\""\n')
    await everything(ground)
    assert not ground.traps.sprung(tree.path)


async def test_e3_a_tree_whose_git_leads_elsewhere_does_no_harm_there(ground: Ground) -> None:
    await ground.workspace.make_tree(ground.thread, ground.project)
    tree, theirs = ground.tree.path, ground.checkout.path / ".git"
    shutil.move(tree / ".git", tree / "was")
    before = print_of(ground.checkout.path)

    async def go_round() -> None:
        kept = await ground.workspace.keep(ground.thread, new_id("turn"), ground.project, Mode.WORKTREE)
        await ground.workspace.diff(ground.thread, ground.project, kept.commit)
        (tree / "extra.txt").write_text("extra\n")
        await ground.workspace.restore(ground.thread, kept.commit, "undo")
        assert print_of(ground.checkout.path) == before

    await go_round()
    (tree / ".git").write_text(f"gitdir: {theirs}\n")
    await go_round()
    (tree / ".git").unlink()
    (tree / ".git").symlink_to(theirs)
    await go_round()
    (tree / ".git").unlink()
    (tree / ".git").mkdir()
    (tree / ".git" / "commondir").write_text(f"{theirs}\n")
    (tree / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    await go_round()
    shutil.rmtree(tree / ".git")
    await ground.workspace.remove(ground.thread, ground.project)
    assert print_of(ground.checkout.path) == before
