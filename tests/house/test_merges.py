"""Merging a result into the person's branch: checked beforehand, all or nothing, and nothing of theirs touched."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from house.checkouts import Checkout, print_of
from maquette.domain.errors import Refused
from maquette.domain.ids import new_id
from maquette.domain.projects import Project
from maquette.domain.threads import Mode
from maquette.workspace import Workspace
from seams.boxes import best

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]

FILES = {"a.txt": "one\ntwo\nthree\n", "b.txt": "b\n", "gone.txt": "going\n", "dir/c.txt": "c\n"}


@dataclass
class Work:
    """A thread whose agent has changed some files."""

    workspace: Workspace
    checkout: Checkout
    project: Project
    thread: str

    async def result(self, files: Mapping[str, str | bytes], *gone: str) -> str:
        await self.workspace.make_tree(self.thread, self.project)
        tree = Checkout(self.workspace.tree(self.thread))
        tree.write(files)
        for name in gone:
            (tree.path / name).unlink()
        return (await self.workspace.keep(self.thread, new_id("turn"), self.project, Mode.WORKTREE)).commit

    async def merge(self, commit: str):
        return await self.workspace.merge(self.thread, self.project, commit, "Do the thing")


@pytest.fixture
def work(tmp_path: Path) -> Work:
    checkout = Checkout.made(tmp_path / "sample", FILES)
    checkout.git("config", "user.name", "Ada")
    checkout.git("config", "user.email", "ada@localhost")
    workspace = Workspace(tmp_path / "state", best())
    return Work(workspace, checkout, checkout.project(), new_id("thread"))


async def test_a_merge_is_one_commit_by_the_person_that_names_the_thread(work: Work) -> None:
    commit = await work.result({"a.txt": "one\n2\nthree\n", "new/d.txt": "d\n"}, "gone.txt")
    before = work.checkout.git("rev-parse", "HEAD")

    checked = await work.workspace.check_merge(work.thread, work.project, commit)
    assert checked.clean
    assert set(checked.files) == {"a.txt", "new/d.txt", "gone.txt"}
    merged = await work.merge(commit)

    git = work.checkout.git
    assert (merged.into, merged.before, merged.after) == ("main", before, git("rev-parse", "main"))
    assert git("status", "--porcelain") == ""
    assert git("log", "-1", "--format=%an <%ae>|%P|%s|%(trailers:key=Maquette-Thread,valueonly)") == (
        f"Ada <ada@localhost>|{before}|Do the thing|{work.thread}"
    )
    assert (work.checkout.path / "a.txt").read_text() == "one\n2\nthree\n"
    assert not (work.checkout.path / "gone.txt").exists()
    assert git("rev-parse", f"refs/maquette/before/{work.thread}") == before
    assert set(git("for-each-ref", "--format=%(refname)", "refs/maquette").splitlines()) == {
        "refs/maquette/coming",
        f"refs/maquette/before/{work.thread}",
    }
    assert not list((work.checkout.path / ".git").glob("maquette-*"))
    git("fsck", "--strict")
    with pytest.raises(Refused) as refused:
        await work.merge(commit)
    assert refused.value.code == "nothing-to-merge"


async def test_f18_a_lock_on_packed_refs_is_neither_needed_nor_left_nor_taken(work: Work) -> None:
    commit = await work.result({"a.txt": "one\n2\nthree\n"})
    work.checkout.git("pack-refs", "--all")
    lock = work.checkout.path / ".git/packed-refs.lock"
    lock.write_text("")
    merged = await work.merge(commit)
    assert work.checkout.git("rev-parse", "main") == merged.after
    assert lock.read_text() == ""


async def test_uncommitted_work_beside_the_merge_stays_as_it_is_to_the_byte(work: Work) -> None:
    commit = await work.result({"a.txt": "one\n2\nthree\n"})
    work.checkout.write({"b.txt": "b changed\r\n", "untracked.txt": "mine\n", "staged.txt": "staged\n"})
    work.checkout.git("add", "staged.txt")
    work.checkout.write({"staged.txt": "staged, then changed\n"})
    (work.checkout.path / "gone.txt").unlink()
    kept = {name: line for name, line in print_of(work.checkout.path).items() if name != "a.txt" and ".git" not in name}
    index = work.checkout.git("ls-files", "--stage", "staged.txt")

    await work.merge(commit)

    after = {
        name: line for name, line in print_of(work.checkout.path).items() if name != "a.txt" and ".git" not in name
    }
    assert after == kept
    assert work.checkout.git("ls-files", "--stage", "staged.txt") == index
    status = work.checkout.git("status", "--porcelain").splitlines()
    assert status == [" M b.txt", " D gone.txt", "AM staged.txt", "?? untracked.txt"]


DIRTY = {
    "a.txt": "a.txt",  # tracked, and changed
    "log.ignored": "log.ignored",
    "new.txt": "new.txt",  # untracked
    "v/y/z.txt": "v/y",  # in a folder where a file is to be
    "x": "x/y.txt",  # where a folder is to be
}
"""What is the person's, and what a merge would write there."""


