"""A thread's work tree: made from the person's repo, kept, compared, put back, removed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from house.checkouts import Checkout, bytes_of, print_of
from maquette.domain.errors import Refused
from maquette.domain.ids import new_id
from maquette.domain.projects import Project, ProjectKind
from maquette.domain.threads import Mode
from maquette.workspace import Workspace

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]

FILES = {"README.md": "# Sample\n", "src/app.py": "def main():\n    return 1\n", "run.sh": "#!/bin/sh\n"}


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout.made(tmp_path / "sample", FILES)


async def kept(workspace: Workspace, thread: str, project: Project):
    return await workspace.keep(thread, new_id("turn"), project, Mode.WORKTREE)


async def test_a_tree_holds_the_committed_bytes_and_the_persons_folder_stays_untouched(
    workspace: Workspace, checkout: Checkout
) -> None:
    (checkout.path / "run.sh").chmod(0o755)
    (checkout.path / "link").symlink_to("README.md")
    head = checkout.commit("more")
    checkout.write({"README.md": "# Changed\n", "new.txt": "new\n"})
    checkout.git("add", "new.txt")
    before = print_of(checkout.path)
    thread, project = new_id("thread"), checkout.project()

    made = await workspace.make_tree(thread, project)

    assert (made.base, made.branch, made.left_out) == (head, "main", 2)
    tree = workspace.tree(thread)
    assert (tree / "README.md").read_text() == "# Sample\n"
    assert not (tree / "new.txt").exists()
    assert os.access(tree / "run.sh", os.X_OK)
    assert (tree / "link").readlink() == Path("README.md")
    assert print_of(checkout.path) == before
    inside = Checkout(tree)
    assert inside.git("status", "--porcelain") == ""
    assert inside.git("log", "--format=%s") == "more\nfirst"
    assert await workspace.make_tree(thread, project) == made


async def test_a_tree_from_before_its_index_had_a_folder_is_worked_on(workspace: Workspace, checkout: Checkout) -> None:
    thread, project = new_id("thread"), checkout.project()
    await workspace.make_tree(thread, project)
    home = workspace.tree(thread).parent
    (home / "staged" / "index").rename(home / "index")
    (home / "staged").rmdir()
    Checkout(workspace.tree(thread)).write({"new.txt": "new\n"})
    assert (await kept(workspace, thread, project)).files == ("new.txt",)
    assert not (home / "index").exists()


async def test_a_result_holds_changed_new_and_removed_files_but_not_ignored_ones(
    workspace: Workspace, checkout: Checkout
) -> None:
    checkout.write({".gitignore": "*.log\n"})
    checkout.commit("ignore")
    thread, project = new_id("thread"), checkout.project()
    await workspace.make_tree(thread, project)
    tree = Checkout(workspace.tree(thread))
    tree.write({"src/app.py": "def main():\n    return 2\n", "src/new.py": "x = 1\ny = 2\n", "debug.log": "noise\n"})
    (tree.path / "README.md").unlink()
    index = (tree.path / ".git" / "index").read_bytes()

    result = await kept(workspace, thread, project)

    assert set(result.files) == {"src/app.py", "src/new.py", "README.md"}
    assert (result.added, result.removed) == (3, 2)
    assert (tree.path / ".git" / "index").read_bytes() == index
    diff = await workspace.diff(thread, project, result.commit)
    assert "diff --git a/src/app.py b/src/app.py" in diff
    assert "-    return 1\n+    return 2\n" in diff
    assert "debug.log" not in diff


async def test_what_the_agent_committed_and_stashed_comes_along(workspace: Workspace, checkout: Checkout) -> None:
    thread, project = new_id("thread"), checkout.project()
    made = await workspace.make_tree(thread, project)
    tree = Checkout(workspace.tree(thread))
    tree.write({"a.txt": "stashed\n"})
    tree.git("stash", "--include-untracked")
    tree.write({"b.txt": "committed\n"})
    commit = tree.commit("the agent's own")
    tree.write({"c.txt": "loose\n"})

    result = await kept(workspace, thread, project)

    assert set(result.files) == {"b.txt", "c.txt"}
    store = Checkout(workspace.store(project))
    assert store.git("log", "--format=%H", result.commit).split()[1:] == [commit, made.base]
    removed = await workspace.remove(thread, project)
    assert removed is not None
    assert not tree.path.exists()
    assert store.git("show", f"{removed.ref}:c.txt") == "loose"
    names = store.git("for-each-ref", "--format=%(refname)", f"refs/maquette/rescue/{thread}").split()
    reached = store.git("rev-list", *names).split()
    assert any("a.txt" in store.git("ls-tree", "--name-only", commit).split() for commit in reached)
    store.git("fsck", "--strict", "--no-dangling")


async def test_f19_what_the_store_has_and_nothing_in_it_leads_to_is_kept_before_a_removal(
    workspace: Workspace, checkout: Checkout
) -> None:
    """As a removal leaves it that was killed between taking the tree's own objects and naming them."""
    thread, project = new_id("thread"), checkout.project()
    await workspace.make_tree(thread, project)
    tree, store = Checkout(workspace.tree(thread)), Checkout(workspace.store(project))
    tree.git("tag", "--annotate", "--message", "said with it", "mark")
    tag = tree.git("rev-parse", "refs/tags/mark")
    store.git("fetch", "--quiet", "--no-tags", str(tree.path), "refs/tags/mark")
    assert tag not in store.git("rev-list", "--objects", "--all").split()

    await workspace.remove(thread, project)

    assert tag in store.git("rev-list", "--objects", "--all").split()


