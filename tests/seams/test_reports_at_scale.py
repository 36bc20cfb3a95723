"""A report out of very many posts: what it costs, and how much of the important it reads."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from maquette.store.posts import Posts
from maquette.testing.multitude import Multitude
from maquette.testing.readers import scale


@pytest.mark.parametrize(
    "messages",
    [
        6_000,
        pytest.param(1_000_000, marks=[pytest.mark.prove, pytest.mark.timeout(3_600)]),
    ],
)
def test_of_the_important_more_is_read_than_by_words_or_by_time(tmp_path: Path, messages: int) -> None:
    crowd = Multitude(messages=messages, channels=3_000, mattering=max(20, messages * 400 // 1_000_000))
    with closing(Posts.beside(tmp_path / "maquette.db")) as posts:
        found = scale.measured("SQLite", posts, crowd, replies=3 if messages < 100_000 else 10)
    told = "\n".join(scale.page([found]))
    ours, words, newest = (found.curve(name).at(0.01) for name in ("ours", "BM25", "newest first"))
    assert ours > max(words, newest), told
    assert ours >= 0.5, told
    assert found.whole[0] <= max(1.0, 30 * messages / 1_000_000), told
    assert found.memory < 2_000_000_000, told
