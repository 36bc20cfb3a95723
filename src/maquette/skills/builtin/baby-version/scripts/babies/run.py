# pyright: basic, reportMissingImports=false
"""Finds what is named, follows what that leads to, cuts the rest, and puts it back where a check then fails."""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from babies.reach import led_to

DESCRIBES = re.compile(
    r"(README[^/]*|LICEN[CS]E[^/]*|pyproject\.toml|setup\.(py|cfg)|requirements[^/]*\.txt|tox\.ini|pytest\.ini|conftest\.py"
    r"|package(-lock)?\.json|tsconfig[^/]*\.json|Makefile|AGENTS\.md|\.gitignore|\.gitattributes|[^/]*\.config\.(js|ts|mjs))"
)
LARGEST = 2 << 20
LONGEST = 600


def main():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--keep", action="append", default=[])
    parser.add_argument("--request", default="")
    parser.add_argument("--check", action="append", default=[])
    args = parser.parse_args()
    files = listed()
    words = [*args.keep, *re.findall(r"[\w@./-]+", args.request)]
    named = {path for word in words for path in files if word.strip("./") and _is_at(path, word)}
    if not named:
        sys.stderr.write("There is no file here that is named: say which are to be kept (--keep PATH).\n")
        return 2
    for check in args.check:
        if not passes(check):
            sys.stderr.write(f"There is nothing to hold it to: {check} fails already.\n")
            return 2
    kept = reached(named, files, args.check)
    cut = sorted(files - kept.keys())
    failed = without(cut, args.check)
    if failed:
        sys.stderr.write(f"Nothing was cut, since {failed} passes no more: name what it needs, too (--keep PATH).\n")
        return 1
    print(f"# The baby version: {len(kept)} of {len(files)} files\n")
    print(f"{len(cut)} files are cut, by rule. Kept are:\n")
    for path in sorted(kept):
        print(f"- `{path}`: {kept[path]}")
    for check in args.check:
        print(f"\n`{check}` passes, as before.")
    return 0


def listed():
    """What git tracks; without git, all that lies here."""
    ran = subprocess.run(["git", "ls-files", "-z"], capture_output=True, check=False)
    if ran.returncode == 0 and ran.stdout:
        return {path for path in os.fsdecode(ran.stdout).split("\0") if path and Path(path).is_file()}
    return {p.as_posix() for p in Path().rglob("*") if p.is_file() and ".git" not in p.parts}


def _is_at(path, word):
    word = word.removeprefix("./").rstrip("./")
    return path == word or path.startswith(f"{word}/")


def reached(named, files, checks):
    """By path, why it is kept."""
    kept = dict.fromkeys(named, "named")
    for path in files - kept.keys():
        if "/" not in path and DESCRIBES.fullmatch(path):
            kept[path] = "describes the project"
        elif any(re.search(rf"(?<![\w./-]){re.escape(path)}(?![\w-])", check) for check in checks):
            kept[path] = "a check names it"
    follow(kept, list(kept), files)
    tests = [path for path in sorted(files - kept.keys()) if _is_test(path)]
    for path in tests:
        needs = led_to(path, read(path), files)
        if needs and all(need in kept or _is_test(need) or need.endswith("__init__.py") for need in needs):
            kept[path] = "tests what is kept"
            follow(kept, [path], files)
    return kept


def follow(kept, open_, files):
    while open_:
        path = open_.pop()
        for other in led_to(path, read(path), files) - kept.keys():
            kept[other] = f"`{path}` leads to it"
            open_.append(other)
    folders = {parent.as_posix() for path in kept for parent in Path(path).parents}
    for folder in folders:
        for name in ("__init__.py", "conftest.py"):
            path = name if folder == "." else f"{folder}/{name}"
            if path in files and path not in kept:
                kept[path] = "belongs to the folder"
                follow(kept, [path], files)


def _is_test(path):
    return re.search(r"(^|/)(test_[^/]*|[^/]*_test|conftest)\.py$", path) is not None


def read(path):
    file = Path(path)
    return file.read_text("utf-8", "replace") if file.stat().st_size <= LARGEST else ""


def without(cut, checks):
    """Cuts these. The check that fails then, with all put back; or ""."""
    with tempfile.TemporaryDirectory() as aside:
        for path in cut:
            (Path(aside) / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, Path(aside) / path)
        failed = next((check for check in checks if not passes(check)), "")
        if failed:
            for path in cut:
                Path(path).parent.mkdir(parents=True, exist_ok=True)
                shutil.move(Path(aside) / path, path)
    for path in cut if not failed else ():
        for folder in Path(path).parents:
            if folder != Path() and folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
    return failed


def passes(command):
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        ran = subprocess.run(["sh", "-c", command], env=env, capture_output=True, timeout=LONGEST, check=False)
    except subprocess.TimeoutExpired:
        return False
    return ran.returncode == 0
