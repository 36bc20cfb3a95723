"""Backups: whole, of one moment, without secrets; put in a state's place, here or elsewhere."""

from __future__ import annotations

import asyncio
import hashlib
import io
import shutil
import tarfile
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from house.bases import a_machine, refused
from house.checkouts import Checkout, bytes_of
from house.homes import a_home, rest
from maquette.actions import archives, backups, reviews, threads
from maquette.actions.home import Home
from maquette.cli import starting
from maquette.domain.errors import Refused
from maquette.domain.events import MessageSent, TurnFinished
from maquette.domain.threads import Outcome
from maquette.settings import backups as folder_of
from maquette.store import Log, Store, copies, rebuild
from maquette.testing.models import Asked, Call, Calls, Says, ScriptedModels, Turn

MODEL = "openai-chat:scripted"
SECRET = "sk-canary-that-must-stay-at-home"
TOKEN = "a-token-that-must-stay-at-home"


def play(asked: Asked) -> Turn:
    command = {"command": f"echo {asked.said} >> written; ln -sf /etc/hostname link; git add -A; git commit -qm step"}
    return Says("done") if asked.results else Calls(Call("shell", command))


async def done(home: Home, sent: threads.Sent) -> None:
    ended = await rest(home, sent)
    assert isinstance(ended, TurnFinished)
    assert ended.outcome is Outcome.DONE, ended.reason


@pytest.mark.anyio
@pytest.mark.boxed
async def test_f16_a_backup_made_during_writes_is_restored_elsewhere_as_it_was(tmp_path: Path) -> None:
    """F16: the entries, commits and files are the same; the token and the keys aren't in it; work goes on there."""
    repo = Checkout.made(tmp_path / "repo", {"a.txt": "one\n"})
    here, there, file = tmp_path / "here/state", tmp_path / "elsewhere/in/another/state", tmp_path / "backup.tar"
    async with ScriptedModels(play) as models:
        variables = {**models.variables, "OPENAI_API_KEY": SECRET}
        async with a_home(here, variables) as home:
            (here / "token").write_text(TOKEN)
            sent = await threads.start(home, "first", project=str(repo.path), model=MODEL)
            desk = await threads.start(home, "second", project=None, model=MODEL)
            await done(home, sent)
            await done(home, desk)
            before = (await reviews.result(home, sent.thread)).diff
            made = await _during_writes(home, file)
            tree = bytes_of(here / "trees" / sent.thread / "work")
            entries = home.store.log.read_all(limit=None)

        packed = file.read_bytes()
        assert file.stat().st_mode & 0o777 == 0o600
        assert not any(secret.encode() in packed for secret in (SECRET, TOKEN))
        with tarfile.open(file) as tar:
            tops = {name.partition("/")[0] for name in tar.getnames()}
        assert tops == {copies.NAME, "projects", "trees", "outputs", "desk", archives.MANIFEST}

        there.parent.mkdir(parents=True)
        there.mkdir()
        restored = backups.restore(there, file)
        assert (restored.holds, restored.aside) == (made.holds, None)
        shutil.rmtree(here)
        summed = copies.summed(there / copies.NAME)
        assert (summed.entries, summed.digest) == (made.holds.entries, made.holds.log)
        store = Store.open(there / copies.NAME)
        assert store.log.read_all(limit=None) == entries[: made.holds.entries]
        assert rebuild(store) == []
        store.close()
        alternates = ".git/objects/info/alternates"
        work = there / "trees" / sent.thread / "work"
        assert {**bytes_of(work), alternates: ""} == {**tree, alternates: ""}
        assert str(there) in (work / alternates).read_text()
        for at in (work, *(there / "projects").glob("*/store.git")):
            Checkout(at).git("-c", "safe.directory=*", "fsck", "--strict")

        async with a_home(there, variables) as home:
            assert (await reviews.result(home, sent.thread)).diff == before
            await done(home, await threads.send(home, sent.thread, "third"))
            await done(home, await threads.send(home, desk.thread, "fourth"))
        assert (work / "written").read_text() == "first\nthird\n"
        assert (there / "desk/written").read_text() == "second\nfourth\n"
        assert not here.exists()


async def _during_writes(home: Home, file: Path) -> backups.Backup:
    """A backup, while appends go on before, during and after it."""

    async def write() -> None:
        for number in count():
            await home.store.log.append("noise", MessageSent(id=f"n{number}", turn="u", text="x" * 500))

    writing = asyncio.create_task(write())
    try:
        made = await backups.back_up(home, file)
    finally:
        writing.cancel()
    assert 20 < made.holds.entries < home.store.log.cursor()
    return made


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """Of a state with one message and one file."""
    state = tmp_path / "source"
    log = Log.open(state / copies.NAME)
    log.append_now("a", MessageSent(id="m", turn="u", text="hello"))
    (state / "desk").mkdir()
    (state / "desk/page").write_text("a page " * 1000)
    (state / "desk/link").symlink_to("/etc")
    backups.pack(state, log.path, tmp_path / "backup.tar")
    log.close()
    return tmp_path / "backup.tar"


