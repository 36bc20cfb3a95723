"""No god files, no drawers for whatever, nothing of one machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shape.house import ROOT, text, tracked

LONGEST = 400
REASON = re.compile(r"^\W*Long because: \S.{10,}", re.MULTILINE)
"""`# Long because: …`, in whichever comment the language has, within the first 15 lines."""
MEASURED = {".py", ".js", ".css", ".html", ".sh", ".sql", ""}
DRAWERS = {"utils", "util", "helpers", "helper", "common", "base", "manager", "managers", "misc"}


def is_ours(path: Path) -> bool:
    return "vendor" not in path.parts


def is_code(path: Path) -> bool:
    return path.suffix in MEASURED and path.name != "LICENSE" and is_ours(path)


def too_long(source: str) -> bool:
    lines = source.splitlines()
    return len(lines) > LONGEST and not REASON.search("\n".join(lines[:15]))


@pytest.mark.parametrize(
    ("source", "verdict"),
    [
        ("x\n" * 400, False),
        ("x\n" * 401, True),
        ("# Long because: one table, read as a whole\n" + "x\n" * 401, False),
        ("/* Long because: one table, read as a whole */\n" + "x\n" * 401, False),
        ("# Long because:\n" + "x\n" * 401, True),
        ("x\n" * 20 + "# Long because: one table, read as a whole\n" + "x\n" * 401, True),
    ],
)
def test_a_long_file_needs_a_reason_at_its_top(source: str, verdict: bool) -> None:
    assert too_long(source) is verdict


def test_no_file_is_over_400_lines_without_a_reason() -> None:
    measured = [path for path in tracked() if is_code(path)]
    assert Path("tests/shape/test_files.py") in measured
    long = {str(p): len(s.splitlines()) for p in measured if (s := text(p)) is not None and too_long(s)}
    assert not long, "split them, or write `Long because: …` within the first 15 lines"


def test_nothing_is_called_utils_helpers_common_base_manager_or_misc() -> None:
    named = [str(p) for p in tracked() if is_ours(p) and DRAWERS & {Path(part).stem.strip("_") for part in p.parts}]
    assert not named, "name them after what they hold"


# Put together here, so that this file doesn't hold what it looks for.
REGISTRIES = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "npm" + "js.org",
    "npm" + "js.com",
    "yarn" + "pkg.com",
    "crates" + ".io",
    "proxy.golang" + ".org",
    "conda.ana" + "conda.org",
    "ruby" + "gems.org",
]
MACHINES = [r"/wo" + r"rk/\w", r"/\.py" + r"env/", r"/opt/" + r"pypi", r"/Us" + r"ers/\w", r"/tmp/" + r"bash_jobs"]
FORBIDDEN = re.compile("|".join([*map(re.escape, REGISTRIES), *MACHINES, re.escape(str(ROOT)) + r"\b"]))


@pytest.mark.parametrize(
    "line", ["pip install -i https://pypi" + ".org/simple x", "see /wo" + "rk/main/x.py", f"{ROOT}/x"]
)
def test_a_registry_or_a_path_of_one_machine_is_seen(line: str) -> None:
    assert FORBIDDEN.search(line)


def test_no_file_names_a_package_registry_or_a_path_of_one_machine() -> None:
    found = [
        f"{path}:{number}: {line.strip()[:100]}"
        for path in tracked()
        if is_ours(path)
        for number, line in enumerate((text(path) or "").splitlines(), start=1)
        if FORBIDDEN.search(line)
    ]
    assert not found