async def test_a_second_result_of_the_same_bytes_is_the_same_commit(workspace: Workspace, checkout: Checkout) -> None:
    thread, project = new_id("thread"), checkout.project()
    made = await workspace.make_tree(thread, project)
    assert (await kept(workspace, thread, project)).commit == made.base
    Checkout(workspace.tree(thread)).write({"a.txt": "a\n"})
    first = await kept(workspace, thread, project)
    second = await kept(workspace, thread, project)
    assert first.commit == second.commit


async def test_a_folder_that_became_a_file_a_link_or_a_repo_is_kept_as_it_is(
    workspace: Workspace, checkout: Checkout
) -> None:
    checkout.write({"one/a": "a\n", "two/b": "b\n", "three": "c\n", "four/d": "d\n"})
    checkout.commit("shapes")
    thread, project = new_id("thread"), checkout.project()
    await workspace.make_tree(thread, project)
    tree = workspace.tree(thread)
    for name in ("one", "two"):
        for path in (tree / name).iterdir():
            path.unlink()
        (tree / name).rmdir()
    (tree / "one").write_text("now a file\n")
    (tree / "two").symlink_to("/etc")
    (tree / "three").unlink()
    (tree / "three").mkdir()
    (tree / "three" / "inner").write_text("now a folder\n")
    Checkout(tree / "four").git("init", "--quiet")
    Checkout.made(tree / "five", {"f.txt": "in a repo of its own\n"})
    Checkout.made(tree / "six" / "deep").write({"g.txt": "in a repo with no commit\n"})
    os.mkfifo(tree / "pipe")

    result = await kept(workspace, thread, project)

    store = Checkout(workspace.store(project))
    listed = [line.split() for line in store.git("ls-tree", "-r", result.commit).splitlines()]
    held = {path: (mode, store.git("cat-file", "blob", blob)) for mode, _, blob, path in listed}
    assert held["one"] == ("100644", "now a file")
    assert held["two"] == ("120000", "/etc")
    assert held["three/inner"] == ("100644", "now a folder")
    assert held["four/d"] == ("100644", "d")
    assert held["five/f.txt"] == ("100644", "in a repo of its own")
    assert held["six/deep/g.txt"] == ("100644", "in a repo with no commit")
    assert set(held) == {*FILES, "one", "two", "three/inner", "four/d", "five/f.txt", "six/deep/g.txt"}
    assert (await kept(workspace, thread, project)).commit == result.commit


async def test_going_back_restores_the_bytes_and_keeps_what_was_there(workspace: Workspace, checkout: Checkout) -> None:
    thread, project = new_id("thread"), checkout.project()
    await workspace.make_tree(thread, project)
    tree = workspace.tree(thread)
    (tree / "run.sh").chmod(0o755)
    (tree / "first.txt").write_bytes(b"one\r\ntwo\n")
    first = await kept(workspace, thread, project)
    (tree / "first.txt").write_text("spoilt\n")
    (tree / "second.txt").write_text("later\n")
    (tree / "src" / "app.py").unlink()

    rescued = await workspace.restore(thread, first.commit, "undo the turn")

    assert (tree / "first.txt").read_bytes() == b"one\r\ntwo\n"
    assert not (tree / "second.txt").exists()
    assert (tree / "src" / "app.py").read_text() == FILES["src/app.py"]
    assert Checkout(workspace.store(project)).git("show", f"{rescued.ref}:second.txt") == "later"
    assert (await kept(workspace, thread, project)).commit == first.commit


