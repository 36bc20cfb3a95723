"""The sample's messages: always the same, with news yesterday, and said to be made up."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

from maquette.connectors.slack import CONNECTOR as SLACK
from maquette.samples.messages import DAYS, MATTER, make_messages, mattering
from unit.connecting import batches, left_out, posts, source

TODAY = date(2026, 11, 26)


def content(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return sha256(b"".join(str(path.relative_to(folder)).encode() + path.read_bytes() for path in files)).hexdigest()


def test_the_same_day_gives_the_same_messages_and_yesterday_has_news(tmp_path: Path) -> None:
    make_messages(tmp_path / "a", today=TODAY)
    make_messages(tmp_path / "b", today=TODAY)
    assert content(tmp_path / "a") == content(tmp_path / "b")
    assert "Made up" in (tmp_path / "a" / "README.txt").read_text()
    read = batches(SLACK, source(SLACK, tmp_path / "a"))
    told = {post.id.removeprefix("s:"): post for post in posts(read)}
    assert (len(posts(read)), len({post.channel for post in told.values()}), left_out(read)) == (len(told), 28, {})
    assert 2_000 < len(told) < 4_000
    days = {post.at.date() for post in told.values()}
    assert (min(days), max(days)) == (TODAY - timedelta(days=DAYS), TODAY - timedelta(days=1))
    found = mattering(TODAY)
    assert set(found) == set(MATTER)
    for ids in found.values():
        assert {told[id].at.date() for id in ids} >= {TODAY - timedelta(days=1)}
        assert len({told[id].thread or told[id].id for id in ids}) > 1
    said = Counter(post.text for post in told.values() if not post.machine)
    assert max(said.values()) < 12
    assert len(said) > said.total() / 3
