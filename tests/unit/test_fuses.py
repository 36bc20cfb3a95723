"""A base of the proof dies at the boundary that its fuse says, however many threads meet boundaries at once."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from maquette.testing.proof import points
from maquette.testing.proof.points import Fuse, Points


def test_a_fuse_burns_once_whichever_threads_meet_boundaries_around_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    burnt = threading.Semaphore(0)
    monkeypatch.setattr(points, "die", burnt.release)

    def meet(points: Points) -> None:
        for _ in range(10):
            points.at("here")

    for _ in range(20):
        met = Points(tmp_path / "met", fuse=Fuse(20, 0))
        threads = [threading.Thread(target=meet, args=(met,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert burnt.acquire(timeout=5)
    assert not burnt.acquire(blocking=False)