async def test_removal_keeps_ignored_files_and_refuses_what_it_cannot_keep(
    workspace: Workspace, checkout: Checkout
) -> None:
    checkout.write({".gitignore": "data/\nnode_modules/\n"})
    checkout.commit("ignore")
    thread, project = new_id("thread"), checkout.project()
    await workspace.make_tree(thread, project)
    tree = Checkout(workspace.tree(thread))
    tree.write({"data/small.bin": b"\0\1", "node_modules/x/index.js": "made again\n"})
    with (tree.path / "data" / "large.bin").open("wb") as file:
        file.truncate(51 << 20)

    with pytest.raises(Refused, match=r"data/large\.bin") as refused:
        await workspace.remove(thread, project)
    assert refused.value.code == "no-rescue"
    assert (tree.path / "data" / "large.bin").stat().st_size == 51 << 20

    removed = await workspace.remove(thread, project, lose=["data/large.bin"])
    assert removed is not None
    held = Checkout(workspace.store(project)).git("ls-tree", "-r", "--name-only", removed.ref).split()
    assert "data/small.bin" in held
    assert not any(path.startswith("node_modules") for path in held)
    assert await workspace.remove(thread, project) is None


async def test_a_file_too_large_to_keep_is_named_and_what_a_killed_tool_or_git_left_is_in_nobodys_way(
    workspace: Workspace, checkout: Checkout
) -> None:
    thread, project = new_id("thread"), checkout.project()
    made = await workspace.make_tree(thread, project)
    tree = workspace.tree(thread)
    (tree / ".0123456789abcdef.part").write_text("half of what a tool was writing")
    (tree.parent / "staged" / "index.lock").write_text("half an index")
    assert (await kept(workspace, thread, project)).commit == made.base
    with (tree / "large.bin").open("wb") as file:
        file.truncate(51 << 20)
    (tree / "small.bin").write_bytes(b"small")
    result = await kept(workspace, thread, project)
    assert (result.files, result.left_out) == (("small.bin",), ("large.bin",))


async def test_line_endings_and_attributes_change_no_byte_of_an_untouched_file(
    workspace: Workspace, checkout: Checkout
) -> None:
    odd = {
        "crlf.txt": b"a\r\nb\r\n",
        "mixed.txt": b"a\r\nb\n",
        "bom.txt": b"\xef\xbb\xbfx\r\n",
        "binary.bin": bytes(range(256)),
        "id.c": b"$Id$\r\n",
        "e\u0301.txt": b"nfd\n",
        "\u00e9.txt": b"nfc\n",
    }
    checkout.write(odd)
    checkout.commit("raw")
    checkout.write(
        {".gitattributes": "* text=auto eol=crlf\n*.c ident text\n*.txt text working-tree-encoding=UTF-16\n"}
    )
    checkout.git("add", ".gitattributes")
    checkout.git("commit", "--quiet", "--message", "attributes")
    thread, project = new_id("thread"), checkout.project()
    made = await workspace.make_tree(thread, project)
    tree = workspace.tree(thread)
    assert {name: (tree / name).read_bytes() for name in odd} == odd
    assert (await kept(workspace, thread, project)).commit == made.base
    (tree / "crlf.txt").write_bytes(b"a\r\nB\r\n")
    os.utime(tree / "mixed.txt")

    result = await kept(workspace, thread, project)

    assert result.files == ("crlf.txt",)
    assert (result.added, result.removed) == (1, 1)