async def test_a_merge_that_would_overwrite_uncommitted_work_is_refused_with_nothing_changed(work: Work) -> None:
    commit = await work.result(dict.fromkeys(DIRTY.values(), "theirs\n"))
    (work.checkout.path / ".git" / "info" / "exclude").write_text("*.ignored\n")
    work.checkout.write(dict.fromkeys(DIRTY, "mine\n"))
    before = print_of(work.checkout.path)

    checked = await work.workspace.check_merge(work.thread, work.project, commit)
    assert sorted(checked.dirty) == sorted(DIRTY)
    with pytest.raises(Refused) as refused:
        await work.merge(commit)

    assert refused.value.code == "dirty-tree"
    assert print_of(work.checkout.path) == before


async def test_a_staged_change_in_the_way_is_refused_even_when_the_file_looks_clean(work: Work) -> None:
    commit = await work.result({"a.txt": "theirs\n"})
    work.checkout.write({"a.txt": "staged\n"})
    work.checkout.git("add", "a.txt")
    work.checkout.write({"a.txt": FILES["a.txt"]})
    with pytest.raises(Refused) as refused:
        await work.merge(commit)
    assert refused.value.code == "dirty-tree"
    assert work.checkout.git("show", ":a.txt") == "staged"


async def test_conflicts_are_found_beforehand_with_both_sides(work: Work) -> None:
    commit = await work.result({"a.txt": "one\nTHEIRS\nthree\n", "b.txt": "b theirs\n"}, "dir/c.txt")
    work.checkout.write({"a.txt": "one\nOURS\nthree\n", "dir/c.txt": "c ours\n"})
    work.checkout.commit("meanwhile")
    before = print_of(work.checkout.path)

    checked = await work.workspace.check_merge(work.thread, work.project, commit)

    assert not checked.clean
    found = {conflict.path: conflict for conflict in checked.conflicts}
    assert set(found) == {"a.txt", "dir/c.txt"}
    assert (found["a.txt"].ours, found["a.txt"].theirs) == ("one\nOURS\nthree\n", "one\nTHEIRS\nthree\n")
    assert found["a.txt"].marked is not None
    assert "<<<<<<<" in found["a.txt"].marked
    assert found["dir/c.txt"].theirs is None
    with pytest.raises(Refused) as refused:
        await work.merge(commit)
    assert refused.value.code == "conflicts"
    assert print_of(work.checkout.path) == before
    words = shlex.split(str(refused.value).split("`")[1])
    with pytest.raises(AssertionError):
        work.checkout.git(*words[1:])
    assert (work.checkout.path / "a.txt").read_text().count("OURS") == 1
    assert (work.checkout.path / "b.txt").read_text() == "b theirs\n"
    assert work.checkout.git("diff", "--name-only", "--diff-filter=U").split() == ["a.txt", "dir/c.txt"]


