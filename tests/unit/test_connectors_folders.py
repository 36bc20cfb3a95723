"""Notes and git histories: what is in a folder of the person's, read on from where it was read last."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from maquette.connectors.git import CONNECTOR as GIT
from maquette.connectors.notes import CONNECTOR as NOTES
from maquette.domain.errors import Refused
from maquette.domain.posts import Gone
from unit.connecting import batches, posts, source, told


def note(path: Path, text: str, seconds: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (1_700_000_000 + seconds, 1_700_000_000 + seconds))


def test_notes_are_read_again_when_their_words_change(tmp_path: Path) -> None:
    note(tmp_path / "plans" / "may.md", "# May\nOpen the shop")
    note(tmp_path / "loose.txt", "Ring Ben")
    note(tmp_path / ".git" / "x.md", "no")
    note(tmp_path / "photo.jpg", "no")
    of = source(NOTES, tmp_path, author="Anna")
    first = batches(NOTES, of)
    may, loose = sorted(posts(first), key=lambda post: post.channel, reverse=True)
    assert (may.channel, may.title, may.author, may.at.year) == ("plans", "May", "Anna", 2023)
    assert (loose.channel, loose.title, loose.text) == ("A source", "loose", "Ring Ben")
    os.utime(tmp_path / "loose.txt", (1, 1))
    assert told(batches(NOTES, of, first[-1].cursor)) == []
    note(tmp_path / "loose.txt", "Rang Ben", 60)
    (tmp_path / "plans" / "may.md").unlink()
    second = batches(NOTES, of, first[-1].cursor)
    changed, gone = told(second)
    assert (gone, getattr(changed, "text", "")) == (Gone(id="s:plans/may.md"), "Rang Ben")
    assert told(batches(NOTES, of, second[-1].cursor)) == []


def test_a_note_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.md").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "notes" / "b").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "notes" / "c.md")
    assert told(batches(NOTES, source(NOTES, tmp_path / "notes"))) == []


def git(folder: Path, *words: str, at: str = "2026-03-02T12:00:00+01:00") -> str:
    who = {
        "GIT_AUTHOR_NAME": "Anna",
        "GIT_AUTHOR_EMAIL": "a@x",
        "GIT_COMMITTER_NAME": "Anna",
        "GIT_COMMITTER_EMAIL": "a@x",
    }
    env = {**os.environ, **who, "GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}
    ran = subprocess.run(["git", "-C", folder, *words], env=env, check=True, capture_output=True, text=True)
    return ran.stdout.strip()


@pytest.mark.boxed
def test_a_git_history_is_read_from_its_beginning_and_then_on(tmp_path: Path) -> None:
    repo, scratch = tmp_path / "repo", tmp_path / "scratch"
    repo.mkdir()
    of = source(GIT, repo, link="https://code.example/c/")
    with pytest.raises(Refused, match="in no git repo"):
        GIT.check(of)
    git(repo, "init", "-q", "-b", "main")
    assert told(batches(GIT, of, scratch=scratch)) == []
    git(repo, "commit", "-q", "--allow-empty", "-m", "Open\n\nThe shop opens.\n\nIn May.")
    git(repo, "commit", "-q", "--allow-empty", "-m", "Grüße")
    first = batches(GIT, of, scratch=scratch)
    opened, second = posts(first)
    assert (opened.title, opened.text, opened.author) == ("Open", "The shop opens.\n\nIn May.", "Anna")
    assert (opened.at, second.title) == (datetime(2026, 3, 2, 11, tzinfo=UTC), "Grüße")
    assert opened.link == f"https://code.example/c/{opened.id[2:]}"
    git(repo, "commit", "-q", "--allow-empty", "--amend", "-m", "Other words")
    git(repo, "commit", "-q", "--allow-empty", "-m", "More")
    again = batches(GIT, of, first[-1].cursor, scratch=scratch)
    assert [post.title for post in posts(again)] == ["Other words", "More"]
    assert told(batches(GIT, of, again[-1].cursor, scratch=scratch)) == []
    assert len(posts(batches(GIT, of, "0" * 40, scratch=scratch))) == 3
    with pytest.raises(Refused, match="no branch other"):
        batches(GIT, source(GIT, repo, branch="other"), scratch=scratch)


@pytest.mark.boxed
def test_a_repo_that_was_made_to_do_harm_runs_nothing(tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    repo.mkdir()
    git(repo, "init", "-q")
    git(repo, "commit", "-q", "--allow-empty", "-m", "One")
    for name in ("core.fsmonitor", "core.pager", "log.showSignature", "gpg.program", "diff.external"):
        git(repo, "config", name, "true" if name == "log.showSignature" else f"touch {tmp_path}/ran")
    assert len(posts(batches(GIT, source(GIT, repo), scratch=tmp_path / "scratch"))) == 1
    assert not (tmp_path / "ran").exists()
