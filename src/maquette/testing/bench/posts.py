"""The store of posts: how fast it takes what sources tell, what that weighs, and how fast ranking goes through it."""

from __future__ import annotations

import time
from datetime import timedelta

from maquette.store.copies import NAME as LOG
from maquette.store.posts import Posts
from maquette.testing.bench.rig import Measure, Rig
from maquette.testing.bench.rows import Row
from maquette.testing.multitude import END, Multitude

A_STEP = 1_000
"""Messages for each step of the long runs."""

TAKEN = Row("posts taken in, a second of CPU", "1/s", ">= 10000")
WEIGHS = Row("a post on disk, with its full text", "bytes", "<= 500")
THROUGH = Row("all posts gone through, CPU for a million", "s", "<= 6")
A_DAY = Row("a day's posts gone through, CPU", "s", "<= 0.3")
SOUGHT = Row("two words sought in all posts, CPU", "ms", "<= 200")


def _posts(rig: Rig) -> None:
    folder = rig.folder / rig.name()
    folder.mkdir()
    crowd = Multitude(messages=rig.steps * A_STEP)
    posts = Posts.beside(folder / LOG)
    spent = 0.0
    for batch in crowd.batches():
        began = time.process_time()
        posts.take(crowd.source, batch)
        spent += time.process_time() - began
    rig.add(TAKEN, None, crowd.messages / spent)
    for _ in range(rig.rounds):
        began = time.process_time()
        assert sum(1 for _ in posts.between(END - timedelta(days=99), END + timedelta(1))) == crowd.messages
        rig.add(THROUGH, None, (time.process_time() - began) * 1_000_000 / crowd.messages)
        began = time.process_time()
        assert sum(1 for _ in posts.between(END - timedelta(days=1), END)) > crowd.messages // 40
        rig.add(A_DAY, None, time.process_time() - began)
        began = time.process_time()
        assert posts.search("payment customers")
        rig.add(SOUGHT, None, 1000 * (time.process_time() - began))
    posts.close()
    rig.add(WEIGHS, None, sum(file.stat().st_size for file in folder.iterdir()) / crowd.messages)


MEASURES = (Measure([TAKEN, WEIGHS, THROUGH, A_DAY, SOUGHT], _posts),)
