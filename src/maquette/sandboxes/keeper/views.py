"""What of the host a box may show, and as whom it runs: the same lists whichever sandbox draws on them."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from maquette.domain.errors import Refused
from maquette.kinds.sandboxes import Profile

SYSTEM = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
SETTINGS = (
    *("alternatives", "ca-certificates", "ca-certificates.conf", "crypto-policies", "debian_version", "fonts"),
    *("inputrc", "java", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "locale.alias", "localtime", "lsb-release"),
    *("magic", "magic.mime", "mime.types", "os-release", "perl", "pki/ca-trust", "pki/tls/certs", "protocols"),
    *("python3", "services", "ssl/certs", "ssl/openssl.cnf", "terminfo", "timezone", "xdg/user-dirs.defaults", "xml"),
)
"""Of /etc; whatever may hold a secret or run at log-in is left out."""


def prefixes() -> list[Path]:
    """Where the Python we run on lies; of a folder that holds someone's home, its own parts only."""
    found: list[Path] = []
    homes = {Path.home(), Path("/root"), Path("/")}
    for prefix in dict.fromkeys((Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve())):
        if any(home.is_relative_to(prefix) for home in homes):
            parts = (prefix / part for part in ("bin", "lib", "lib64", "include", "pyvenv.cfg"))
            found += [part for part in parts if part.exists()]
        elif not prefix.is_relative_to("/usr"):
            found.append(prefix)
    return found


@dataclass(frozen=True)
class Owner:
    """Who commands run as. An ordinary user stays who they are. As root, it is the owner of the root folder: files
    that a box makes there never belong to root, and git finds its owner to be its user.

    `foreign`: the keeper has to become them, since a namespace of ours couldn't map them.
    """

    user: int
    group: int
    foreign: bool

    @property
    def inside(self) -> int:
        """The number seen inside: never 0, since programs expect powers of that."""
        return self.user or 1000


def owner(profile: Profile) -> Owner:
    if os.geteuid() == 0:
        found = profile.root.stat()
        return Owner(found.st_uid, found.st_gid, found.st_uid != 0)
    return Owner(os.geteuid(), os.getegid(), False)


def check(profile: Profile) -> None:
    """Raises `Refused` for what must not, or can't, be shown."""
    for path in (profile.root, *profile.readable, *profile.writable, *profile.masked):
        if not path.is_absolute() or ".." in path.parts:
            raise Refused(f"A sandbox needs whole paths: {path} is none.", code="bad-profile")
    for path in (profile.root, *profile.readable, *profile.writable):
        if not path.exists():
            raise Refused(f"There is no {path}.", code="no-folder")
        if len(path.parts) == 1 or path.parts[1] in ("proc", "sys", "dev", "run"):
            raise Refused(f"A sandbox can't hold {path}; choose a folder of its own.", code="bad-profile")
    for path in (profile.root, *profile.readable, *profile.masked):
        for outer in profile.writable:
            inner = (path, *path.parents) if path.is_relative_to(outer) else ()
            if any(part.is_symlink() for part in inner if part != outer and part.is_relative_to(outer)):
                raise Refused(linked(path), code="bad-profile")
    for path in profile.writable:
        if len(path.parts) == 2 and path.parts[1] in ("usr", "etc", "var", "home", "root", "boot", "tmp", *SYSTEM):
            raise Refused(f"A sandbox can't have {path} to write in; choose a folder in it.", code="bad-profile")


def linked(path: Path) -> str:
    return f"{path} is a symbolic link where a box may write, so it can't be held."
