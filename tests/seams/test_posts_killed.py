"""A reading that is killed anywhere goes on where it was: nothing is lost, nothing doubled."""

from __future__ import annotations

import random
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from maquette.domain.posts import Gone
from maquette.kinds.connectors import Batch
from maquette.store.posts import Posts
from maquette.testing.multitude import END, Multitude

CROWD = Multitude(messages=3_000, channels=60, people=40, mattering=10)
SIZE, KILLS = 100, 2
READS = f"""
import itertools, sys
from maquette.store.posts import Posts
from maquette.testing.multitude import Multitude
from pathlib import Path

posts = Posts.beside(Path(sys.argv[1]))
crowd = Multitude(messages={CROWD.messages}, channels=60, people=40, mattering=10)
read = int(posts.cursor(crowd.source) or 0)
for batch in itertools.islice(crowd.batches({SIZE}), read // {SIZE}, None):
    print(batch.cursor, flush=True)
    posts.take(crowd.source, batch)
print("end", flush=True)
"""


def test_a_reading_killed_anywhere_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Each time a kill falls at some moment after a batch was begun: in its transaction, or after it."""
    chance, place = random.Random(11), tmp_path / "state.db"
    for _ in range(KILLS):
        with subprocess.Popen([sys.executable, "-c", READS, str(place)], stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            begun = [child.stdout.readline() for _ in range(chance.randint(2, 6))]
            assert b"end\n" not in begun
            child.kill()
    ended = subprocess.run([sys.executable, "-c", READS, str(place)], check=True, capture_output=True, timeout=50)
    assert ended.stdout.endswith(b"end\n")
    posts = Posts.beside(place)
    whole = {post.id: post for batch in CROWD.batches() for post in batch.posts if not isinstance(post, Gone)}
    assert posts.find(whole) == whole
    assert (posts.count(), posts.cursor(CROWD.source)) == (len(whole), str(len(whole)))
    glances = list(posts.between(END - timedelta(days=99), END + timedelta(days=1)))
    assert len({glance.number for glance in glances}) == len(glances) == len(whole)
    assert sum(author.posts for author in posts.authors()) == len(whole)
    assert posts.take(CROWD.source, Batch(list(whole.values()), "again")) == (0, 0, 0)
    posts.close()
