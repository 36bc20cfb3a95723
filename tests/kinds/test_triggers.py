"""What holds for every trigger, and what each hears."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from house.checkouts import Checkout
from maquette.domain.errors import Refused
from maquette.domain.triggers import Heard
from maquette.kinds import registry
from maquette.kinds.triggers import Ended, Follows, Listens, Look, Trigger, Watches
from maquette.triggers.after import TRIGGER as AFTER
from maquette.triggers.files import TRIGGER as FILES
from maquette.triggers.git import TRIGGER as GIT
from maquette.workspace import Workspace

pytestmark = pytest.mark.anyio

TRIGGERS = {one.name: one for one in cast("list[Trigger]", registry.members("maquette.triggers", "TRIGGER"))}
MEANS = {
    "after": ({"automation": "a_1", "outcomes": "failed, unmet"}, "When a run of a_1 ends as failed or unmet"),
    "files": ({"path": "inbox", "names": "*.csv,*.md"}, "When a file like *.csv or *.md changes in inbox"),
    "git": ({"refs": "main, v*"}, "When main or v* moves in the project's repo"),
    "webhook": ({"scheme": "github", "events": "push,issues"}, "When GitHub tells of push, issues"),
}
LATER = timedelta(seconds=30)
"""Files that were written in this test are at rest by then."""


@dataclass
class Here:
    """A place whose refs are as a test says."""

    root: Path
    pointing: dict[str, str] = field(default_factory=dict[str, str])

    async def refs(self) -> Mapping[str, str]:
        return self.pointing


@dataclass
class Watching:
    """Looks again and again, as whoever keeps the mark does."""

    trigger: Watches
    options: Mapping[str, str]
    place: Here
    mark: str = ""

    async def look(self, now: datetime | None = None) -> Look:
        return await self.trigger.look(self.options, self.place, self.mark, now or datetime.now(UTC) + LATER)

    async def hears(self) -> Heard | None:
        found = await self.look()
        again = await self.look()
        assert (again.heard and again.heard.key) == (found.heard and found.heard.key), "the same look hears the same"
        self.mark = found.mark
        return found.heard


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "old.csv").write_text("1\n")
    return tmp_path / "inbox"


@pytest.mark.parametrize("name", TRIGGERS)
def test_each_says_what_it_waits_for_and_refuses_options_that_are_none(name: str) -> None:
    trigger = TRIGGERS[name]
    options, sentence = MEANS[name]
    assert isinstance(trigger, Watches) + isinstance(trigger, Listens) + isinstance(trigger, Follows) == 1
    assert trigger.means(options) == sentence
    for wrong in ({}, {**options, "colour": "red"}, {**options, next(iter(options)): "x" * 501}):
        with pytest.raises(Refused, match=name if wrong.get("colour") or not wrong else "500"):
            trigger.means(wrong)


def test_a_webhook_says_which_schemes_there_are() -> None:
    for options in ({"scheme": "none"}, {"scheme": "standard", "events": "push"}, {"scheme": "github", "events": "P;"}):
        with pytest.raises(Refused):
            TRIGGERS["webhook"].means(options)


async def test_a_file_that_is_new_changed_moved_or_gone_is_heard_of_once(inbox: Path) -> None:
    watching = Watching(FILES, {"path": "inbox"}, Here(inbox.parent))
    assert await watching.hears() is None
    assert await watching.hears() is None

    async def heard() -> Heard:
        found = await watching.hears()
        assert found is not None
        assert await watching.hears() is None
        return found

    (inbox / "new.csv").write_text("2\n")
    keys = [first := await heard()]
    assert first.told == "In inbox changed new.csv."
    (inbox / "old.csv").write_text("3\n")
    keys.append(second := await heard())
    assert second.about == {"folder": "inbox", "files": "old.csv", "count": "1"}
    for _ in range(2):  # there and back, and there again: each is a happening of its own
        (inbox / "new.csv").rename(inbox / "moved.csv")
        keys.append(await heard())
        (inbox / "moved.csv").rename(inbox / "new.csv")
        keys.append(await heard())
    (inbox / "new.csv").unlink()
    keys.append(last := await heard())
    assert last.told == "Files were taken away in inbox."
    assert len({one.key for one in keys}) == len(keys)


async def test_only_files_by_such_names_count_and_none_that_begins_with_a_dot(inbox: Path) -> None:
    watching = Watching(FILES, {"path": "inbox", "names": "*.csv, *.md"}, Here(inbox.parent))
    assert await watching.hears() is None
    (inbox / "a.txt").write_text("")
    (inbox / ".hidden.csv").write_text("")
    (inbox / ".git").mkdir()
    (inbox / ".git" / "x.csv").write_text("")
    assert await watching.hears() is None
    (inbox / "deep").mkdir()
    (inbox / "deep" / "b.md").write_text("")
    found = await watching.hears()
    assert found
    assert found.about["files"] == "deep/b.md"


async def test_a_folder_is_heard_of_when_it_has_settled_or_after_a_minute(inbox: Path) -> None:
    watching = Watching(FILES, {"path": "inbox"}, Here(inbox.parent))
    await watching.hears()
    (inbox / "log").write_text("1")
    begun = datetime.now(UTC)
    stirs = await watching.look(begun + timedelta(seconds=1))
    assert stirs.heard is None
    assert (await watching.look(begun + timedelta(seconds=3))).heard
    watching.mark = stirs.mark
    late = begun + timedelta(seconds=62)
    os.utime(inbox / "log", (late.timestamp() - 1, late.timestamp() - 1))
    assert (await watching.look(late)).heard, "it never settles, and is heard of all the same"


async def test_a_link_in_the_place_of_the_folder_leads_nowhere_outside_of_the_project(tmp_path: Path) -> None:
    project, outside = tmp_path / "project", tmp_path / "outside"
    project.mkdir()
    outside.mkdir()
    (outside / "secret").write_text("")
    (project / "inbox").symlink_to(outside)
    for path in ("inbox", "../outside", "nowhere"):
        with pytest.raises(Refused, match="can't be looked into"):
            await FILES.look({"path": path}, Here(project), "", datetime.now(UTC))
    (project / "inbox").unlink()
    (project / "inbox").mkdir()
    watching = Watching(FILES, {"path": "inbox"}, Here(project))
    await watching.hears()
    (project / "inbox" / "link").symlink_to(outside)
    assert await watching.hears() is None
    assert (await FILES.look({"path": str(outside)}, Here(project), "", datetime.now(UTC))).mark


async def test_a_ref_that_moves_is_heard_of_once_and_only_if_it_is_watched(tmp_path: Path) -> None:
    here = Here(tmp_path, {"HEAD": "1" * 40, "refs/heads/main": "1" * 40, "refs/heads/other": "1" * 40})
    watching = Watching(GIT, {"refs": "main, v*"}, here)
    assert await watching.hears() is None
    here.pointing["refs/heads/other"] = "2" * 40
    assert await watching.hears() is None
    told: list[str] = []
    keys: set[str] = set()
    for to in ("2" * 40, "1" * 40, "2" * 40):
        here.pointing["refs/heads/main"] = to
        found = await watching.hears()
        assert found
        told.append(found.told)
        keys.add(found.key)
        assert await watching.hears() is None
    assert told[0] == told[2] == "main moved from 1111111111 to 2222222222."
    assert len(keys) == 3
    here.pointing["refs/tags/v1"] = "3" * 40
    del here.pointing["refs/heads/main"]
    found = await watching.hears()
    assert found
    assert found.told == "main was removed, and 1 more."
    assert found.about["count"] == "2"


async def test_a_folder_without_a_repo_says_so(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no git repo"):
        await GIT.look({"refs": "main"}, Here(tmp_path), "", datetime.now(UTC))


async def test_a_mark_of_another_version_is_a_first_look(inbox: Path) -> None:
    look = await FILES.look({"path": "inbox"}, Here(inbox.parent), '{"old": 1}', datetime.now(UTC))
    assert look.heard is None
    assert look.mark


@pytest.mark.boxed
async def test_the_refs_of_a_repo_are_read_in_a_box_and_only_when_they_stirred(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = Checkout.made(tmp_path / "sample", {"a.txt": "1\n"})
    first = checkout.git("rev-parse", "HEAD")
    assert await workspace.refs(checkout.path) == {"HEAD": first, "refs/heads/main": first}
    with monkeypatch.context() as away:
        away.setenv("PATH", "/nowhere")
        assert (await workspace.refs(checkout.path))["HEAD"] == first, "nothing stirred, so nothing was run"
    second = checkout.commit("second")
    checkout.git("tag", "v1")
    checkout.git("pack-refs", "--all")
    assert await workspace.refs(checkout.path) == {"HEAD": second, "refs/heads/main": second, "refs/tags/v1": second}
    assert await workspace.refs(tmp_path) == {}


def test_the_end_of_a_run_is_heard_of_where_it_is_waited_for() -> None:
    ended = Ended("automation_1", "run_1", "failed")
    heard = AFTER.follow({"automation": "automation_1"}, ended)
    assert heard
    assert (heard.key, heard.told) == ("run_1", "A run of automation_1 ended: failed.")
    assert AFTER.follow({"automation": "automation_1", "outcomes": "done"}, ended) is None
    assert AFTER.follow({"automation": "automation_2"}, ended) is None
