"""Several changes of files as one: all of them are worked out before the first byte is written."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from secrets import token_hex

from maquette.domain.errors import MaquetteError, Refused
from maquette.kinds.files import Files
from maquette.tools.texts.diffs import Change
from maquette.tools.texts.documents import LIMIT, Document
from maquette.tools.texts.hunks import revise
from maquette.tools.texts.missing import no_such
from maquette.tools.texts.patches import AddFile, DeleteFile, Section, UpdateFile
from maquette.tools.texts.seen import Seen


def current(files: Files, path: str) -> bytes | None:
    """What is at a path; None when nothing. Raises `Refused` for folders and what is too big to edit."""
    entry = files.stat(path)
    if entry is None:
        return None
    if entry.is_folder:
        raise Refused(f"{path} is a folder.", code="not-a-file")
    if entry.size > LIMIT:
        raise Refused(f"{path} has {entry.size:,} bytes, too many to edit here; use shell.", code="too-big")
    return files.read(path)


@dataclass(frozen=True)
class Applied:
    """What a patch did. `notes`: what was overlooked or guessed, and what others had changed."""

    changes: tuple[Change, ...]
    notes: tuple[str, ...]


def apply(files: Files, sections: Sequence[Section], seen: Seen) -> Applied:
    """All of a patch or nothing. Raises `Refused` when a part of it doesn't fit."""
    plan = _Plan(files, seen)
    for section in sections:
        plan.add(section)
    changes = plan.changes()
    _carry_out(files, changes)
    for change in changes:
        if change.was is not None:
            seen.forget(change.was)
        if change.after is None:
            seen.forget(change.path)
        else:
            seen.note(change.path, change.after)
    return Applied(changes, tuple(plan.notes))


@dataclass
class _File:
    """A path as it is and as it will be. `origin`: the path whose file will lie here."""

    path: str
    before: bytes | None
    after: bytes | None
    origin: str | None = None


@dataclass
class _Plan:
    """The tree as the sections so far leave it; nothing is written yet."""

    files: Files
    seen: Seen
    notes: list[str] = field(default_factory=list[str])
    _paths: dict[str, _File] = field(default_factory=dict[str, _File])

    def add(self, section: Section) -> None:
        match section:
            case AddFile(path, text):
                file = self._file(path)
                if file.after is not None:
                    self.seen.may_replace(path, file.after)
                file.after = text.encode()
            case DeleteFile(path):
                file = self._existing(path)
                self.seen.may_remove(path, file.after or b"")
                file.after = None
            case UpdateFile():
                self._update(section)

    def _update(self, section: UpdateFile) -> None:
        file = self._existing(section.path)
        data = file.after or b""
        with self.seen.warning(section.path, data) if data is file.before else nullcontext("") as warning:
            revised = revise(Document.of(data, section.path), section.hunks, section.path)
        if warning:
            self.notes.append(f"{warning}\nThat change was kept")
        self.notes += revised.notes
        if section.move_to is None:
            file.after = revised.document.data()
            return
        target = self._file(section.move_to)
        if target is not file and target.after is not None:
            raise Refused(f"{section.path} can't be moved to {section.move_to}: that exists.", code="exists")
        file.after = None
        target.after = revised.document.data()
        target.origin = file.origin or (file.path if file.before is not None else None)

    def _existing(self, path: str) -> _File:
        file = self._file(path)
        if file.after is None:
            raise no_such(self.files, path)
        return file

    def _file(self, path: str) -> _File:
        key = posixpath.normpath(posixpath.relpath(path, self.files.root) if posixpath.isabs(path) else path)
        if key not in self._paths:
            before = current(self.files, path)
            self._paths[key] = _File(key, before, before)
        return self._paths[key]

    def changes(self) -> tuple[Change, ...]:
        """What differs in the end, moves told as moves."""
        targets: dict[str, str] = {}
        for file in self._paths.values():
            if (
                file.before is None
                and file.after is not None
                and file.origin
                and self._paths[file.origin].after is None
            ):
                targets.setdefault(file.origin, file.path)
        changes: list[Change] = []
        for file in self._paths.values():
            if file.path in targets or file.after == file.before:
                continue
            was = file.origin if file.origin and targets.get(file.origin) == file.path else None
            before = self._paths[was].before if was else file.before
            changes.append(Change(file.path, before, file.after, was))
        return tuple(changes)


def _carry_out(files: Files, changes: Sequence[Change]) -> None:
    """Write; if that fails in the middle, take back what was written. Files to be deleted go last, and aside first."""
    undo: list[Callable[[], None]] = []
    aside: list[str] = []
    try:
        for change in sorted(changes, key=lambda c: c.after is None):
            _do(files, change, undo, aside)
    except (MaquetteError, OSError) as error:
        for step in reversed(undo):
            step()
        raise Refused(f"{error} Nothing was changed.", code="not-written") from error
    for path in aside:
        files.remove(path)


def _do(files: Files, change: Change, undo: list[Callable[[], None]], aside: list[str]) -> None:
    path, before, was = change.path, change.before, change.was
    if change.after is None:
        name = posixpath.join(posixpath.dirname(path), f".{token_hex(8)}.deleted")
        files.move(path, name)
        undo.append(lambda: files.move(name, path))
        aside.append(name)
        return
    if was is not None:
        files.move(was, path)
        undo.append(lambda: files.move(path, was))
    if change.after != before:
        files.write(path, change.after)
        undo.append(lambda: files.remove(path) if before is None else files.write(path, before))
