"""Mentions: files and threads found by a few letters, whatever lies in the folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from house.checkouts import Checkout
from house.homes import a_home, rest
from maquette.actions import mentions, projects, threads
from maquette.domain.errors import Refused
from maquette.testing.models import Call, Calls, Says, ScriptedModels
from maquette.workspace import listing

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]
CHAT = "openai-chat:scripted"
HOSTILE = ("new\nline.py", "turned\u202egnp.py", "zero\u200bwidth.py", "escape\x1b[2J.py")


def write(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")


async def test_files_and_other_threads_are_found_by_their_letters_the_best_first(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    write(shop, "totals.py", "src/total.py", "tests/test_total.py", "docs/tall_oak.md", "README.md")
    with ScriptedModels([Says("one"), Says("two")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            project = await projects.add(home, shop)
            first = await threads.start(home, "Round the total", project=project.id, model=CHAT)
            await rest(home, first)
            other = await threads.start(home, "Something else", project=project.id, model=CHAT)
            await rest(home, other)
            found = await mentions.found(home, "total", thread=other.thread)
            assert found.files == ("totals.py", "src/total.py", "tests/test_total.py")
            assert [(one.id, one.title) for one in found.threads] == [(first.thread, "Round the total")]
            assert (await mentions.found(home, "tlo", project=project.id)).files == ("docs/tall_oak.md",)
            assert (await mentions.found(home, "else", thread=other.thread)).threads == ()
            assert len((await mentions.found(home, "", project=project.id, limit=3)).files) == 1
            with pytest.raises(Refused):
                await mentions.found(home, "", thread="thread_nowhere")
            shop.rename(tmp_path / "away")
            assert (await mentions.found(home, "total", project=project.id)).files == ()


async def test_a_thread_with_a_copy_of_its_own_is_offered_what_lies_in_that(tmp_path: Path) -> None:
    Checkout.made(tmp_path / "shop", {"a.txt": "a\n"})
    with ScriptedModels([Calls(Call("shell", {"command": "touch brand-new.py"})), Says("made")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            project = await projects.add(home, tmp_path / "shop")
            sent = await threads.start(home, "make it", project=project.id, model=CHAT)
            await rest(home, sent)
            assert (await mentions.found(home, "brand", thread=sent.thread)).files == ("brand-new.py",)
            assert (await mentions.found(home, "brand", project=project.id)).files == ()


def test_no_link_is_followed_and_what_cant_be_seen_or_read_is_left_out(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    write(outside, "secret.txt")
    write(root, "a file.py", "in/b.py", ".git/config", "sub/.GIT/HEAD", "node_modules/x/index.js", *HOSTILE)
    (root / "out").symlink_to(outside)
    (root / "loop").symlink_to(root)
    (root / "secret").symlink_to(outside / "secret.txt")
    os.mkfifo(root / "pipe")
    (root / os.fsdecode(b"no-utf8-\xff.py")).touch()
    assert sorted(listing.paths(root)) == ["a file.py", "in/b.py"]
    assert listing.paths(tmp_path / "nowhere") == []


def test_only_so_many_names_are_looked_at_and_only_for_so_long(tmp_path: Path) -> None:
    write(tmp_path, *(f"{number}.txt" for number in range(50)))
    assert len(listing.paths(tmp_path, entries=20)) == 20
    assert listing.paths(tmp_path, seconds=-1) == []