async def test_a_branch_that_moved_on_elsewhere_is_merged_with_both_changes(work: Work) -> None:
    commit = await work.result({"a.txt": "one\ntwo\nTHREE\n"})
    work.checkout.write({"a.txt": "ONE\ntwo\nthree\n"})
    work.checkout.commit("meanwhile")
    await work.merge(commit)
    assert (work.checkout.path / "a.txt").read_text() == "ONE\ntwo\nTHREE\n"
    assert work.checkout.git("status", "--porcelain") == ""


@pytest.mark.parametrize("how", ["squash", pytest.param("merge", marks=pytest.mark.prove)])
async def test_a_thread_that_goes_on_after_its_merge_is_not_in_conflict_with_itself(
    work: Work, how: Literal["squash", "merge"]
) -> None:
    first = await work.result({"a.txt": "one\n2\nthree\n"})
    await work.workspace.merge(work.thread, work.project, first, "first", how=how)
    work.checkout.write({"b.txt": "by the person\n"})
    work.checkout.commit("meanwhile")
    second = await work.result({"a.txt": "one\n2 and a half\nthree\n"})
    checked = await work.workspace.check_merge(work.thread, work.project, second)
    assert checked.files == ("a.txt",)
    await work.workspace.merge(work.thread, work.project, second, "second", how=how)
    assert (work.checkout.path / "a.txt").read_text() == "one\n2 and a half\nthree\n"
    assert (work.checkout.path / "b.txt").read_text() == "by the person\n"
    # What the person took back since isn't brought again.
    work.checkout.write({"a.txt": "one\ntwo\nthree\n"})
    work.checkout.commit("not that")
    third = await work.result({"new.txt": "new\n"})
    await work.workspace.merge(work.thread, work.project, third, "third", how=how)
    assert (work.checkout.path / "a.txt").read_text() == "one\ntwo\nthree\n"
    assert work.checkout.git("status", "--porcelain") == ""


async def test_the_agents_own_commits_can_be_kept_or_fast_forwarded_to(work: Work) -> None:
    await work.workspace.make_tree(work.thread, work.project)
    tree = Checkout(work.workspace.tree(work.thread))
    tree.write({"a.txt": "by the agent\n"})
    own = tree.commit("its own")
    commit = await work.result({})
    assert commit == own
    merged = await work.workspace.merge(work.thread, work.project, commit, "m", how="ff")
    assert merged.after == own == work.checkout.git("rev-parse", "main")
    work.checkout.write({"b.txt": "meanwhile\n"})
    work.checkout.commit("meanwhile")
    tree.write({"a.txt": "again\n"})
    commit = await work.result({})
    with pytest.raises(Refused) as refused:
        await work.workspace.merge(work.thread, work.project, commit, "m", how="ff")
    assert refused.value.code == "not-ff"
    merged = await work.workspace.merge(work.thread, work.project, commit, "m", how="merge")
    assert work.checkout.git("log", "-1", "--format=%P", merged.after).split() == [merged.before, commit]


async def test_modes_links_renames_binaries_and_line_endings_arrive_as_they_were_made(work: Work) -> None:
    await work.workspace.make_tree(work.thread, work.project)
    tree = work.workspace.tree(work.thread)
    (tree / "b.txt").chmod(0o755)
    (tree / "dir" / "c.txt").rename(tree / "moved.txt")
    (tree / "link").symlink_to("b.txt")
    (tree / "gone.txt").unlink()
    files = {"blob.bin": bytes(range(256)), "crlf.txt": b"x\r\ny\r\n", "gone.txt/now": b"a folder\n"}
    commit = await work.result(files)
    await work.merge(commit)
    path = work.checkout.path
    assert os.access(path / "b.txt", os.X_OK)
    assert (path / "moved.txt").read_text() == "c\n"
    assert not (path / "dir").exists()
    assert (path / "link").readlink() == Path("b.txt")
    assert (path / "blob.bin").read_bytes() == bytes(range(256))
    assert (path / "crlf.txt").read_bytes() == b"x\r\ny\r\n"
    assert (path / "gone.txt" / "now").read_text() == "a folder\n"
    assert work.checkout.git("status", "--porcelain") == ""


