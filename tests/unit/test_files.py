"""`BeneathFiles`: by the kernel's own look-up, and by the walk for kernels without it."""

from __future__ import annotations

import ctypes
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from maquette.domain.errors import Refused
from maquette.workspace import beneath
from maquette.workspace.files import BeneathFiles


@pytest.fixture(params=["openat2", "walk"])
def files(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BeneathFiles:
    if request.param == "walk":
        monkeypatch.setattr(beneath, "has_openat2", lambda: False)
    elif not beneath.has_openat2():
        pytest.skip("this kernel has no openat2 (Linux 5.6 has)")
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("secret")
    return BeneathFiles(root)


@pytest.fixture
def outside(files: BeneathFiles) -> Iterator[Path]:
    """Is as it was, after each test."""
    folder = files.root.parent / "outside"
    yield folder
    assert [path.name for path in folder.iterdir()] == ["secret"]
    assert (folder / "secret").read_text() == "secret"


def code(refused: pytest.ExceptionInfo[Refused]) -> str:
    return refused.value.code


def test_what_was_written_is_read_and_listed(files: BeneathFiles):
    files.write("a/b/c.txt", b"hello")
    assert files.read("a/b/c.txt") == b"hello"
    assert files.read(str(files.root / "a/b/c.txt"), limit=2) == b"he"
    assert [(name, entry.is_folder) for name, entry in files.names()] == [("a", True)]
    assert [(name, entry.size, entry.mode) for name, entry in files.names("a/b")] == [("c.txt", 5, 0o644)]
    assert files.stat("a/b/c.txt") == files.names("a/b")[0][1]


def test_there_is_nothing_at_an_unknown_path(files: BeneathFiles):
    files.write("file", b"")
    assert files.stat("nothing") is None
    assert files.stat("file/below") is None
    with pytest.raises(Refused) as refused:
        files.read("nothing")
    assert code(refused) == "no-file"


def test_replacing_keeps_the_mode_and_leaves_nothing_beside(files: BeneathFiles):
    files.write("run.sh", b"1")
    (files.root / "run.sh").chmod(0o4755)
    files.write("run.sh", b"2")
    assert stat.S_IMODE((files.root / "run.sh").stat().st_mode) == 0o755
    assert os.listdir(files.root) == ["run.sh"]  # noqa: PTH208 - names are what is compared


@pytest.mark.parametrize(
    "path", ["../outside/secret", "a/../../outside/secret", "/etc/passwd", "link", "up/secret", "far"]
)
def test_nothing_outside_is_read_or_changed(files: BeneathFiles, outside: Path, path: str):
    (files.root / "a").mkdir()
    (files.root / "link").symlink_to(outside / "secret")
    (files.root / "up").symlink_to("../outside")
    (files.root / "far").symlink_to("a/../../outside/secret")
    for deed in (
        lambda: files.read(path),
        lambda: files.stat(path),
        lambda: files.write(path, b"changed"),
        lambda: files.write(f"{path}/new", b"made"),
    ):
        with pytest.raises(Refused) as refused:
            deed()
        assert code(refused) in ("outside", "not-a-folder")


def test_an_absolute_path_that_only_looks_inside_is_refused(files: BeneathFiles, outside: Path):
    with pytest.raises(Refused):
        files.read(f"{files.root}/../outside/secret")
    with pytest.raises(Refused):
        files.read(f"{files.root}-beside/secret")


def test_moving_and_removing_reach_nothing_outside(files: BeneathFiles, outside: Path):
    files.write("mine", b"mine")
    (files.root / "up").symlink_to("../outside")
    (files.root / "link").symlink_to("../outside/secret")
    with pytest.raises(Refused):
        files.remove("up/secret")
    with pytest.raises(Refused):
        files.move("mine", "up/mine")
    with pytest.raises(Refused):
        files.move("up/secret", "taken")
    files.remove("link")
    assert not (files.root / "link").is_symlink()


def test_a_file_is_moved_but_never_over_another(files: BeneathFiles):
    files.write("a", b"a")
    files.write("b", b"b")
    with pytest.raises(Refused) as refused:
        files.move("a", "b")
    assert code(refused) == "exists"
    files.move("a", "new/a")
    assert files.read("new/a") == b"a"
    assert files.read("b") == b"b"
    assert files.stat("a") is None


def test_a_link_in_the_tree_is_written_through(files: BeneathFiles):
    files.write("docs/AGENTS.md", b"old")
    (files.root / "CLAUDE.md").symlink_to("docs/AGENTS.md")
    files.write("CLAUDE.md", b"new")
    assert (files.root / "CLAUDE.md").is_symlink()
    assert files.read("docs/AGENTS.md") == b"new"


def test_links_in_a_circle_are_refused(files: BeneathFiles):
    (files.root / "a").symlink_to("b")
    (files.root / "b").symlink_to("a")
    for deed in (lambda: files.read("a"), lambda: files.write("a", b"")):
        with pytest.raises(Refused):
            deed()


def test_a_hard_link_outside_keeps_its_contents(files: BeneathFiles, outside: Path):
    (files.root / "twin").hardlink_to(outside / "secret")
    files.write("twin", b"changed")
    assert files.read("twin") == b"changed"


@pytest.mark.parametrize(
    "path", [".git/config", ".GIT/hooks/pre-commit", "sub/.git", "sub/.Git/config", "alias/config"]
)
def test_git_is_not_changed(files: BeneathFiles, path: str):
    (files.root / ".git" / "hooks").mkdir(parents=True)
    (files.root / ".git" / "config").write_text("kept")
    (files.root / "alias").symlink_to(".git")
    files.write("plain", b"")
    for deed in (lambda: files.write(path, b"x"), lambda: files.move("plain", path), lambda: files.remove(path)):
        with pytest.raises(Refused):
            deed()
    assert (files.root / ".git" / "config").read_text() == "kept"
    assert not (files.root / ".GIT").exists()
    assert not (files.root / "sub" / ".git").exists()
    files.write(".gitignore", b"*.pyc")


def test_a_pipe_is_refused_without_waiting(files: BeneathFiles):
    os.mkfifo(files.root / "pipe")
    for deed in (lambda: files.read("pipe"), lambda: files.write("pipe", b"x")):
        with pytest.raises(Refused) as refused:
            deed()
        assert code(refused) == "not-a-file"


def test_folders_are_no_files(files: BeneathFiles):
    files.write("folder/file", b"")
    deeds = (
        lambda: files.read("folder"),
        lambda: files.write("folder", b""),
        lambda: files.remove("folder"),
        lambda: files.move("folder", "other"),
        lambda: files.write(".", b""),
        lambda: files.write("", b""),
        lambda: files.write("folder/..", b""),
    )
    for deed in deeds:
        with pytest.raises(Refused) as refused:
            deed()
        assert code(refused) == "folder"
    with pytest.raises(Refused):
        files.names("folder/file")


def test_names_that_cannot_be_are_refused(files: BeneathFiles):
    for name in ("a\0b", "x" * 300):
        with pytest.raises(Refused) as refused:
            files.write(name, b"")
        assert code(refused) == "bad-name"


def test_names_that_are_no_text_are_listed_and_read(files: BeneathFiles):
    Path(os.fsdecode(os.fsencode(files.root) + b"/\xff\xfe")).write_bytes(b"odd")
    name = files.names()[0][0]
    assert files.read(name) == b"odd"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files of others: run as root")
def test_as_root_new_files_belong_to_whom_the_tree_belongs(files: BeneathFiles):
    os.chown(files.root, 54321, 54321)
    files.write("a/b", b"")
    assert [(files.root / path).stat().st_uid for path in ("a", "a/b")] == [54321, 54321]


def test_e13_a_folder_swapped_for_a_link_a_thousand_times_lets_nothing_out(files: BeneathFiles, outside: Path):
    """E13: while the file tools write, a folder is a link to outside every other moment."""
    (files.root / "inner").mkdir()
    (files.root / "other").symlink_to(outside)
    names = [os.fsencode(files.root / name) for name in ("inner", "other")]
    exchange = ctypes.CDLL(None).renameat2
    stopped = threading.Event()
    swaps = [0]

    def swap() -> None:
        while not stopped.is_set():
            swaps[0] += exchange(-100, names[0], -100, names[1], 2) == 0

    swapping = threading.Thread(target=swap)
    swapping.start()
    outcomes: set[str] = set()
    try:
        for number in range(300):
            for path in ("inner", "other"):
                try:
                    files.write(f"{path}/new", b"%d" % number)
                    outcomes.add("written")
                    assert files.read(f"{path}/secret") != b"secret"
                except Refused as refused:
                    outcomes.add(refused.code)
    finally:
        stopped.set()
        swapping.join(10)
    assert {"written", "outside"} <= outcomes
    assert swaps[0] >= 1000
