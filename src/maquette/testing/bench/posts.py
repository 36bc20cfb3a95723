"""The store of posts: how fast it takes what sources tell, what that weighs, and how fast ranking goes through it."""

from __future__ import annotations

import time
from datetime import timedelta

from maquette.curation.reports.funnel import Window, ranked
from maquette.curation.reports.interests import Interests
from maquette.store.copies import NAME as LOG
from maquette.store.posts import Posts
from maquette.testing.bench.rig import Measure, Rig
from maquette.testing.bench.rows import Row
from maquette.testing.multitude import END, Multitude
from maquette.testing.readers import crowds

A_STEP = 1_000
"""Messages for each step of the long runs."""

TAKEN = Row("posts taken in, a second of CPU", "1/s", ">= 10000")
WEIGHS = Row("a post on disk, with its full text", "bytes", "<= 500")
THROUGH = Row("all posts gone through, CPU for a million", "s", "<= 6")
A_DAY = Row("a day's posts gone through, CPU", "s", "<= 0.3")
SOUGHT = Row("two words sought in all posts, CPU", "ms", "<= 200")
RANKED = Row("report: all posts filtered and ranked from cold, CPU for a million", "s", "<= 30")
RANKED_DAY = Row("report: a day's posts filtered and ranked, CPU", "s", "<= 1")
FOUND = Row("report: of what matters, read in 1 % of all, after ten replies", "%", ">= 60")
FOUND_BM25 = Row("the same by BM25 for the words that those replies taught", "%")
FOUND_NEWEST = Row("the same by the newest first", "%")


def _posts(rig: Rig) -> None:
    folder = rig.folder / rig.name()
    folder.mkdir()
    messages = rig.steps * A_STEP
    crowd = Multitude(messages=messages, mattering=max(20, messages * 400 // 1_000_000))
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
    _report(rig, posts, crowd)
    posts.close()
    rig.add(WEIGHS, None, sum(file.stat().st_size for file in folder.iterdir()) / crowd.messages)


def _report(rig: Rig, posts: Posts, crowd: Multitude) -> None:
    """What a report costs, and which part of what matters is read in it, beside two ways that anybody could take."""
    nobody = Interests()
    for _ in range(rig.rounds):
        began = time.process_time()
        ranked(posts, crowds.ALL, nobody)
        rig.add(RANKED, None, (time.process_time() - began) * 1_000_000 / crowd.messages)
        began = time.process_time()
        ranked(posts, Window(END - timedelta(days=1), END), nobody)
        rig.add(RANKED_DAY, None, time.process_time() - began)
    by = crowds.taught(posts, crowd)
    for row, curve in (
        (FOUND, crowds.curve("ours", posts, crowd, by)),
        (FOUND_BM25, crowds.bm25(posts, crowd, by)),
        (FOUND_NEWEST, crowds.newest(posts, crowd)),
    ):
        rig.add(row, None, 100 * curve.at(0.01))


MEASURES = (
    Measure(
        [TAKEN, WEIGHS, THROUGH, A_DAY, SOUGHT, RANKED, RANKED_DAY, FOUND, FOUND_BM25, FOUND_NEWEST],
        _posts,
    ),
)
