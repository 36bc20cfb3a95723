"""A repo's own files do nothing until the person trusts its folder; trust is void when a byte of them changes."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from maquette.domain.errors import Refused
from maquette.workspace.deep import walk
from maquette.workspace.files import BeneathFiles

ADVICE = "AGENTS.md"
SKILLS = (".agents/skills", ".claude/skills")
SKIPPED = frozenset({".git", "node_modules", ".venv", "venv", "__pycache__", "dist", "build"})


def advice(root: Path) -> list[Path]:
    """The AGENTS.md files beneath a folder. Links don't count: they could point anywhere."""
    found: list[Path] = []
    for folder, below, files in walk(root):
        below[:] = sorted(name for name in below if name not in SKIPPED and not name.startswith("."))
        if ADVICE in files and _is_plain(folder / ADVICE):
            found.append(folder / ADVICE)
    return found


def own_files(root: Path) -> list[Path]:
    """Every file of a folder that would tell agents what to do, sorted."""
    return sorted([*advice(root), *(path for path in _in_skills(root) if _is_plain(path))])


def pinned(root: Path) -> str:
    """The digest to trust a folder by. Refused: `no-plain-file`, where something isn't in it that would be read."""
    if loose := _loose(root):
        raise Refused(
            f"{loose[0].relative_to(root)} is no plain file: it may lead to what nobody looked at. Put the files "
            "themselves there, then trust the folder.",
            code="no-plain-file",
        )
    return digest(root)


def digest(root: Path) -> str:
    """SHA-256 in hex over the names and bytes of `own_files`; another one once there is something else among them."""
    told = hashlib.sha256()
    files = BeneathFiles(root)
    for path in own_files(root):
        name = path.relative_to(root)
        try:
            with files.open(str(name)) as opened:
                data = _digest_of(opened)
        except Refused as refused:
            data = refused.code.encode()
        told.update(b"%d:%s%d:%s" % (len(os.fsencode(name)), os.fsencode(name), len(data), data))
    for path in _loose(root):
        told.update(b"loose:" + os.fsencode(path.relative_to(root)))
    return told.hexdigest()


def _digest_of(file: BinaryIO) -> bytes:
    told = hashlib.sha256()
    while piece := file.read(1 << 20):
        told.update(piece)
    return told.digest()


def _in_skills(root: Path) -> Iterator[Path]:
    for place in SKILLS:
        for folder, below, files in walk(root / place):
            yield from (folder / name for name in (*below, *files))


def _loose(root: Path) -> list[Path]:
    """What a skill could be read from, and isn't in the digest: links to elsewhere, pipes, devices."""
    held = [root.resolve() / place for place in SKILLS]
    odd = (path for path in _in_skills(root) if stat.S_IFMT(path.lstat().st_mode) not in (stat.S_IFREG, stat.S_IFDIR))
    looked = (*(root / place for place in SKILLS), *odd)
    return sorted(path for path in looked if os.path.lexists(path) and not _is_held(path, held))


def _is_held(path: Path, held: list[Path]) -> bool:
    try:
        led = path.resolve(strict=True)
        kind = led.stat().st_mode
    except (OSError, RuntimeError):
        return False
    return (stat.S_ISREG(kind) or stat.S_ISDIR(kind)) and any(led.is_relative_to(place) for place in held)


def _is_plain(path: Path) -> bool:
    return stat.S_ISREG(path.lstat().st_mode)
