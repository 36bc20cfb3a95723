"""The repo in the agent's tree, which the agent may make what it likes, and what our git makes of it."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from house.checkouts import Checkout, print_of
from maquette.domain.errors import Refused
from maquette.domain.ids import new_id
from maquette.domain.projects import Project, ProjectKind
from maquette.domain.threads import Mode
from maquette.workspace import Workspace
from maquette.workspace.clones import opened
from maquette.workspace.git import Gits
from maquette.workspace.policies import policies
from maquette.workspace.repos import locate
from seams.boxes import best

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout.made(tmp_path / "sample", {"a.txt": "one\n"})


async def tree_of(workspace: Workspace, project: Project) -> tuple[str, Checkout]:
    thread = new_id("thread")
    await workspace.make_tree(thread, project)
    return thread, Checkout(workspace.tree(thread))


async def said_in_place(workspace: Workspace, project: Project, script: str) -> str:
    box, said = best().box(workspace.profile(new_id("thread"), project, Mode.LOCAL)), bytearray()
    try:
        await box.run(["bash", "-c", script], sink=said.extend, seconds=20)
    finally:
        await box.close()
    return said.decode()


async def test_e3_an_index_that_leads_into_the_store_is_not_written_through(
    workspace: Workspace, checkout: Checkout
) -> None:
    project = checkout.project()
    thread, tree = await tree_of(workspace, project)
    store = workspace.store(project)
    index = tree.path / ".git" / "index"
    index.unlink()
    index.symlink_to(store / "shallow")
    (tree.path / ".git" / "objects" / "4b").symlink_to(store / "refs" / "heads")
    await workspace.remove(thread, project)
    assert not (store / "shallow").exists()
    Checkout(store).git("fsck", "--strict")


async def test_e4_no_program_that_a_trees_own_repo_names_is_run_to_read_it(
    workspace: Workspace, checkout: Checkout, tmp_path: Path
) -> None:
    """Not even to get what is missing: a repo may say from where, and by which program."""
    project = checkout.project()
    thread, tree = await tree_of(workspace, project)
    store = workspace.store(project)
    marks = [
        store / "sprung",
        tree.path.parent / "sprung",
        tmp_path / "sprung",
        tree.path.parent / "scratch" / "sprung",
    ]
    evil = tree.path / "evil"
    evil.write_text("#!/bin/sh\n" + "".join(f"touch {mark}\n" for mark in marks))
    evil.chmod(0o755)
    tree.write({"included": f'[core]\n\tsshCommand = "{evil}"\n\thooksPath = "{tree.path}"\n'})
    for name, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": str(store),
        "remote.origin.uploadpack": str(evil),
        "protocol.allow": "always",
        "uploadpack.packObjectsHook": str(evil),
        "core.alternateRefsCommand": str(evil),
        "core.fsmonitor": str(evil),
        "core.worktree": str(checkout.path),
        "include.path": str(tree.path / "included"),
    }.items():
        tree.git("config", name, value)
    (tree.path / ".git" / "objects" / "info" / "alternates").write_text(
        f"{store}/objects\n{checkout.path}/.git/objects\n"
    )
    before = print_of(checkout.path)
    (tree.path / ".git" / "refs" / "heads" / "main").write_text("1" * 40 + "\n")
    kept = await workspace.keep(thread, new_id("turn"), project, Mode.WORKTREE)
    assert kept.files == ("evil", "included")
    with pytest.raises(Refused, match="can't be read"):
        await workspace.remove(thread, project)
    assert not [mark for mark in marks if mark.exists()]
    assert print_of(checkout.path) == before


async def test_e4_a_git_that_reads_the_trees_own_repo_could_write_nowhere(
    workspace: Workspace, checkout: Checkout, tmp_path: Path
) -> None:
    """Whatever it may be made to run."""
    project = checkout.project()
    _, tree = await tree_of(workspace, project)
    store, scratch = workspace.store(project), tree.path.parent / "scratch"
    before = print_of(store), print_of(tree.path)
    place = (tree.path.parent / "place.json").read_bytes()
    gits = Gits(best(), tmp_path / "state")
    script = (
        f"cd {store} && echo x > config; echo x > {tree.path}/a.txt; echo x > {tree.path.parent}/place.json; id >&2"
    )
    async with opened(gits, store, tree.path, scratch) as git:
        ended = await git.box.run(["sh", "-c", f"{script}; echo x > {scratch}/x"], sink=print, seconds=20)
    assert ended.status == 0
    assert (print_of(store), print_of(tree.path)) == before
    assert (tree.path.parent / "place.json").read_bytes() == place


@pytest.mark.needs("bwrap", "sudo apt-get install bubblewrap")
async def test_e3_in_place_the_git_of_each_repo_in_the_folder_is_intact(
    workspace: Workspace, checkout: Checkout, tmp_path: Path
) -> None:
    """A person's `git status` goes into submodules, and runs what their settings name; as does one in a repo within."""
    inner = Checkout.made(checkout.path / "vendor" / "lib", {"x": "x\n"})
    inner.git("remote", "add", "origin", "https://ada:hunter2@127.0.0.1/x.git")
    origin = Checkout.made(tmp_path / "origin", {"y": "y\n"})
    checkout.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(origin.path), "parts/sub")
    desk = tmp_path / "desk"
    Checkout.made(desk / "code" / "tool", {"z": "z\n"})
    gits = [
        checkout.path / "vendor" / "lib" / ".git",
        checkout.path / "parts" / "sub" / ".git",
        desk / "code" / "tool" / ".git",
    ]
    before = [path.read_bytes() if path.is_file() else print_of(path) for path in gits]
    for project, folders in (
        (checkout.project(), ("vendor/lib", "parts/sub")),
        (Checkout(desk).project(ProjectKind.FOLDER), ("code/tool",)),
    ):
        for folder in folders:
            above = folder.partition("/")[0]
            said = await said_in_place(
                workspace,
                project,
                f"""
                git -C {folder} log --format=%s; cat {folder}/.git/config; echo x > {folder}/.git/hooks/pre-commit
                git -C {folder} config core.fsmonitor evil; rm -rf {folder}/.git; mv {folder}/.git gone
                mv {folder} moved; mv {above} moved; rm -rf {folder}; mkdir -p {folder}/.git
                echo changed > {folder}/made && echo fine
                """,
            )
            assert "first" in said
            assert "hunter2" not in said
            assert "fine" in said
    assert [path.read_bytes() if path.is_file() else print_of(path) for path in gits] == before


