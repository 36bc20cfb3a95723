"""A Slack export is read as Slack writes it, again and again, and does no harm when it was made to."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from maquette.connectors import archives
from maquette.connectors.slack import CONNECTOR as SLACK
from maquette.domain.errors import Refused
from maquette.domain.posts import Gone
from unit.connecting import batches, left_out, posts, source, told

PEOPLE: list[dict[str, object]] = [
    {"id": "U1", "name": "anna", "profile": {"display_name": "Anna", "real_name": "Anna Berg"}},
    {"id": "U2", "name": "ben", "real_name": "Ben Okri", "profile": {"display_name": ""}},
    {"id": "U3", "name": "deploys", "is_bot": True, "profile": {}},
]
LISTS: dict[str, object] = {
    "users.json": PEOPLE,
    "channels.json": [{"id": "C1", "name": "shop", "members": ["U1", "U2"]}],
    "dms.json": [{"id": "D1", "members": ["U1", "U2"]}],
}
Day = list[dict[str, object]]


def message(ts: str, text: str = "Hello", user: str = "U1", **more: object) -> dict[str, object]:
    return {"type": "message", "user": user, "ts": ts, "text": text, **more}


def export(path: Path, days: Mapping[str, object]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in {**LISTS, **days}.items():
            packed.writestr(name, content if isinstance(content, str) else json.dumps(content))
    return path


def test_messages_threads_mentions_reactions_and_bots_are_told(tmp_path: Path) -> None:
    day: Day = [
        message(
            "1700000000.000100",
            "Hi <@U2>, see <#C1|shop> and <https://a.example/x?a=1&amp;b|the page> &lt;now&gt; <!here>",
            reactions=[{"name": "tada", "users": ["U2"], "count": 3}],
            thread_ts="1700000000.000100",
        ),
        message("1700000060.000200", "Yes?", "U2", thread_ts="1700000000.000100", edited={"ts": "1700000100.000000"}),
        message(
            "1700000070.000300",
            "Deployed 12",
            "U3",
            subtype="bot_message",
            attachments=[{"title": "v12", "text": "ok"}],
        ),
        message("1700000080.000400", "", files=[{"title": "plan.pdf"}]),
        message("1700000090.000500", "<@U1> has joined", subtype="channel_join"),
    ]
    at = export(
        tmp_path / "export.zip", {"shop/2023-11-14.json": day, "D1/2023-11-14.json": [message("1700000001.0001")]}
    )
    read = batches(SLACK, source(SLACK, at, workspace="bookshop"))
    direct, first, answer, bot, file = sorted(posts(read), key=lambda post: (post.channel, post.at))
    assert first.text == "Hi @Ben Okri, see #shop and the page (https://a.example/x?a=1&b) <now> @here"
    assert (first.author, first.to, first.reactions, first.thread) == ("Anna", ("Ben Okri",), {"tada": 3}, None)
    assert first.at == datetime(2023, 11, 14, 22, 13, 20, 100, tzinfo=UTC)
    assert first.link == "https://bookshop.slack.com/archives/C1/p1700000000000100"
    assert (answer.thread, answer.author, answer.edited is not None) == (first.id, "Ben Okri", True)
    assert (bot.machine, bot.text) == (True, "Deployed 12\nv12\nok")
    assert file.text == "[plan.pdf]"
    assert direct.channel == "direct: Anna, Ben Okri"


def test_a_second_reading_takes_only_what_is_new_and_says_what_is_gone(tmp_path: Path) -> None:
    at, path = tmp_path / "export.zip", source(SLACK, tmp_path / "export.zip")
    days: dict[str, object] = {
        "shop/2023-11-14.json": [message(f"17000000{n}0.000100", f"No {n}") for n in range(3)],
        "quiet/2023-11-14.json": [message("1700000000.000900")],
    }
    export(at, days)
    first = batches(SLACK, path)
    assert len(posts(first)) == 4
    assert told(batches(SLACK, path, first[-1].cursor)) == []
    days["shop/2023-11-14.json"] = [message("1700000000.000100", "No 0"), message("1700000020.000100", "No 2")]
    days["shop/2023-11-15.json"] = [message("1700086400.000100", "Next day")]
    export(at, days)
    second = batches(SLACK, path, first[-1].cursor)
    assert {post.text for post in posts(second)} == {"No 0", "No 2", "Next day"}
    (whole,) = [whole for batch in second for whole in batch.wholes]
    assert (whole.channel, len(whole.there)) == ("shop", 3)
    assert whole.start is not None
    assert whole.end is not None
    assert whole.start < datetime.fromtimestamp(1700000010, UTC) < whole.end
    assert told(batches(SLACK, path, second[-1].cursor)) == []


def test_deletions_and_changes_that_an_export_tells_of_are_followed(tmp_path: Path) -> None:
    day: Day = [
        message("1700000002.0001", subtype="message_deleted", deleted_ts="1700000001.0001"),
        message("1700000003.0001", "This message was deleted.", subtype="tombstone"),
        {"subtype": "message_changed", "ts": "1700000005.0001", "message": message("1700000004.0001", "new")},
    ]
    read = told(batches(SLACK, source(SLACK, export(tmp_path / "e.zip", {"shop/2023-11-14.json": day}))))
    assert read[:2] == [Gone(id="s:C1:1700000001.0001"), Gone(id="s:C1:1700000003.0001")]
    assert [post.text for post in read[2:] if not isinstance(post, Gone)] == ["new"]


def test_an_unpacked_export_is_read_as_the_zip_is(tmp_path: Path) -> None:
    at = export(tmp_path / "e.zip", {"shop/2023-11-14.json": [message("1700000000.000100")]})
    with zipfile.ZipFile(at) as packed:
        packed.extractall(tmp_path / "folder")
    (tmp_path / "folder" / "shop" / "2023-11-15.json").symlink_to("/etc/passwd")
    read = batches(SLACK, source(SLACK, tmp_path / "folder"))
    assert posts(read) == posts(batches(SLACK, source(SLACK, at)))
    assert left_out(read) == {"names that lead out of the archive": 1}


def test_what_is_no_message_is_left_out_and_said(tmp_path: Path) -> None:
    days: dict[str, object] = {
        "shop/2023-11-14.json": [
            message("1700000000.0001"),
            message("1700000000.0002", reactions=7),
            {"ts": "soon"},
            5,
        ],
        "shop/2023-11-15.json": "{broken",
        "shop/2023-11-16.json": {"no": "list"},
        "shop/notes.txt": "else",
    }
    read = batches(SLACK, source(SLACK, export(tmp_path / "e.zip", days)))
    assert len(posts(read)) == 1
    assert left_out(read) == {"what is no message of Slack's": 3}


def test_s16_a_hostile_zip_reaches_nothing_and_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    day = json.dumps([message("1700000000.0001")])
    at = export(
        tmp_path / "e.zip", {"../2023-11-14.json": day, "/etc/2023-11-14.json": day, "a/../../b/2023-11-14.json": day}
    )
    link = zipfile.ZipInfo("shop/2023-11-14.json")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(at, "a") as packed:
        packed.writestr(link, "/etc/passwd")
    read = batches(SLACK, source(SLACK, at))
    assert (told(read), left_out(read)) == ([], {"names that lead out of the archive": 4})
    assert [path.name for path in tmp_path.iterdir()] == ["e.zip"]
    monkeypatch.setattr(archives, "_SMALL", 1 << 20)
    bomb = export(tmp_path / "bomb.zip", {"shop/2023-11-14.json": " " * (8 << 20)})
    with pytest.raises(Refused, match="no archive of messages"):
        batches(SLACK, source(SLACK, bomb))
    monkeypatch.setattr(archives, "LARGEST", 1 << 10)
    large = export(tmp_path / "large.zip", {"shop/2023-11-14.json": " " * (1 << 12)})
    with pytest.raises(Refused, match="larger than"):
        batches(SLACK, source(SLACK, large))


def test_s16_a_zip_that_lies_about_its_sizes_is_refused_where_it_breaks(tmp_path: Path) -> None:
    at = export(tmp_path / "e.zip", {"shop/2023-11-14.json": [message("1700000000.0001")]})
    content = at.read_bytes()
    at.write_bytes(content[:200] + bytes(40) + content[240:])
    with pytest.raises(Refused, match="can't be read"):
        batches(SLACK, source(SLACK, at))
    at.write_bytes(content[:-30])
    with pytest.raises(Refused, match="no archive"):
        SLACK.check(source(SLACK, at))


def test_what_is_no_export_is_refused_when_it_is_named(tmp_path: Path) -> None:
    for at in (tmp_path / "none.zip", tmp_path):
        with pytest.raises(Refused):
            SLACK.check(source(SLACK, at))
