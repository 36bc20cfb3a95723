"""Search of a tree. Runs by itself inside the box, so that a pattern without end costs the base nothing.

Reads a request (JSON) from standard input; prints one JSON object a line: a file with hits, at the end the sums.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SHOWN, SHOWN_PER_FILE, NAMES = 100, 20, 200
WIDTH = 200
LARGEST = 10 << 20
"""Bytes; larger files are not looked into."""
FILE_SECONDS = 1.0
IGNORE_FILES = (".gitignore", ".ignore")


class TooSlow(Exception):
    """A pattern took longer over one file than any sensible one does."""


def too_slow(*_: object) -> None:
    raise TooSlow


class Ignores:
    """The ignore files met on the way down; the deepest that has a say decides."""

    def __init__(self, make: Any, stack: tuple[tuple[str, Any], ...] = ()) -> None:
        self._make = make
        self._stack = stack

    def within(self, root: str, folder: str) -> Ignores:
        """As they stand in `folder` ("" or "a/b/")."""
        lines: list[str] = []
        for name in IGNORE_FILES:
            try:
                with Path(root, folder, name).open(encoding="utf-8", errors="replace") as file:
                    lines += file.read(1 << 20).splitlines()
            except OSError:
                continue
        return Ignores(self._make, (*self._stack, (folder, self._spec(lines)))) if lines else self

    def _spec(self, lines: list[str]) -> Any:
        try:
            return self._make(lines)
        except ValueError:
            return self._make([line for line in lines if self._is_good(line)])

    def _is_good(self, line: str) -> bool:
        try:
            self._make([line])
        except ValueError:
            return False
        return True

    def hide(self, path: str) -> bool:
        """`path` of a folder ends with a slash."""
        for folder, spec in reversed(self._stack):
            verdict = spec.check_file(path[len(folder) :]).include
            if verdict is not None:
                return verdict
        return False


class Tree:
    """The files beneath a root that aren't ignored, in order."""

    def __init__(self, root: str, make: Any) -> None:
        self._root = root
        self._make = make

    def files(self, start: str) -> Iterator[str]:
        """Beneath the folder `start` ("" or "a/b/"). A folder that is ignored itself is looked into when named."""
        ignores = Ignores(self._make)
        parts = start.split("/")[:-1]
        for depth, _ in enumerate(parts):
            folder = "".join(part + "/" for part in parts[:depth])
            ignores = ignores.within(self._root, folder)
            if ignores.hide(folder + parts[depth] + "/"):
                ignores = Ignores(self._make)
        yield from self._beneath(start, ignores)

    def _beneath(self, folder: str, ignores: Ignores) -> Iterator[str]:
        ignores = ignores.within(self._root, folder)
        try:
            with os.scandir(f"{self._root}/{folder}") as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError:
            return
        folders: list[str] = []
        for entry in entries:
            path = folder + entry.name
            if entry.is_dir(follow_symlinks=False):
                if entry.name != ".git" and not ignores.hide(path + "/"):
                    folders.append(path + "/")
            elif entry.is_file(follow_symlinks=False) and not ignores.hide(path):
                yield path
        for inner in folders:
            yield from self._beneath(inner, ignores)


def text_of(path: str) -> str | None:
    """None when it is binary, too large or can't be read."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError:
        return None
    if len(data) > LARGEST or b"\0" in data[:8000]:
        return None
    text = data.decode("utf-8", "replace")
    return text.replace("\r\n", "\n") if "\r\n" in text else text


def hits(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, str]]:
    """Numbers (from 1) and texts of the lines in which `pattern` is found."""
    at = counted = 0
    number = 1
    while at <= len(text):
        found = pattern.search(text, at)
        if found is None:
            return
        start = text.rfind("\n", 0, found.start()) + 1
        end = text.find("\n", found.start())
        end = len(text) if end < 0 else end
        if start == len(text) and start:
            return
        number += text.count("\n", counted, start)
        counted = start
        line = text[start:end]
        # The whole text is searched, for speed; what counts is what is found in a line by itself.
        own = pattern.search(line)
        if own is not None:
            yield number, around(line, own.start())
        at = end + 1


def around(line: str, at: int) -> str:
    if len(line) <= WIDTH:
        return line
    start = max(min(at - WIDTH // 4, len(line) - WIDTH), 0)
    return ("…" if start else "") + line[start : start + WIDTH] + ("…" if start + WIDTH < len(line) else "")


def say(**fields: object) -> None:
    sys.stdout.write(json.dumps(fields) + "\n")


def watch() -> None:
    signal.setitimer(signal.ITIMER_REAL, FILE_SECONDS)


def compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.MULTILINE)
    except (re.error, OverflowError, RecursionError):
        say(plain=True)
        return re.compile(re.escape(pattern), re.MULTILINE)


def search_contents(root: str, paths: Iterator[str], pattern: re.Pattern[str]) -> None:
    lines = files = shown = skipped = 0
    for path in paths:
        watch()
        text = text_of(f"{root}/{path}")
        if text is None:
            skipped += 1
            continue
        found: list[tuple[int, str]] = []
        count = 0
        for hit in hits(pattern, text):
            count += 1
            if count <= SHOWN_PER_FILE and shown + count <= SHOWN:
                found.append(hit)
        if count:
            lines, files, shown = lines + count, files + 1, shown + len(found)
            if found:
                say(file=path, hits=found, more=count - len(found))
    say(lines=lines, files=files, shown=shown, skipped=skipped)


def search_names(paths: Iterator[str], pattern: str, make: Any) -> None:
    glob = make([pattern]).match_file if re.search(r"[*?\[]", pattern) else None
    part = pattern.lower()
    count = 0
    for path in paths:
        watch()
        if glob(path) if glob else part in path.lower():
            count += 1
            if count <= NAMES:
                say(file=path)
    say(files=count, shown=min(count, NAMES))


def chosen(tree: Tree, root: str, where: str, make: Any) -> Iterator[str]:
    """The files that `where` means: one file, those beneath a folder, or those that a glob matches."""
    named = Path(root, where)
    if named.is_dir():
        yield from tree.files(where.strip("/") + "/" if where.strip("/") else "")
    elif named.is_file():
        yield where
    elif re.search(r"[*?\[]", where):
        matches = make([where]).match_file
        yield from (path for path in tree.files("") if matches(path))
    else:
        say(missing=True)


def main() -> None:
    request = json.loads(sys.stdin.buffer.read())
    sys.path.append(request["library"])
    from pathspec import GitIgnoreSpec

    signal.signal(signal.SIGALRM, too_slow)
    root, make = request["root"], GitIgnoreSpec.from_lines
    watch()
    try:
        paths = chosen(Tree(root, make), root, request["where"], make)
        if request["names"]:
            search_names(paths, request["pattern"], make)
        else:
            search_contents(root, paths, compiled(request["pattern"]))
    except TooSlow:
        say(slow=True)
    except ValueError as error:
        say(wrong=str(error))


if __name__ == "__main__":
    main()