async def test_e2_nothing_works_in_place_where_the_persons_home_lies(workspace: Workspace) -> None:
    home = Path.home()
    for folder in (home, home.parent):
        with pytest.raises(Refused) as refused:
            await workspace.check_in_place(Checkout(folder).project(ProjectKind.FOLDER))
        assert refused.value.code == "holds-home"


def deepen(folder: Path, depth: int) -> None:
    """Deeper than a path can name."""
    at = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("deep", dir_fd=at)
        below = os.open("deep", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(at)


async def test_e11_a_tree_deeper_than_a_path_can_name_is_removed(workspace: Workspace, checkout: Checkout) -> None:
    project = checkout.project()
    thread, tree = await tree_of(workspace, project)
    deepen(tree.path, 1100)
    await workspace.remove(thread, project)
    assert not tree.path.parent.exists()


async def test_e11_a_tree_that_was_shut_is_kept_and_removed(workspace: Workspace, checkout: Checkout) -> None:
    project = checkout.project()
    thread, tree = await tree_of(workspace, project)
    tree.write({"b.txt": "b\n"})
    tree.path.chmod(0)
    kept = await workspace.keep(thread, new_id("turn"), project, Mode.WORKTREE)
    assert kept.files == ("b.txt",)
    tree.path.chmod(0)
    await workspace.remove(thread, project)
    assert not tree.path.parent.exists()


def test_e11_a_pointer_to_settings_without_end_is_not_followed_to_their_end(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text(f"gitdir: {tmp_path}/far\n")
    (tmp_path / "far").mkdir()
    with (tmp_path / "far" / "config").open("wb") as file:
        file.truncate(2 << 30)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Refused):
        locate(tmp_path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


@pytest.mark.parametrize(
    "path",
    [".vscode", "a/.idea", ".cargo/config.toml", ".vimrc", "x.code-workspace", ".GitHub/agents/a.md"],
)
def test_e5_a_link_in_place_of_a_folder_and_rarer_files_are_named_too(path: str) -> None:
    assert policies([path, "src/vscode.py", "cargo/config.toml"]) == (path,)
