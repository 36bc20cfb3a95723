"""What pages have of others is what those published, and said to be so."""

from __future__ import annotations

import hashlib

from shape.house import ROOT

VENDOR = ROOT / "src/maquette/web/static/vendor"


def test_each_file_of_others_is_the_one_that_was_pinned_and_none_is_there_that_was_not() -> None:
    rows = [
        line.strip("| ").split(" | ") for line in (VENDOR / "README.md").read_text().splitlines() if ".js |" in line
    ]
    pinned = {row[0]: row[-1] for row in rows}
    held = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDOR.glob("*.js")}
    assert held == pinned
