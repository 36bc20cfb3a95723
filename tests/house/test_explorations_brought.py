"""People's own attempts: a branch, a folder, a patch, an archive, a thread; each looked at as all others are."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from house.checkouts import Checkout, print_of
from house.homes import a_home
from house.test_explorations import gathered
from maquette.actions import attempts, explorations, projects
from maquette.actions.explorations import Wish
from maquette.domain.errors import Refused
from maquette.domain.events import ThreadStarted
from maquette.domain.ids import new_id
from maquette.domain.threads import Mode
from maquette.workspace import Workspace, brought

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]
FILES = {"a.txt": "one\ntwo\n", "b.txt": "b\n"}
PATCH = b"--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n-one\n+eins\n two\n"


def tar(*members: tuple[str, str] | tarfile.TarInfo) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as held:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                held.addfile(member)
            else:
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                held.addfile(info, io.BytesIO(member[1].encode()))
    return out.getvalue()


def link(name: str, to: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, to
    return info


async def test_what_a_person_brings_becomes_an_attempt_with_the_same_evidence(tmp_path: Path) -> None:
    repo = Checkout.made(tmp_path / "shop", FILES)
    repo.git("checkout", "-q", "-b", "own")
    repo.write({"a.txt": "one\ntwo\nthree\n"})
    repo.commit("Three of them, in a calmer list")
    repo.git("checkout", "-q", "main")
    repo.write({"later.txt": "later\n"})
    repo.commit("what came after the branch")
    before = print_of(repo.path)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").write_text("from a folder\n")
    async with a_home(tmp_path / "state", {}) as home:
        project = await projects.add(home, repo.path)
        wish = Wish("A calmer list of three", project=project.id, attempts=0, checks=["grep -q two a.txt"])
        exploration = await explorations.start(home, wish)
        for title in ("Put three of them in a list", "Something else"):
            thread = ThreadStarted(project=project.id, title=title, mode=Mode.WORKTREE, model="m:x")
            await home.store.log.append(new_id("thread"), thread)
        noticed = await explorations.noticed(home, exploration.id)
        assert [(one.kind, one.told, one.words) for one in noticed] == [
            ("branch", "own Three of them, in a calmer list", ("calmer", "list", "three")),
            ("thread", "Put three of them in a list", ("list", "three")),
        ]

        zipped = io.BytesIO()
        with zipfile.ZipFile(zipped, "w") as held:
            held.writestr("shop-main/a.txt", "two, from an archive\n")
            held.writestr("shop-main/b.txt", "b\n")
            held.writestr("shop-main/later.txt", "later\n")
        await attempts.bring(home, exploration.id, "branch", "own")
        await attempts.bring(home, exploration.id, "folder", str(folder))
        await attempts.bring(home, exploration.id, "patch", "mine.patch", PATCH)
        await attempts.bring(home, exploration.id, "archive", "mine.zip", zipped.getvalue())
        with pytest.raises(Refused, match="already"):
            await attempts.bring(home, exploration.id, "branch", "own")
        with pytest.raises(Refused, match="doesn't apply"):
            await attempts.bring(home, exploration.id, "patch", "other.patch", PATCH.replace(b"two", b"drei"))

        found = await gathered(home, exploration, 4)
        seen = [one.evidence for one in found if one.evidence]
        assert [one.files for one in seen] == [
            ("a.txt",),
            ("a.txt", "b.txt", "later.txt"),
            ("a.txt",),
            ("a.txt",),
        ]
        assert [bool(one.failed) for one in seen] == [False, True, False, False]
        assert [one.kind for one in await explorations.noticed(home, exploration.id)] == ["thread"]
        assert print_of(repo.path) == before
        merged = await attempts.merge(home, exploration.id, 1)
        assert repo.git("show", f"{merged.after}:a.txt") == "one\ntwo\nthree"
        assert (repo.path / "later.txt").exists()


BAD: dict[str, Callable[[], bytes]] = {
    "leads out": lambda: tar(("../../escaped.txt", "out"), ("/tmp/escaped.txt", "out"), ("fine.txt", "in")),
    "links": lambda: tar(link("ln", "/etc"), ("ln/passwd", "x"), link("hard", "../../x", tarfile.LNKTYPE)),
    "a chain of paths": lambda: tar(("/".join(["d" * 100] * 60) + "/f", "deep"), ("fine.txt", "in")),
    "a repo": lambda: tar((".git/config", "[core]"), ("sub/.GIT/hooks/x", "x"), ("fine.txt", "in")),
    "a device": lambda: tar(link("null", "", tarfile.CHRTYPE), ("fine.txt", "in")),
}


def escaped(folder: Path) -> list[Path]:
    return [*folder.rglob("escaped*"), *Path("/tmp").glob("escaped.txt")]


async def test_s16_nothing_of_an_archive_lands_outside_its_folder_and_what_unpacks_to_more_than_is_taken_is_refused(
    tmp_path: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = Checkout.made(tmp_path / "shop", FILES)
    project = repo.project()
    base = await workspace.brought.base(project)
    for kind, made in BAD.items():
        commit = await workspace.brought.archive(project, base, made())
        held = Checkout(workspace.store(project)).git("ls-tree", "-r", "--name-only", commit).splitlines()
        assert set(held) <= {"fine.txt", "ln/passwd", "passwd"}, kind
        assert not escaped(tmp_path), kind

    monkeypatch.setattr(brought, "BYTES", 1 << 20)
    with pytest.raises(Refused, match="more than is taken"):
        await workspace.brought.archive(project, base, tar(("bomb", "\0" * (2 << 20))))
    with pytest.raises(Refused, match="can't be unpacked"):
        await workspace.brought.archive(project, base, b"no archive at all")
