"""Opening a path so that the kernel, and not we, sees to it that it stays beneath a folder.

Where `openat2` is missing (Linux before 5.6, some containers) the path is walked one component at a time, never
following a link that we have not read ourselves.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import stat

OPENAT2 = 437
NO_MAGIC_LINKS = 0x02
BENEATH = 0x08
TRIES = 64
"""The kernel gives up (EAGAIN) when folders are renamed while it looks; this often it is asked again."""
LINKS = 40
RENAME_NOREPLACE = 1
SAFE = os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK
"""Opening a FIFO or a device must neither wait nor make it our terminal."""


class How(ctypes.Structure):
    """`struct open_how`"""

    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


_libc = ctypes.CDLL(None, use_errno=True)


def openat2(folder: int, path: str, flags: int) -> int:
    """Raises OSError: EXDEV and ELOOP for what leads outside."""
    how = How(flags, 0, BENEATH | NO_MAGIC_LINKS)
    name = os.fsencode(path)
    for _ in range(TRIES):
        descriptor = _libc.syscall(OPENAT2, folder, name, ctypes.byref(how), ctypes.sizeof(how))
        if descriptor >= 0:
            return descriptor
        if ctypes.get_errno() not in (errno.EAGAIN, errno.EINTR):
            break
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), path)


def walk(folder: int, path: str, flags: int) -> int:
    """The same as `openat2`, by hand. Going up returns to a folder that was gone through, wherever it may be now."""
    stack = [os.dup(folder)]
    waiting = [part for part in reversed(path.split("/")) if part not in ("", ".")]
    links = 0
    try:
        while waiting:
            part = waiting.pop()
            if part == "..":
                if len(stack) == 1:
                    raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), path)
                os.close(stack.pop())
                continue
            found = os.open(part, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=stack[-1])
            if stat.S_ISLNK(os.fstat(found).st_mode):
                target = linked(found, path)
                links += 1
                if links > LINKS:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
                waiting += [part for part in reversed(target.split("/")) if part not in ("", ".")]
            elif waiting or flags & os.O_PATH:
                stack.append(found)
            else:
                os.close(found)
                return os.open(part, flags | os.O_NOFOLLOW, dir_fd=stack[-1])
        if flags & os.O_DIRECTORY and not stat.S_ISDIR(os.fstat(stack[-1]).st_mode):
            raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
        return os.dup(stack[-1]) if flags & os.O_PATH else os.open(".", flags, dir_fd=stack[-1])
    finally:
        for descriptor in stack:
            os.close(descriptor)


def linked(descriptor: int, path: str) -> str:
    """Where an open link leads; closes it."""
    try:
        target = os.readlink("", dir_fd=descriptor)
    finally:
        os.close(descriptor)
    if target.startswith("/"):
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), path)
    return target


@functools.cache
def has_openat2() -> bool:
    """Some containers answer EPERM to what they don't know."""
    folder = os.open("/", os.O_PATH | os.O_CLOEXEC)
    try:
        os.close(openat2(folder, ".", os.O_PATH | os.O_CLOEXEC))
    except OSError:
        return False
    finally:
        os.close(folder)
    return True


def open_beneath(folder: int, path: str, flags: int) -> int:
    """`path` is relative; links in it are followed as long as they stay beneath `folder`. Raises OSError."""
    flags |= os.O_CLOEXEC if flags & os.O_PATH else SAFE
    return (openat2 if has_openat2() else walk)(folder, path, flags)


def rename_new(source: int, name: str, target: int, new: str) -> None:
    """Renames; raises FileExistsError rather than replace something."""
    names = os.fsencode(name), os.fsencode(new)
    if _libc.renameat2(source, names[0], target, names[1], RENAME_NOREPLACE) == 0:
        return
    if ctypes.get_errno() not in (errno.EINVAL, errno.ENOSYS):  # a file system that can't
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), name)
    os.link(name, new, src_dir_fd=source, dst_dir_fd=target, follow_symlinks=False)
    os.unlink(name, dir_fd=source)
