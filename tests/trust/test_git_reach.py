"""How far git, and the agent, can reach: names that aren't names, pointers to other repos, the person's `.git`."""

from __future__ import annotations

from pathlib import Path

import pytest

from house.checkouts import Checkout, print_of
from maquette.domain.errors import Refused
from maquette.domain.ids import new_id
from maquette.domain.projects import ProjectKind
from maquette.domain.threads import Mode
from maquette.kinds.sandboxes import Profile, Tier
from maquette.workspace import Workspace
from seams.boxes import best, sh

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]

SECRET = "https://ada:hunter2@127.0.0.1/repo.git"


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    checkout = Checkout.made(tmp_path / "sample", {"a.txt": "one\n"})
    checkout.git("remote", "add", "origin", SECRET)
    return checkout


async def inside(profile: Profile, script: str) -> str:
    """What a script says in a box."""
    box, said = best().box(profile), bytearray()
    try:
        await box.run(["bash", "-c", script], sink=said.extend, seconds=20)
    finally:
        await box.close()
    return said.decode()


@pytest.mark.parametrize("base", ["-h", "--output=x", "--upload-pack=touch sprung", "", "a\nb", "x\r", "HEAD\x00"])
async def test_s17_a_base_that_could_be_an_option_is_refused(
    workspace: Workspace, checkout: Checkout, base: str
) -> None:
    with pytest.raises(Refused) as refused:
        await workspace.make_tree(new_id("thread"), checkout.project(), base)
    assert refused.value.code == "bad-ref"
    assert not [*checkout.path.parent.rglob("sprung")]


@pytest.mark.parametrize("path", ["ext::sh -c touch% sprung", "--upload-pack=touch sprung", "file:///x", "host:repo"])
async def test_s17_a_project_is_a_folder_and_never_an_address(workspace: Workspace, tmp_path: Path, path: str) -> None:
    project = Checkout(Path(path)).project()
    with pytest.raises(Refused) as refused:
        await workspace.make_tree(new_id("thread"), project)
    assert refused.value.code == "no-folder"
    with pytest.raises(Refused):
        await workspace.begin(new_id("thread"), project)


async def test_s17_a_repo_with_hostile_submodules_and_branches_is_worked_on_without_following_them(
    workspace: Workspace, checkout: Checkout, tmp_path: Path
) -> None:
    sprung = tmp_path / "sprung"
    modules = (
        f'[submodule "x"]\n\tpath = "sub\\r"\n\turl = "ext::sh -c touch% {sprung}"\n\tupdate = "!touch {sprung}"\n'
    )
    checkout.write({".gitmodules": modules.encode() + b'[submodule "../../x"]\n\tpath = -p\r\n\turl = -u./x\n'})
    head = checkout.git("rev-parse", "HEAD")
    for name in ("sub\r", "-p"):
        checkout.git("update-index", "--add", "--cacheinfo", f"160000,{head},{name}")
    checkout.git("update-index", "--add", ".gitmodules")
    checkout.git("commit", "--quiet", "--message", "modules")
    (checkout.path / ".git" / "refs" / "heads" / "--upload-pack=touch").write_text(head + "\n")
    project, thread = checkout.project(), new_id("thread")
    await workspace.make_tree(thread, project)
    Checkout(workspace.tree(thread)).write({"a.txt": "two\n"})
    result = await workspace.keep(thread, new_id("turn"), project, Mode.WORKTREE)
    assert result.files == ("a.txt",)
    await workspace.merge(thread, project, result.commit, "m")
    assert not sprung.exists()
    assert checkout.git("ls-files", "--stage", "-z").count("160000") == 2


async def test_e3_a_folder_whose_git_points_at_another_repo_is_refused(
    workspace: Workspace, checkout: Checkout, tmp_path: Path
) -> None:
    theirs = checkout.path / ".git"
    before = print_of(checkout.path)

    async def refused(name: str) -> None:
        for kind in ProjectKind:
            project = Checkout(tmp_path / name).project(kind)
            with pytest.raises(Refused) as found:
                await workspace.make_tree(new_id("thread"), project)
            assert found.value.code in ("foreign-git-dir", "not-a-repo")
        with pytest.raises(Refused) as found:
            await workspace.inspect(tmp_path / name)
        assert found.value.code == "foreign-git-dir"

    for name in ("pointer", "link", "common"):
        (tmp_path / name).mkdir()
    (tmp_path / "pointer" / ".git").write_text(f"gitdir: {theirs}\n")
    await refused("pointer")
    (tmp_path / "link" / ".git").symlink_to(theirs)
    await refused("link")
    mine = Checkout(tmp_path / "common")
    mine.git("init", "--quiet")
    (mine.path / ".git" / "commondir").write_text(f"{theirs}\n")
    await refused("common")
    borrowing = Checkout.made(tmp_path / "borrowing", {"x": "x"})
    (borrowing.path / ".git" / "objects" / "info" / "alternates").write_text(f"{theirs / 'objects'}\n")
    with pytest.raises(Refused) as found:
        await workspace.make_tree(new_id("thread"), borrowing.project())
    assert found.value.code == "borrowed-objects"
    assert print_of(checkout.path) == before


