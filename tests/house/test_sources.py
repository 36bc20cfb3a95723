"""Sources: a person lets the base read them; what came of it is told plainly, and what was read is kept."""

from __future__ import annotations

import asyncio
import json
import os
import tarfile
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from pathlib import Path

import pytest

from house.bases import a_machine, refused
from house.homes import a_home
from maquette.actions import backups, sources
from maquette.actions.home import Home
from maquette.domain.errors import Refused, Unavailable
from maquette.domain.posts import Gone, Post, Source, Taken
from maquette.kinds.connectors import Batch, Means
from maquette.store import rebuild
from unit.mailboxes import PASSWORD, mailbox

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    async with a_home(tmp_path_factory.mktemp("b") / "state", {}) as home:
        yield home


def notes(folder: Path, **texts: str) -> str:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text)
    return str(folder)


async def test_a_source_is_read_on_each_time_and_the_log_says_what_came(home: Home, tmp_path: Path) -> None:
    at = notes(tmp_path / "notes", one="The printer is broken", two="Lunch")
    source = await sources.add(home, "notes", at, name="Notes", options={"author": "Anna"})
    (never,) = await sources.listed(home)
    assert (never.posts, never.read, never.source) == (0, None, source)
    first = await sources.read(home, "Notes")
    assert (first.posts, first.came.new, first.came.error) == (2, 2, "")
    notes(tmp_path / "notes", one="The printer works")
    (tmp_path / "notes" / "two.md").unlink()
    second = await sources.read(home, source.id)
    assert (second.posts, second.came.new, second.came.changed, second.came.gone) == (1, 0, 1, 1)
    (found,) = home.reader.posts.search("printer")
    assert (found.post.text, found.post.author) == ("The printer works", "Anna")
    assert [one.came.changed for one in await sources.listed(home)] == [1]
    assert rebuild(home.store, replace=False) == []
    await sources.remove(home, "Notes")
    assert (await sources.listed(home), home.reader.posts.search("printer")) == ([], [])


async def test_what_cannot_be_a_source_is_refused_before_it_is_one(home: Home, tmp_path: Path) -> None:
    at = notes(tmp_path / "notes")
    os.mkfifo(tmp_path / "pipe")
    for kind, where, options, code in (
        ("carrier-pigeon", at, {}, "unknown-connector"),
        ("notes", at, {"colour": "red"}, "odd-option"),
        ("notes", str(tmp_path / "none"), {}, "odd-source"),
        ("notes", "notes", {}, "odd-source"),
        ("notes", f"/{'long' * 100}", {}, "odd-source"),
        ("slack", "/", {}, "odd-source"),
        ("mbox", str(tmp_path / "pipe"), {}, "odd-source"),
        ("notes", "", {}, "odd-source"),
        ("imap", "imap://anna@127.0.0.1", {}, "no-secret"),
    ):
        with pytest.raises(Refused) as refusal:
            await sources.add(home, kind, where, options=options)
        assert refusal.value.code == code
    await sources.add(home, "notes", at, name="Taken")
    with pytest.raises(Refused, match="already"):
        await sources.add(home, "notes", at, name="Taken")
    await sources.remove(home, "Taken")
    for name in ("read", "remove"):
        with pytest.raises(Refused, match="There is no source"):
            await getattr(sources, name)(home, "Taken")


async def test_a_password_is_in_no_log_and_goes_with_its_source(home: Home) -> None:
    with mailbox() as server:
        server.put(b"From: Anna <a@x>\r\nDate: Mon, 2 Mar 2026 12:00:00 +0000\r\n\r\nHello")
        source = await sources.add(home, "imap", server.address, name="Mail", secret="wrong")
        assert "doesn't let anna in" in (await sources.read(home, "Mail")).came.error
        await sources.set_secret(home, "Mail", PASSWORD)
        assert (await sources.read(home, "Mail")).came.new == 1
    assert "can't be reached" in (await sources.read(home, "Mail")).came.error
    told = b"".join(entry.model_dump_json().encode() for entry in home.store.log.read_all(limit=None))
    assert json.dumps(PASSWORD).encode() not in told
    assert b"p\xc3\xa4ssword" not in told
    await sources.remove(home, "Mail")
    assert home.secrets.get(source.id) == ""


async def test_mail_that_is_deleted_is_gone_here_unless_it_is_to_stay(home: Home, tmp_path: Path) -> None:
    def mail(text: str, more: bytes = b"") -> bytes:
        head = b"From: Anna <a@x>\nDate: Mon, 2 Mar 2026 12:00:00 +0000\nList-Id: <" + text[:1].encode() + b".x>\n"
        return head + more + b"\n" + text.encode() + b"\n"

    def found() -> list[str]:
        return sorted(one.post.text for one in home.reader.posts.search("kept"))

    every = [
        mail("a kept", b"Message-ID: <1@x>\n"),
        mail("b kept"),
        mail("c kept", b"Message-ID: <3@x>\n"),
        mail("d kept"),
    ]
    with mailbox() as server:
        server.put(*every)
        for name, options in (("Follows", {}), ("Stays", {"gone": "stays"})):
            await sources.add(home, "imap", server.address, name=name, options=options, secret=PASSWORD)
            assert (await sources.read(home, name)).came.new == 4
        server.remove(2)
        server.remove(2)
        server.put(mail("e kept"))
        came = (await sources.read(home, "Follows")).came
        assert (came.new, came.gone, came.error) == (1, 2, "")
        assert (await sources.read(home, "Stays")).came.gone == 0
        await sources.remove(home, "Stays")
        assert found() == ["a kept", "d kept", "e kept"]
        assert (await sources.read(home, "Follows")).came.gone == 0
    await sources.remove(home, "Follows")
    box, line = tmp_path / "list.mbox", b"From a@x Mon Mar  2 12:00:00 2026\n"
    box.write_bytes(b"".join(line + one + b"\n" for one in every))
    await sources.add(home, "mbox", str(box), name="List")
    assert (await sources.read(home, "List")).came.new == 4
    box.write_bytes(b"".join(line + one + b"\n" for one in [every[0], *every[2:], mail("e kept"), mail("f kept")]))
    came = (await sources.read(home, "List")).came
    assert (came.new, came.gone, found()) == (2, 1, ["a kept", "c kept", "d kept", "e kept", "f kept"])
    await sources.remove(home, "List")


