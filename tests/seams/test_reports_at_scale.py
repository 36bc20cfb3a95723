"""A report out of very many posts: what it costs, and how much of the important it reads."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from maquette.store.posts import Posts
from maquette.testing.multitude import Multitude
from maquette.testing.readers import crowds


@pytest.mark.parametrize(
    "messages",
    [
        6_000,
        pytest.param(1_000_000, marks=[pytest.mark.prove, pytest.mark.timeout(3_600)]),
    ],
)
def test_of_the_important_more_is_read_than_by_words_or_by_time(tmp_path: Path, messages: int) -> None:
    crowd = Multitude(messages=messages, channels=3_000, mattering=max(20, messages * 400 // 1_000_000))
    posts = Posts.beside(tmp_path / "maquette.db")
    try:
        crowds.take(posts, crowd)
        by = crowds.taught(posts, crowd, replies=3 if messages < 100_000 else 10)
        began = time.process_time()
        ours = crowds.curve("ours", posts, crowd, by)
        spent = time.process_time() - began
        words, newest = crowds.bm25(posts, crowd, by), crowds.newest(posts, crowd)
    finally:
        posts.close()
    found = f"{messages:,}: {spent:.1f} s of CPU; read {crowds.SHARES}: {ours}, {words}, {newest}"
    assert ours.at(0.01) > max(words.at(0.01), newest.at(0.01)), found
    assert ours.at(0.01) >= 0.5, found
    assert spent <= max(1.0, 30 * messages / 1_000_000)