@pytest.mark.needs("bwrap", "sudo apt-get install bubblewrap")
async def test_e3_in_place_the_agent_reads_the_persons_git_and_can_change_nothing_of_it(
    workspace: Workspace, checkout: Checkout
) -> None:
    before = print_of(checkout.path / ".git")
    project = checkout.project()
    profile = workspace.profile(new_id("thread"), project, Mode.LOCAL)
    said = await inside(
        profile,
        """
        git log --format=%s; cat .git/config; git config --list
        echo x > .git/hooks/pre-commit; echo x >> .git/config; echo x > .git/config.worktree
        git config core.fsmonitor evil; git add -A; git commit -m x; git stash; git update-ref refs/heads/x HEAD
        rm -rf .git; mv .git gone; mkdir -p other && mv other .git; ln -sfn /tmp .git; chmod 777 .git .git/HEAD
        mount --bind /tmp .git; umount .git; ln .git/HEAD hard && echo x > hard
        echo written > ok.txt
        """,
    )
    assert "first" in said
    assert "hunter2" not in said
    assert (checkout.path / "ok.txt").read_text() == "written\n"
    assert print_of(checkout.path / ".git") == before
    checkout.git("fsck", "--strict")


async def test_e2_settings_that_the_person_changes_meanwhile_are_masked_for_the_next_command(
    checkout: Checkout, workspace: Workspace
) -> None:
    """E2: git puts a new file in their place, and the kernel takes a mask away with the old one."""
    box = best().box(workspace.profile(new_id("thread"), checkout.project(), Mode.LOCAL))
    before = await sh(box, "cat .git/config")
    checkout.git("config", "remote.origin.pushUrl", "https://me:hunter3@example.com/")
    after = await sh(box, "cat .git/config")
    await box.close()
    masked = {Tier.FULL: (0, ""), Tier.LANDLOCK: (1, "cat: .git/config: Permission denied\n")}[box.tier]
    assert [(came.status, came.text) for came in (before, after)] == [masked] * 2


async def test_e3_from_its_own_tree_the_agent_reaches_neither_the_persons_repo_nor_the_store(
    workspace: Workspace, checkout: Checkout
) -> None:
    project, thread = checkout.project(), new_id("thread")
    await workspace.make_tree(thread, project)
    before, store_before = print_of(checkout.path), print_of(workspace.store(project))
    said = await inside(
        workspace.profile(thread, project, Mode.WORKTREE),
        f"""
        ls {checkout.path}; cat {checkout.path}/.git/config; cat .git/config; ls {workspace.store(project)}
        echo x > {workspace.store(project)}/objects/x; rm -rf {workspace.store(project)}/objects/*
        echo x > a.txt && git commit -qam 'the agent may commit' && git log --format=%s
        git branch other && git stash list && git gc -q && git fsck --strict && echo sound
        """,
    )
    assert "the agent may commit\nfirst" in said
    assert "sound" in said
    assert "hunter2" not in said
    assert print_of(checkout.path) == before
    assert print_of(workspace.store(project)) == store_before
    result = await workspace.keep(thread, new_id("turn"), project, Mode.WORKTREE)
    assert result.files == ("a.txt",)


async def test_objects_that_an_agent_forged_are_not_taken_into_the_store(
    workspace: Workspace, checkout: Checkout
) -> None:
    project, thread = checkout.project(), new_id("thread")
    made = await workspace.make_tree(thread, project)
    tree = Checkout(workspace.tree(thread))
    blob = tree.git("hash-object", "-w", "a.txt")
    forged = b"100644 .git/../evil\0" + bytes.fromhex(blob)
    (tree.path / "forged").write_bytes(forged)
    oid = tree.git("hash-object", "-t", "tree", "-w", "--literally", "forged")
    (tree.path / "forged").unlink()
    commit = tree.git("commit-tree", oid, "-p", made.base, "-m", "forged")
    tree.git("update-ref", "refs/heads/main", commit)
    tree.write({"a.txt": "two\n"})
    result = await workspace.keep(thread, new_id("turn"), project, Mode.WORKTREE)
    store = Checkout(workspace.store(project))
    assert store.git("log", "--format=%P", "-1", result.commit) == made.base
    store.git("fsck", "--strict", "--no-dangling")
