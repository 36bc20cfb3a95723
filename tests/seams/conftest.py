"""Stores come in two kinds; a test that takes `place` runs on both."""

from __future__ import annotations

from pathlib import Path

import pytest

from seams.laying import database as database
from seams.laying import laid as laid


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a log may be opened: of a file that isn't there yet, or of a database that nothing was written to."""
    if request.param == "sqlite":
        return tmp_path / "state" / "state.db"
    return request.getfixturevalue("server").database(request.getfixturevalue("laid"))


@pytest.fixture(params=["sqlite", "postgres"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """The same, without a table."""
    if request.param == "sqlite":
        return tmp_path / "state" / "state.db"
    return request.getfixturevalue("server").database()
