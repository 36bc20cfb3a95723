"""Stores come in two kinds; a test that takes `place` runs on both."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a log may be opened: of a file that isn't there yet, or of an empty database."""
    if request.param == "sqlite":
        return tmp_path / "state" / "state.db"
    return request.getfixturevalue("server").database()
