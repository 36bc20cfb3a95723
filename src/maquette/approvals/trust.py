"""A repo's own files do nothing until the person trusts its folder; trust is void when a byte of them changes."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

ADVICE = "AGENTS.md"
SKILLS = (".agents/skills", ".claude/skills")
SKIPPED = frozenset({".git", "node_modules", ".venv", "venv", "__pycache__", "dist", "build"})


def advice(root: Path) -> list[Path]:
    """The AGENTS.md files beneath a folder. Links don't count: they could point anywhere."""
    found: list[Path] = []
    for folder, below, files in os.walk(root):
        below[:] = sorted(name for name in below if name not in SKIPPED and not name.startswith("."))
        if ADVICE in files and not Path(folder, ADVICE).is_symlink():
            found.append(Path(folder, ADVICE))
    return found


def own_files(root: Path) -> list[Path]:
    """Every file of a folder that would tell agents what to do, sorted."""
    skills = [
        path for place in SKILLS for path in (root / place).rglob("*") if path.is_file() and not path.is_symlink()
    ]
    return sorted([*advice(root), *skills])


def digest(root: Path) -> str:
    """SHA-256 in hex over the names and bytes of `own_files`."""
    told = hashlib.sha256()
    for path in own_files(root):
        name, data = str(path.relative_to(root)).encode(), path.read_bytes()
        told.update(b"%d:%s%d:%s" % (len(name), name, len(data), data))
    return told.hexdigest()