async def test_in_place_a_turn_can_be_undone_without_touching_the_persons_git(
    workspace: Workspace, checkout: Checkout
) -> None:
    checkout.write(
        {".gitignore": "*.log\n", "keep.log": "ignored\n", "README.md": "# Half done\n", "new.txt": "mine\n"}
    )
    checkout.git("add", "new.txt")
    (checkout.path / ".git" / "info" / "exclude").write_text("secret.txt\n")
    checkout.write({"secret.txt": "not yours\n"})
    before, git_before = bytes_of(checkout.path), print_of(checkout.path / ".git")
    thread, project = new_id("thread"), checkout.project()
    base = await workspace.begin(thread, project)
    checkout.write({"README.md": "# Spoilt\n", "extra.txt": "of the agent\n"})

    result = await workspace.keep(thread, new_id("turn"), project, Mode.LOCAL)
    assert set(result.files) == {"README.md", "extra.txt"}
    await workspace.restore(thread, base, "undo the turn")

    assert bytes_of(checkout.path) == before
    assert print_of(checkout.path / ".git") == git_before
    names = Checkout(workspace.store(project)).git("ls-tree", "-r", "--name-only", base).split()
    assert set(names) == {*FILES, ".gitignore", "new.txt"}


async def test_a_plain_folder_can_be_kept_and_put_back_and_gets_no_git_of_its_own(
    workspace: Workspace, tmp_path: Path
) -> None:
    folder = Checkout(tmp_path / "plain")
    folder.write({"a.csv": "1,2\r\n", "node_modules/x.js": "again\n", "sub/b.csv": "3\n"})
    before = bytes_of(folder.path)
    thread, project = new_id("thread"), folder.project(ProjectKind.FOLDER)
    base = await workspace.begin(thread, project)
    folder.write({"a.csv": "9\n", "out.xlsx": b"\0"})
    result = await workspace.keep(thread, new_id("turn"), project, Mode.LOCAL)
    assert set(result.files) == {"a.csv", "out.xlsx"}
    await workspace.restore(thread, base, "undo the turn")
    assert bytes_of(folder.path) == before


async def test_in_place_what_a_person_changes_between_two_turns_is_kept_before_the_second(
    workspace: Workspace, checkout: Checkout
) -> None:
    thread, project = new_id("thread"), checkout.project()
    base = await workspace.begin(thread, project)
    await workspace.keep(thread, new_id("turn"), project, Mode.LOCAL)
    checkout.write({"README.md": "# By the person, between two turns\n"})
    assert await workspace.begin(thread, project) == base
    checkout.write({"README.md": "# By the agent\n"})
    await workspace.keep(thread, new_id("turn"), project, Mode.LOCAL)
    store = Checkout(workspace.store(project))
    refs = store.git("for-each-ref", "--format=%(objectname)", f"refs/maquette/result/{thread}").split()
    assert "# By the person, between two turns" in [store.git("show", f"{ref}:README.md") for ref in refs]


async def test_locks_that_a_killed_git_left_on_refs_of_the_store_are_in_nobodys_way(
    workspace: Workspace, checkout: Checkout
) -> None:
    thread, other, project = new_id("thread"), new_id("thread"), checkout.project()
    await workspace.make_tree(thread, project)
    (workspace.tree(thread) / "new.txt").write_text("new\n")
    refs = workspace.store(project) / "refs"
    left = (
        f"maquette/result/{thread}/000001",
        f"maquette/agent/{thread}",
        f"maquette/merged/{thread}/result",
        f"maquette/base/{other}",
        "person/heads/main",
    )
    for ref in left:
        lock = refs / f"{ref}.lock"
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.touch()
    result = await kept(workspace, thread, project)
    assert result.files == ("new.txt",)
    await workspace.merge(thread, project, result.commit, "new\n")
    await workspace.make_tree(other, project)
    assert not [*refs.rglob("*.lock")]


async def test_files_in_a_submodules_folder_are_named_as_left_out_and_kept_on_removal(
    workspace: Workspace, checkout: Checkout, tmp_path: Path
) -> None:
    inner = Checkout.made(tmp_path / "inner", {"x.txt": "x\n"})
    checkout.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.path), "sub")
    checkout.commit("submodule")
    thread, project = new_id("thread"), checkout.project()
    await workspace.make_tree(thread, project)
    (workspace.tree(thread) / "sub" / "loose.txt").write_text("loose\n")
    result = await kept(workspace, thread, project)
    assert (result.files, result.left_out) == ((), ("sub/loose.txt",))
    removed = await workspace.remove(thread, project)
    assert removed is not None
    assert Checkout(workspace.store(project)).git("show", f"{removed.ref}:sub/loose.txt") == "loose"
