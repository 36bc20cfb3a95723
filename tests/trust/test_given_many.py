"""S9 for files that are given with a message."""

from __future__ import annotations

import time
from pathlib import Path

from trust.doors import a_doorway


def test_s9_more_files_than_anybody_gives_are_refused_and_none_is_kept(tmp_path: Path) -> None:
    with a_doorway(tmp_path) as door:
        file = {"name": "given-much", "data": ""}
        for path in ("/v1/threads", "/v1/threads/latest/messages"):
            began = time.monotonic()
            assert door.ask("POST", path, door.token, {"text": "hi", "files": [file] * 500}).status == 422
            assert time.monotonic() - began < 2
        assert not list((door.machine.state / "desk").glob("given-much*"))
