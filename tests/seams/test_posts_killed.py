"""A reading that is killed anywhere goes on where it was: nothing is lost, nothing doubled."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

from maquette.domain.posts import Gone
from maquette.kinds.connectors import Batch
from maquette.store.posts import Posts
from maquette.testing.multitude import END
from seams.writing import CROWD, begun

KILLS = 2


def test_a_reading_killed_anywhere_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Each time a kill falls at some moment after a batch was begun: in its transaction, or after it."""
    chance, place = random.Random(11), tmp_path / "state.db"
    for _ in range(KILLS):
        with begun("reading", place) as (reading, said):
            heard = [said.readline() for _ in range(chance.randint(2, 6))]
            assert "end\n" not in heard
            reading.kill()
    with begun("reading", place) as (reading, said):
        assert said.read().endswith("end\n")
        assert reading.status() == 0
    posts = Posts.beside(place)
    whole = {post.id: post for batch in CROWD.batches() for post in batch.posts if not isinstance(post, Gone)}
    assert posts.find(whole) == whole
    assert (posts.count(), posts.cursor(CROWD.source)) == (len(whole), str(len(whole)))
    glances = list(posts.between(END - timedelta(days=99), END + timedelta(days=1)))
    assert len({glance.number for glance in glances}) == len(glances) == len(whole)
    assert sum(author.posts for author in posts.authors()) == len(whole)
    assert posts.take(CROWD.source, Batch(list(whole.values()), "again")) == (0, 0, 0)
    posts.close()
