"""Backups: the whole state in one file, made while the base works; and one put in a state's place."""

from __future__ import annotations

import asyncio
import ctypes
import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from maquette import __version__
from maquette.actions import archives
from maquette.actions.archives import Manifest
from maquette.actions.home import Home
from maquette.actions.projects import DESK
from maquette.domain.errors import Refused
from maquette.settings import backups
from maquette.store import copies, migrations, posts, soundness
from maquette.workspace import carrying
from maquette.workspace.carrying import Found

POSTS = f"{posts.NAME}.db"
"""What sources told, where there are any."""
FOLDERS = (*carrying.FOLDERS, "outputs", DESK)
"""Of a state, beside the database. Not: the token, sockets, locks and logs; nor the engine's file, since the log says
what is due."""
_TRIFLES = {"base.lock", "base.log"}


@dataclass(frozen=True)
class Backup:
    """One that was made: its file, and what it holds."""

    file: str
    holds: Manifest


@dataclass(frozen=True)
class Restored:
    """What is in place now. `aside`: where the state lies that was there before."""

    holds: Manifest
    aside: Path | None


async def back_up(home: Home, file: Path | None = None) -> Backup:
    """The whole state as it is now, while others write. Without `file`: beside the state, by the time.

    Refused: `file-there`, `no-folder`, `inside-state`; `corrupt-state`, so that no bad backup follows a good one.
    """
    return await asyncio.to_thread(pack, home.settings.state, home.store.log.path, file)


def pack(state: Path, log: Path, file: Path | None = None) -> Backup:
    """The same, of the database at `log`. Blocks."""
    made = datetime.now(UTC)
    if file is None:
        file = backups(state) / f"{made:%Y-%m-%dT%H-%M-%SZ}.tar"
        file.parent.mkdir(mode=0o700, exist_ok=True)
    if not file.parent.is_dir():
        raise Refused(f"There is no folder {file.parent}.", code="no-folder")
    if file.resolve().is_relative_to(state.resolve()):
        raise Refused(f"{file} lies in the state itself: name a file elsewhere.", code="inside-state")
    if file.exists():
        raise Refused(f"{file} is there already: name another file.", code="file-there")
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".maquette-") as folder:
        copied = Path(folder) / copies.NAME
        copies.copy(log, copied)  # first: all it speaks of is in the stores by now
        summed = copies.summed(copied)
        with archives.packing(file) as packed:
            with copied.open("rb") as opened:
                packed.add(Found(copies.NAME, os.fstat(opened.fileno()), descriptor=opened.fileno()))
            if (told := state / POSTS).exists():  # later: what the log says was read is in it
                copied.unlink()
                copies.copy(told, copied)
                with copied.open("rb") as opened:
                    packed.add(Found(POSTS, os.fstat(opened.fileno()), descriptor=opened.fileno()))
            for name in FOLDERS:
                for found in carrying.found(state, name):
                    packed.add(found)
            holds = Manifest(
                maquette=__version__,
                revision=summed.revision,
                made=made.isoformat(timespec="seconds"),
                state=str(state.resolve()),
                entries=summed.entries,
                streams=summed.streams,
                log=summed.digest,
                files=packed.files,
                bytes=packed.bytes,
                left_out=packed.left_out,
                digest=packed.digest.hexdigest(),
            )
            packed.end(holds)
    return Backup(str(file), holds)


def restore(state: Path, file: Path, *, aside: bool = False) -> Restored:
    """Puts a backup in the place of `state`, which no base has open. A state that is there is moved `aside`, whole.

    Refused: `unknown-file`, `state-there` (without `aside`), `bad-backup`, `newer-backup`: nothing is changed then.
    """
    if not file.is_file():
        raise Refused(f"There is no file {file}.", code="unknown-file")
    there = archives.database(state)
    if there.exists() and there.stat().st_size and not aside:
        raise Refused(
            f"{state} holds a state already. `maquette restore --aside {file}` moves it aside, and deletes nothing.",
            code="state-there",
        )
    try:
        folder = Path(tempfile.mkdtemp(dir=state.parent, prefix=f"{state.name}-restoring-"))
    except OSError as error:
        raise Refused(f"{state.parent} can't be written: {error.strerror}.", code="no-folder") from error
    try:
        holds = archives.unpack(file, folder, state.resolve(), (copies.NAME, POSTS, *FOLDERS))
        _check(file, folder, holds)
        os.sync()
        _swap(folder, state)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return Restored(holds, _put_aside(folder, state))


def _check(file: Path, folder: Path, holds: Manifest) -> None:
    database = archives.database(folder)
    if holds.revision > migrations.NEWEST:
        raise Refused("This backup is of a newer version of Maquette; upgrade first.", code="newer-backup")
    if not database.is_file() or soundness.damage(database, seconds=3600):
        raise archives.bad(file, "its database is damaged")
    if (told := folder / POSTS).exists() and soundness.damage(told, seconds=3600):
        raise archives.bad(file, "its posts are damaged")
    summed = copies.summed(database)
    if (summed.entries, summed.digest) != (holds.entries, holds.log):
        raise archives.bad(file, "its log isn't what its manifest says")


def _swap(one: Path, other: Path) -> None:
    """At one stroke: a kill leaves the one state or the other."""
    here, exchange = -100, 2
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(here, os.fsencode(one), here, os.fsencode(other), exchange) != 0:
        why = os.strerror(ctypes.get_errno())
        raise Refused(
            f"{other} can't be exchanged for the restored state ({why}): restore to another folder (MAQUETTE_HOME).",
            code="no-exchange",
        )


def _put_aside(old: Path, state: Path) -> Path | None:
    """Where the former state lies now; None when there was nothing in it."""
    if {inside.name for inside in old.iterdir()} <= _TRIFLES:
        shutil.rmtree(old)
        return None
    aside = state.with_name(f"{state.name}-before-{datetime.now(UTC):%Y-%m-%dT%H-%M-%SZ}")
    return old.rename(aside)
