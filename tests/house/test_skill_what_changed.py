"""The what-changed skill: which time a phrase means, what is quoted from where, and that settings run nothing."""

from __future__ import annotations

import importlib.util
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from house.skill_runs import git, make_repo, run_skill, script, write
from maquette.samples.shop import make_sample


def phrases() -> Any:
    """The script's module of phrases, by its path: it isn't part of a package."""
    path = script("what-changed").parent / "changes/phrases.py"
    spec = importlib.util.spec_from_file_location("what_changed_phrases", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


PHRASES = phrases()
TODAY = date(2026, 11, 25)
"""A Wednesday."""


@pytest.mark.parametrize(
    ("said", "start", "end"),
    [
        ("what changed in this repo last month", "2026-10-01", "2026-11-01"),
        ("What happened last week?", "2026-11-16", "2026-11-23"),
        ("yesterday", "2026-11-24", "2026-11-25"),
        ("today", "2026-11-25", "2026-11-26"),
        ("this year", "2026-01-01", "2027-01-01"),
        ("this week", "2026-11-23", "2026-11-30"),
        ("the last quarter", "2026-07-01", "2026-10-01"),
        ("over the past three weeks", "2026-11-04", "2026-11-26"),
        ("the past month", "2026-10-25", "2026-11-26"),
        ("in the last 2 years", "2024-11-25", "2026-11-26"),
        ("since Monday", "2026-11-23", None),
        ("since 3 days ago", "2026-11-22", None),
        ("since March", "2026-03-01", None),
        ("in December", "2025-12-01", "2026-01-01"),
        ("in May 2024", "2024-05-01", "2024-06-01"),
        ("on 5 May 2024", "2024-05-05", "2024-05-06"),
        ("Q2 2024", "2024-04-01", "2024-07-01"),
        ("in 2024", "2024-01-01", "2025-01-01"),
        ("between 2026-01-01 and 2026-02-15", "2026-01-01", "2026-02-16"),
        ("from 1 March 2026 to 5 April 2026", "2026-03-01", "2026-04-06"),
        ("between March and May", "2026-03-01", "2026-06-01"),
        ("since 1.2.2026", "2026-02-01", None),
        ("until 2026-05-01", None, "2026-05-02"),
        ("since January until last month", "2026-01-01", "2026-11-01"),
    ],
)
def test_a_phrase_means_a_stretch_of_days(said: str, start: str | None, end: str | None) -> None:
    found = PHRASES.understand(said, TODAY)
    assert (found.start and found.start.isoformat(), found.end and found.end.isoformat()) == (start, end)


@pytest.mark.parametrize(
    ("said", "since", "until"),
    [
        ("what changed since v0.2.0?", "v0.2.0", None),
        ("between v0.1.0 and v0.3.0, please", "v0.1.0", "v0.3.0"),
        ("show v1..main", "v1", "main"),
        ("since the last release", "last release", None),
        ("since abc1234 until yesterday", "abc1234", None),
    ],
)
def test_names_that_are_no_time_are_commits(said: str, since: str, until: str | None) -> None:
    found = PHRASES.understand(said, TODAY)
    assert (found.since, found.until) == (since, until)


@pytest.mark.parametrize(
    "said", ["what changed", "what may have changed", "how to get from here to there", "31 February 2024"]
)
def test_what_names_no_time_is_not_guessed_at(said: str) -> None:
    assert PHRASES.understand(said, TODAY) is None


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    make_sample(tmp_path / "shop", today=TODAY)
    return tmp_path / "shop"


def test_a_month_is_told_by_folder_with_the_source_of_each_line(shop: Path, tmp_path: Path) -> None:
    told = tmp_path / "told.json"
    request = "what changed in this repo last month"
    ran = run_skill("what-changed", shop, "--request", request, "--today", str(TODAY), "--json", str(told))
    assert ran.status == 0, ran.err
    expected = git(
        shop, "log", "--format=%h %s", "--since=2026-10-01T00:00:00", "--until=2026-10-31T23:59:59"
    ).splitlines()
    assert len(expected) == 2
    for line in expected:
        short, subject = line.split(" ", 1)
        (quoted,) = [said for said in ran.out.splitlines() if said.startswith(f"- {subject} (")]
        assert f"({short}, Maquette sample, 2026-10-" in quoted
    assert "no language model" in ran.out
    assert "2026-10-01 to 2026-10-31" in ran.out
    assert {f["path"] for f in json.loads(told.read_text())["new"]} >= {"data/sales/january.csv"}


def test_between_tags_come_the_tags_merges_and_files(shop: Path) -> None:
    ran = run_skill("what-changed", shop, "--since", "v0.1.0", "--until", "v0.2.0", "--most", "50")
    assert "tag **v0.2.0**" in ran.out
    assert "v0.1.0**" not in ran.out
    assert "Merge branch 'suppliers'" in ran.out
    assert "`bookshop/formats.py`" in ran.out
    count = git(shop, "rev-list", "--count", "--no-merges", "v0.1.0..v0.2.0").strip()
    assert f"\n{count} commits by 1 person" in ran.out


def test_what_came_and_went_is_told_only_where_it_lasted(tmp_path: Path) -> None:
    make_repo(tmp_path, {"stays.py": "1\n", "goes.py": "1\n"})
    git(tmp_path, "tag", "start")
    write(tmp_path, {"new.py": "1\n", "brief.py": "1\n"})
    (tmp_path / "goes.py").unlink()
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "one", who="Grace")
    (tmp_path / "brief.py").unlink()
    git(tmp_path, "commit", "-q", "-a", "-m", "two")
    ran = run_skill("what-changed", tmp_path, "--since", "start", "--json", "told.json")
    told = json.loads((tmp_path / "told.json").read_text())
    assert [f["path"] for f in told["new"]] == ["new.py"]
    assert [f["path"] for f in told["removed"]] == ["goes.py"]
    assert {p["name"]: p["commits"] for p in told["people"]} == {"Ada": 1, "Grace": 1}
    assert "2 commits by 2 people" in ran.out


