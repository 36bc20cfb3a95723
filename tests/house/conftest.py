"""What several files of this folder are given."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from maquette.tools.by_hand import Hand


@pytest.fixture
async def context(tree: Path) -> AsyncIterator[Hand]:
    """Of tools in the file's own `tree`."""
    from maquette.testing.tools import tool_context

    async with tool_context(tree) as made:
        yield made
