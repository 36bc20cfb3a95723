"""Folders as they are found: no repo, no commit, bare, detached, shallow, odd; each works or says what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from house.checkouts import Checkout, print_of
from maquette.domain.errors import Refused
from maquette.domain.ids import new_id
from maquette.domain.projects import Project, ProjectKind
from maquette.domain.threads import Mode
from maquette.kinds.sandboxes import Box, Probe, Profile
from maquette.workspace import Workspace
from seams.boxes import best

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]

FILES = {"a.txt": "one\n", "dir/b.txt": "b\n"}


async def go_round(workspace: Workspace, project: Project) -> None:
    """Make, change, keep, merge."""
    thread = new_id("thread")
    await workspace.make_tree(thread, project)
    Checkout(workspace.tree(thread)).write({"a.txt": f"by {thread}\n"})
    result = await workspace.keep(thread, new_id("turn"), project, Mode.WORKTREE)
    assert result.files == ("a.txt",)
    merged = await workspace.merge(thread, project, result.commit, "m")
    assert Checkout(Path(project.path)).git("rev-parse", "HEAD") == merged.after
    assert (Path(project.path) / "a.txt").read_text() == f"by {thread}\n"


async def refused(workspace: Workspace, project: Project) -> Refused:
    before = print_of(Path(project.path))
    with pytest.raises(Refused) as found:
        await workspace.make_tree(new_id("thread"), project)
    with pytest.raises(Refused) as checked:
        await workspace.check_base(project)
    assert checked.value.code == found.value.code
    assert print_of(Path(project.path)) == before
    return found.value


async def test_a_folder_that_is_no_repo_is_told_how_to_become_one(workspace: Workspace, tmp_path: Path) -> None:
    folder = Checkout(tmp_path / "plain")
    folder.write(FILES)
    assert await workspace.kind_of(folder.path) == (folder.path, ProjectKind.FOLDER)
    assert await workspace.inspect(folder.path) is None
    found = await refused(workspace, folder.project())
    assert found.code == "not-a-repo"
    assert "git init" in str(found)


async def test_a_repo_without_a_commit_is_told_to_make_one(workspace: Workspace, tmp_path: Path) -> None:
    checkout = Checkout.made(tmp_path / "empty")
    checkout.write(FILES)
    found = await refused(workspace, checkout.project())
    assert found.code == "no-commit"
    assert "git commit" in str(found)
    repo = await workspace.inspect(checkout.path)
    assert repo is not None
    assert (repo.head, repo.branch, len(repo.untracked)) == (None, "main", 2)


async def test_a_bare_repo_is_told_to_name_a_checkout(workspace: Workspace, tmp_path: Path) -> None:
    Checkout.made(tmp_path / "sample", FILES).git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare"))
    found = await refused(workspace, Checkout(tmp_path / "bare").project())
    assert found.code == "bare-repo"


async def test_a_folder_that_is_gone_is_named(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="gone") as found:
        await workspace.make_tree(new_id("thread"), Checkout(tmp_path / "gone").project())
    assert found.value.code == "no-folder"


async def test_a_base_that_is_no_commit_is_refused_and_one_that_is_is_taken(
    workspace: Workspace, tmp_path: Path
) -> None:
    checkout = Checkout.made(tmp_path / "sample", FILES)
    first = checkout.git("rev-parse", "HEAD")
    checkout.write({"a.txt": "two\n"})
    checkout.commit("second")
    with pytest.raises(Refused) as found:
        await workspace.make_tree(new_id("thread"), checkout.project(), "nowhere")
    assert found.value.code == "unknown-commit"
    thread = new_id("thread")
    made = await workspace.make_tree(thread, checkout.project(), "main~1")
    assert (made.base, made.branch) == (first, None)
    assert (workspace.tree(thread) / "a.txt").read_text() == "one\n"


async def test_a_detached_head_can_be_worked_from(workspace: Workspace, tmp_path: Path) -> None:
    checkout = Checkout.made(tmp_path / "sample", FILES)
    checkout.git("switch", "--quiet", "--detach")
    checkout.write({"a.txt": "on no branch\n"})
    head = checkout.commit("on no branch")
    thread = new_id("thread")
    made = await workspace.make_tree(thread, checkout.project())
    assert (made.base, made.branch) == (head, None)
    assert (workspace.tree(thread) / "a.txt").read_text() == "on no branch\n"


async def test_a_repo_says_how_it_stands(workspace: Workspace, tmp_path: Path) -> None:
    checkout = Checkout.made(tmp_path / "sample", FILES)
    checkout.write({"staged.txt": "s", "a.txt": "changed", "sub dir/ü.txt": "u"})
    checkout.git("add", "staged.txt")
    before = print_of(checkout.path)
    repo = await workspace.inspect(checkout.path / "dir")
    assert repo is not None
    assert (repo.where.top, repo.branch) == (checkout.path, "main")
    assert (repo.staged, repo.unstaged, repo.untracked) == (("staged.txt",), ("a.txt",), ("sub dir/ü.txt",))
    assert (repo.operation, repo.shallow) == ("", False)
    assert print_of(checkout.path) == before
    checkout.git("commit", "--quiet", "--all", "--message", "ours")
    checkout.git("switch", "--quiet", "--create", "side", "HEAD~1")
    checkout.write({"a.txt": "theirs"})
    checkout.git("commit", "--quiet", "--all", "--message", "theirs")
    with pytest.raises(AssertionError):
        checkout.git("merge", "main")
    repo = await workspace.inspect(checkout.path)
    assert repo is not None
    assert (repo.operation, repo.conflicted) == ("merge", ("a.txt",))


async def test_a_shallow_clone_is_worked_on(workspace: Workspace, tmp_path: Path) -> None:
    checkout = Checkout.made(tmp_path / "sample", FILES)
    checkout.write({"a.txt": "two\n"})
    checkout.commit("second")
    checkout.git("clone", "--quiet", "--depth=1", f"file://{checkout.path}", str(tmp_path / "shallow"))
    shallow = Checkout(tmp_path / "shallow")
    repo = await workspace.inspect(shallow.path)
    assert repo is not None
    assert repo.shallow
    await go_round(workspace, shallow.project())
    shallow.git("fsck", "--strict")


async def test_a_repo_of_sha256_is_worked_on(workspace: Workspace, tmp_path: Path) -> None:
    checkout = Checkout.made(tmp_path / "sample", FILES, "--object-format=sha256")
    await go_round(workspace, checkout.project())
    checkout.git("fsck", "--strict")


async def test_a_sparse_checkout_stays_sparse(workspace: Workspace, tmp_path: Path) -> None:
    checkout = Checkout.made(tmp_path / "sample", FILES)
    checkout.git("sparse-checkout", "set", "--no-cone", "/a.txt")
    assert not (checkout.path / "dir").exists()
    await go_round(workspace, checkout.project())
    assert not (checkout.path / "dir").exists()
    assert checkout.git("status", "--porcelain") == ""


async def test_submodules_stay_as_they_are(workspace: Workspace, tmp_path: Path) -> None:
    inner = Checkout.made(tmp_path / "inner", {"x.txt": "x\n"})
    checkout = Checkout.made(tmp_path / "sample", FILES)
    checkout.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.path), "sub")
    checkout.commit("submodule")
    await go_round(workspace, checkout.project())
    assert (checkout.path / "sub" / "x.txt").read_text() == "x\n"
    assert checkout.git("status", "--porcelain") == ""


async def test_eol_attributes_and_settings_are_the_persons_when_a_merge_writes_their_files(
    workspace: Workspace, tmp_path: Path
) -> None:
    files = {"a.txt": "one\r\n", "same.txt": "s\r\n", ".gitattributes": "*.txt text eol=crlf\n"}
    checkout = Checkout.made(tmp_path / "sample", files)
    untouched = (checkout.path / "same.txt").stat().st_mtime_ns
    thread, project = new_id("thread"), checkout.project()
    await workspace.make_tree(thread, project)
    tree = Checkout(workspace.tree(thread))
    assert (tree.path / "a.txt").read_bytes() == b"one\n"
    tree.write({"a.txt": "one\ntwo\n"})
    result = await workspace.keep(thread, new_id("turn"), project, Mode.WORKTREE)
    assert (result.files, result.added, result.removed) == (("a.txt",), 1, 0)
    await workspace.merge(thread, project, result.commit, "m")
    assert (checkout.path / "a.txt").read_bytes() == b"one\r\ntwo\r\n"
    assert (checkout.path / "same.txt").stat().st_mtime_ns == untouched
    assert checkout.git("status", "--porcelain") == ""


def give_away(folder: Path) -> None:
    """To a user who lets nobody else read it."""
    subprocess.run(["chmod", "-R", "go-rwx", folder], check=True)
    subprocess.run(["chown", "-R", "54321:54322", folder], check=True)


@pytest.mark.needs("bwrap", "sudo apt-get install bubblewrap")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to another user: sudo make test")
async def test_e14_as_root_what_is_made_for_another_users_repo_is_that_users(
    workspace: Workspace, tmp_path: Path
) -> None:
    checkout = Checkout.made(tmp_path / "sample", FILES)
    give_away(checkout.path)
    project, thread = checkout.project(), new_id("thread")
    await workspace.make_tree(thread, project)
    tree = workspace.tree(thread)
    (tree / "secret.txt").write_text("only for its owner\n")
    (tree / "secret.txt").chmod(0o600)
    os.chown(tree / "secret.txt", 54321, 54322)
    result = await workspace.keep(thread, new_id("turn"), project, Mode.WORKTREE)
    assert result.files == ("secret.txt",)
    await workspace.restore(thread, result.commit, "undo")
    await workspace.merge(thread, project, result.commit, "m")
    local = new_id("thread")
    base = await workspace.begin(local, project)
    (checkout.path / "a.txt").write_text("changed\n")
    await workspace.keep(local, new_id("turn"), project, Mode.LOCAL)
    await workspace.restore(local, base, "undo")
    for folder in (checkout.path, tree):
        owners = {path.lstat().st_uid for path in (folder, *folder.rglob("*"))}
        assert owners == {54321}
    await workspace.remove(thread, project)
    assert not tree.exists()


class WithoutGit:
    """A sandbox in which a few programs are, and git isn't."""

    name = "without-git"

    def __init__(self, programs: Path) -> None:
        self._sandbox = best()
        self.tier = self._sandbox.tier
        self._programs = programs
        programs.mkdir()
        for name in ("sh", "mktemp", "tail", "rm"):
            found = shutil.which(name)
            assert found is not None
            (programs / name).symlink_to(found)

    async def probe(self) -> Probe:
        return await self._sandbox.probe()

    def box(self, profile: Profile) -> Box:
        readable = (*profile.readable, self._programs)
        return self._sandbox.box(replace(profile, readable=readable, env={"PATH": str(self._programs)}))


async def test_without_git_one_sentence_says_what_to_install(tmp_path: Path) -> None:
    checkout = Checkout.made(tmp_path / "sample", FILES)
    workspace = Workspace(tmp_path / "state", WithoutGit(tmp_path / "programs"))
    with pytest.raises(Refused, match="apt-get install git") as found:
        await workspace.make_tree(new_id("thread"), checkout.project())
    assert found.value.code == "no-git"


async def test_a_git_that_is_too_old_is_refused(tmp_path: Path) -> None:
    checkout = Checkout.made(tmp_path / "sample", FILES)
    workspace = Workspace(tmp_path / "state", WithoutGit(tmp_path / "programs"))
    old = tmp_path / "programs" / "git"
    old.write_text("#!/bin/sh\necho git version 2.30.1\n")
    old.chmod(0o755)
    with pytest.raises(Refused, match=r"older than 2\.38") as found:
        await workspace.make_tree(new_id("thread"), checkout.project())
    assert found.value.code == "old-git"