async def test_e5_files_that_make_other_programs_act_are_named_before_a_merge(work: Work) -> None:
    await work.workspace.make_tree(work.thread, work.project)
    brought = {
        ".mcp.json": "{}",
        ".vscode/tasks.json": "{}",
        "sub/.envrc": "x",
        ".gitattributes": "* filter=x\n",
        ".claude/settings.json": "{}",
        "AGENTS.md": "obey\n",
        "skills/x/SKILL.md": "---\n",
        ".github/workflows/ci.yml": "on: push\n",
        "plain.py": "pass\n",
    }
    links = {"keys": "/root/.ssh", "up/and/away": "../../../outside", "hooks": ".git/hooks", "fine": "a.txt"}
    for name, target in links.items():
        path = work.workspace.tree(work.thread) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)
    commit = await work.result(brought)
    checked = await work.workspace.check_merge(work.thread, work.project, commit)
    assert set(checked.policies) == ({*brought} - {"plain.py"}) | ({*links} - {"fine"})
    assert not set(brought) & {str(path.relative_to(work.checkout.path)) for path in work.checkout.path.rglob("*")}


async def test_merging_where_it_cannot_be_done_says_what_to_do_and_changes_nothing(work: Work) -> None:
    commit = await work.result({"a.txt": "theirs\n"})
    git = work.checkout.git
    git("switch", "--quiet", "--detach")
    before = print_of(work.checkout.path)
    with pytest.raises(Refused, match="git switch") as refused:
        await work.merge(commit)
    assert refused.value.code == "detached-head"
    assert print_of(work.checkout.path) == before
    git("switch", "--quiet", "--orphan", "empty")
    with pytest.raises(Refused) as refused:
        await work.merge(commit)
    assert refused.value.code == "no-commit"
    git("switch", "--quiet", "main")
    (work.checkout.path / ".git" / "MERGE_HEAD").write_text(git("rev-parse", "HEAD") + "\n")
    with pytest.raises(Refused, match="git merge --abort") as refused:
        await work.merge(commit)
    assert refused.value.code == "mid-operation"
    (work.checkout.path / ".git" / "MERGE_HEAD").unlink()
    await work.merge(commit)


async def test_a_lock_of_another_git_is_waited_for_named_and_never_taken(work: Work) -> None:
    commit = await work.result({"a.txt": "theirs\n"})
    lock = work.checkout.path / ".git" / "index.lock"
    lock.write_text("another's")
    before = {name: line for name, line in print_of(work.checkout.path).items() if not name.startswith(".git")}
    with pytest.raises(Refused, match=r"index\.lock") as refused:
        await work.merge(commit)
    assert refused.value.code == "git-locked"
    assert lock.read_text() == "another's"
    after = {name: line for name, line in print_of(work.checkout.path).items() if not name.startswith(".git")}
    assert after == before
    lock.unlink()
    await work.merge(commit)
    assert work.checkout.git("status", "--porcelain") == ""


async def test_a_linked_work_tree_of_the_persons_is_merged_into_its_own_branch(work: Work, tmp_path: Path) -> None:
    work.checkout.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    side = Checkout(tmp_path / "side")
    main = work.checkout.git("rev-parse", "main")
    there = Work(work.workspace, side, side.project(), new_id("thread"))
    commit = await there.result({"a.txt": "side\n"})
    merged = await there.merge(commit)
    assert merged.into == "side"
    assert side.git("rev-parse", "HEAD") == merged.after
    assert side.git("status", "--porcelain") == ""
    assert work.checkout.git("rev-parse", "main") == main
    assert work.checkout.git("status", "--porcelain") == ""