def test_nothing_of_the_repos_own_settings_is_run(tmp_path: Path) -> None:
    make_repo(tmp_path, {"a.txt": "1\n", ".gitattributes": "* diff=evil\n"})
    trap = tmp_path.parent / "trap"
    write(tmp_path, {"run.sh": f"#!/bin/sh\ntouch {trap}\n", "a.txt": "2\n"})
    (tmp_path / "run.sh").chmod(0o755)
    git(tmp_path, "commit", "-q", "-a", "-m", "second")
    for key in (
        "diff.evil.textconv",
        "diff.evil.command",
        "diff.external",
        "core.fsmonitor",
        "core.pager",
        "gpg.program",
    ):
        git(tmp_path, "config", key, str(tmp_path / "run.sh"))
    git(tmp_path, "config", "log.showSignature", "true")
    ran = run_skill("what-changed", tmp_path, "--since", "2024-01-01")
    assert "second" in ran.out
    assert not trap.exists()


def test_others_words_are_quoted_without_their_markup(tmp_path: Path) -> None:
    make_repo(tmp_path, {"a.txt": "1\n"})
    write(tmp_path, {"a.txt": "2\n"})
    subject = "![x](http://evil.invalid/i.png) <script>alert(1)</script> \x1b]0;t\x07 \u202etxt | cell"
    git(tmp_path, "commit", "-q", "-a", "-m", subject, who="Eve|`<b>")
    out = run_skill("what-changed", tmp_path, "--since", "2024-01-01").out
    assert "\\!\\[x\\]" in out
    assert "\\<script\\>" in out
    assert not {"\x1b", "\x07", "\u202e"} & set(out)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--since", "nonesuch"], "nonesuch"),
        (["--since", "--upload-pack=x"], ""),
        (["--since", "no time at all"], "neither a time"),
        (["--request", "what changed since v9"], "v9"),
    ],
)
def test_a_time_that_is_not_understood_is_said(shop: Path, options: list[str], sentence: str) -> None:
    ran = run_skill("what-changed", shop, *options)
    assert ran.status == 2
    assert sentence in ran.err
    assert "Traceback" not in ran.err


def test_a_folder_without_history_is_refused(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "new").mkdir()
    git(tmp_path / "new", "init", "-q")
    assert "no git repo" in run_skill("what-changed", tmp_path / "plain").err
    assert "no commits yet" in run_skill("what-changed", tmp_path / "new").err


def test_when_nothing_was_committed_it_says_so(shop: Path) -> None:
    ran = run_skill("what-changed", shop, "--since", "1999-01-01", "--until", "1999-12-31")
    assert ran.status == 0
    assert "Nothing was committed" in ran.out


def test_a_request_without_a_time_gets_thirty_days_and_is_told_so(shop: Path) -> None:
    ran = run_skill("what-changed", shop, "--request", "what changed?", "--today", str(TODAY))
    assert "the last 30 days, since none were named" in ran.out
