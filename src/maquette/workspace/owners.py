"""Whose a folder of the base's is, where the base runs as root."""

from __future__ import annotations

import os
from pathlib import Path


def entrust(path: Path, like: Path) -> None:
    """Gives `path`, and all below it, to the owner of `like`; only root can, and needs to.

    As root a box runs as the owner of its root folder: so a project's store and trees belong to whom the project's
    folder belongs to, and one box can hold both.
    """
    owner = like.stat()
    if os.geteuid() != 0 or owner.st_uid == 0:
        return
    for at in (path, *path.rglob("*")):
        os.chown(at, owner.st_uid, owner.st_gid, follow_symlinks=False)