def test_a_state_that_is_there_is_refused_or_moved_aside_and_never_deleted(tmp_path: Path, backup: Path) -> None:
    state = tmp_path / "state"
    Log.open(state / copies.NAME).close()
    (state / "desk").mkdir()
    (state / "desk/mine").write_text("mine")
    before = bytes_of(state)
    with pytest.raises(Refused, match="--aside") as caught:
        backups.restore(state, backup)
    assert caught.value.code == "state-there"
    assert bytes_of(state) == before
    restored = backups.restore(state, backup, aside=True)
    assert restored.aside is not None
    assert bytes_of(restored.aside) == before
    assert (state / "desk/page").read_text() == "a page " * 1000
    assert (state / "desk/link").is_symlink()
    assert (state.stat().st_mode & 0o777, (state / copies.NAME).stat().st_mode & 0o777) == (0o700, 0o600)


def flipped(backup: Path) -> None:
    whole = bytearray(backup.read_bytes())
    whole[whole.index(b"a page a page") + 100] ^= 1
    backup.write_bytes(whole)


def cut(backup: Path) -> None:
    backup.write_bytes(backup.read_bytes()[:-30_000])


def no_tar(backup: Path) -> None:
    backup.write_text("a diary\n" * 2000)


def with_member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> Callable[[Path], None]:
    """As somebody makes one who knows how: its digest is right. A link that leads out comes before the member."""

    def add(backup: Path) -> None:
        members: list[tuple[tarfile.TarInfo, bytes]] = []
        for at, of, to in (("desk/way", tarfile.SYMTYPE, "../.."), (name, kind, link)):
            info = tarfile.TarInfo(at)
            info.type, info.linkname = of, to
            members.append((info, b""))
        with tarfile.open(backup) as old:
            for info in old:
                source = old.extractfile(info) if info.isreg() else None
                members.append((info, source.read() if source else b""))
        digest = hashlib.sha256()
        with tarfile.open(backup, "w", format=tarfile.PAX_FORMAT) as tar:
            for info, content in members:
                if info.name == archives.MANIFEST:
                    manifest = archives.Manifest.model_validate_json(content)
                    content = manifest.model_copy(update={"digest": digest.hexdigest()}).model_dump_json().encode()
                    info.size = len(content)
                archives.take_in(digest, info)
                digest.update(content)
                tar.addfile(info, io.BytesIO(content))

    return add


def test_a_member_more_is_restored_where_its_name_is_right(tmp_path: Path, backup: Path) -> None:
    with_member("desk/more")(backup)
    (tmp_path / "state").mkdir()
    backups.restore(tmp_path / "state", backup)
    assert (tmp_path / "state/desk/more").exists()


@pytest.mark.parametrize(
    "spoil",
    [
        flipped,
        cut,
        no_tar,
        with_member("../outside"),
        with_member("desk/../../outside"),
        with_member("/tmp/outside"),
        with_member("token"),
        with_member("desk/way/outside"),
        with_member("desk/way"),
        with_member("desk/way/state/outside"),
        with_member("desk/pipe", tarfile.FIFOTYPE),
        with_member("desk/hard", tarfile.LNKTYPE, "maquette.db"),
    ],
)
def test_a_backup_that_is_not_as_it_was_made_changes_nothing(
    tmp_path: Path, backup: Path, spoil: Callable[[Path], None]
) -> None:
    state = tmp_path / "state"
    Log.open(state / copies.NAME).close()
    spoil(backup)
    before = bytes_of(tmp_path)
    with pytest.raises(Refused) as caught:
        backups.restore(state, backup, aside=True)
    assert caught.value.code == "bad-backup"
    assert bytes_of(tmp_path) == before


def test_a_damaged_database_is_not_backed_up(tmp_path: Path) -> None:
    log = Log.open(tmp_path / "state/maquette.db")
    for number in range(200):
        log.append_now("a", MessageSent(id=f"m{number}", turn="u", text="x" * 3000))
    log.close()
    with log.path.open("r+b") as file:
        file.seek(100 * 4096)
        file.write(b"\xa5" * 4096)
    with pytest.raises(Refused) as caught:
        backups.pack(tmp_path / "state", log.path, tmp_path / "b.tar")
    assert caught.value.code == "corrupt-state"
    assert [path.name for path in tmp_path.iterdir()] == ["state"]


@pytest.mark.boxed
def test_a_person_backs_up_and_restores(tmp_path: Path) -> None:
    with ScriptedModels(lambda _: Says("done")) as models, a_machine(tmp_path, models.variables) as machine:
        machine.ok("run", "talk", "--model", MODEL)
        told = machine.ok("backup")
        (file,) = folder_of(machine.state).iterdir()
        assert str(file) in told
        assert "is there already" in refused(machine.run("backup", str(file)))
        assert "lies in the state" in refused(machine.run("backup", str(machine.state / "b.tar")))
        assert "`maquette down` ends it" in refused(machine.run("restore", str(file)), starting.LOCKED)
        machine.ok("run", "more", "--model", MODEL)
        machine.kill()
        assert "--aside" in refused(machine.run("restore", str(file)))
        assert str(machine.state) + "-before-" in machine.ok("restore", "--aside", str(file))
        assert [thread["title"] for thread in machine.json("threads")] == ["talk"]