async def test_what_a_webhook_brings_is_kept_where_its_source_can_hear(home: Home, tmp_path: Path) -> None:
    hooks = await sources.add(home, "github", notes(tmp_path / "hooks"), name="Hooks")
    deaf = await sources.add(home, "notes", str(tmp_path / "hooks"), name="Deaf")
    issue = {"html_url": "https://github.com/a/b/issues/1", "title": "Slow", "body": "@ben?", "user": {"login": "anna"}}
    body = json.dumps({"action": "opened", "issue": issue, "repository": {"full_name": "a/b"}}).encode()
    assert await home.reader.hear(hooks, "issues", body) == Taken(new=1)
    for source, sent in ((hooks, b"{"), (hooks, b"5"), (deaf, body)):
        with pytest.raises(Refused):
            await home.reader.hear(source, "issues", sent)
    for name in ("Hooks", "Deaf"):
        await sources.remove(home, name)


class Stubborn:
    """Reads one batch, waits for leave, and breaks off."""

    kind = "stubborn"
    about = "nothing"
    options: Mapping[str, str] = {}
    wants_secret = False

    def __init__(self) -> None:
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()

    def check(self, source: Source) -> None: ...

    async def read(self, source: Source, cursor: str, means: Means) -> AsyncGenerator[Batch]:
        n = int(cursor or 0) + 1
        post = Post.model_validate(
            {
                "id": f"{source.id}:{n}",
                "source": source.id,
                "channel": "c",
                "author": "a",
                "at": "2026-03-02T12:00:00Z",
                "text": "t",
            }
        )
        yield Batch([post, Gone(id="x")], str(n), progress="1 of 2", left_out={"odd": 1})
        self.begun.set()
        await self.go_on.wait()
        raise Unavailable("The line broke.")


async def test_what_came_before_an_error_is_kept_and_the_error_is_told(home: Home) -> None:
    stubborn = Stubborn()
    home.reader.connectors["stubborn"] = stubborn  # pyright: ignore[reportIndexIssue]
    await sources.add(home, "stubborn", "/s", name="S")
    reading = asyncio.create_task(sources.read(home, "S"))
    await asyncio.wait_for(stubborn.begun.wait(), 20)
    (listed,) = await sources.listed(home)
    assert listed.reading == "1 of 2"
    for do in (sources.read, sources.remove):
        with pytest.raises(Refused, match="being read"):
            await do(home, "S")
    stubborn.go_on.set()
    came = (await reading).came
    assert (came.new, came.left_out, came.error) == (1, {"odd": 1}, "The line broke.")
    again = await sources.read(home, "S")
    assert (again.posts, again.came.new) == (2, 1), "it went on where it had come to"
    stubborn.go_on.clear()
    reading = asyncio.create_task(sources.read(home, "S"))
    stubborn.begun.clear()
    await asyncio.wait_for(stubborn.begun.wait(), 20)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert home.reader.posts.cursor((await sources.find(home, "S")).id) == "3"
    await sources.remove(home, "S")


async def test_posts_are_in_a_backup_and_come_back_with_it(tmp_path: Path) -> None:
    state, file = tmp_path / "a" / "state", tmp_path / "backup.tar"
    async with a_home(state, {}) as home:
        await sources.add(home, "notes", notes(tmp_path / "notes", one="The printer is broken"), name="Notes")
        await sources.read(home, "Notes")
        await backups.back_up(home, file)
        with tarfile.open(file) as packed:
            assert backups.POSTS in packed.getnames()
    there = tmp_path / "b" / "state"
    there.mkdir(parents=True)
    backups.restore(there, file)
    async with a_home(there, {}) as home:
        assert [found.post.title for found in home.reader.posts.search("printer")] == ["one"]
        assert (await sources.read(home, "Notes")).came.new == 0


async def test_a_base_without_sources_keeps_no_file_for_them(tmp_path: Path) -> None:
    async with a_home(tmp_path / "state", {}) as home:
        assert await sources.listed(home) == []
    assert not (tmp_path / "state" / backups.POSTS).exists()


def test_sources_are_added_read_and_removed_at_the_command_line(tmp_path: Path) -> None:
    with a_machine(tmp_path) as machine:
        at = notes(tmp_path / "notes", one="The printer is broken")
        assert "Nothing is read yet" in machine.ok("sources")
        assert "notes" in machine.ok("sources", "kinds")
        machine.ok("sources", "add", "notes", at, "--option", "author=Anna")
        assert "1 new" in machine.ok("sources", "read")
        assert "nothing new" in machine.ok("sources", "read", "notes")
        (listed,) = machine.json("sources")
        assert (listed["posts"], listed["source"]["options"]) == (1, {"author": "Anna"})
        assert "There is no folder" in refused(machine.run("sources", "add", "notes", str(tmp_path / "none")))
        (tmp_path / "notes" / "one.md").unlink()
        (tmp_path / "notes").rmdir()
        failed = machine.run("sources", "read", "notes")
        assert (failed.returncode, "There is no folder" in failed.stdout) == (2, True)
        machine.ok("sources", "remove", "notes")
        assert machine.json("sources") == []
