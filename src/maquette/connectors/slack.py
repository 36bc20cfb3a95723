"""Slack: an export, as Slack makes it for a workspace. Read where it lies: a newer one in its place is read on from."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Generator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from html import unescape
from pathlib import Path
from typing import Any, cast

import orjson

from maquette.connectors import archives, plain
from maquette.connectors.archives import Archive
from maquette.connectors.aside import aside
from maquette.domain.errors import Refused
from maquette.domain.posts import Gone, Post, Source
from maquette.kinds.connectors import Batch, Means, Whole

MANY = 2_000
"""Posts of a batch, at least, but for the last."""
_LISTS = ("channels.json", "groups.json", "mpims.json", "dms.json")
_DAY = re.compile(r"[^/]+/\d{4}-\d\d-\d\d\.json")
_TOLD = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_SILENT = frozenset(
    f"{of}_{what}"
    for of in ("channel", "group")
    for what in ("join", "leave", "topic", "purpose", "name", "archive", "unarchive", "posting_permissions")
) | {"pinned_item", "unpinned_item", "bot_add", "bot_remove", "reminder_add", "reply_broadcast"}
"""What happens by itself, and nobody said."""

Json = dict[str, Any]


class SlackExport:
    kind = "slack"
    about = "a Slack export: the .zip, or a folder it was unpacked to"
    options: Mapping[str, str] = {"workspace": "the word before .slack.com, to link to messages"}
    wants_secret = False

    def check(self, source: Source) -> None:
        with archives.opened(Path(source.at)) as archive:
            if not any(archive.has(name) for name in (*_LISTS, "users.json")):
                why = (
                    f"{source.at} is no Slack export: it has no channels.json. Name the .zip, or where it was unpacked."
                )
                raise Refused(why, code="odd-source")

    async def read(self, source: Source, cursor: str, means: Means) -> AsyncGenerator[Batch]:
        async for batch in aside(self._batches(source, cursor)):
            yield batch

    def _batches(self, source: Source, cursor: str) -> Generator[Batch]:
        """Channel by channel; one whose files are as they were is skipped, and of another what isn't there is gone."""
        read: dict[str, str] = orjson.loads(cursor) if cursor else {}
        with archives.opened(Path(source.at)) as archive:
            export = _Export(source, archive)
            folders = _days(archive)
            posts: list[Post | Gone] = []
            wholes: list[Whole] = []
            for number, (folder, days) in enumerate(sorted(folders.items()), 1):
                stamp = _stamp(archive, days)
                if read.get(folder) == stamp:
                    continue
                there: set[str] = set()
                first, last = datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)
                for day in days:
                    for post in export.day(folder, day):
                        posts.append(post)
                        if isinstance(post, Post):
                            there.add(post.id)
                            first, last = min(first, post.at), max(last, post.at)
                    if len(posts) >= MANY:
                        yield Batch(posts, orjson.dumps(read).decode(), progress=_progress(number, folders))
                        posts = []
                if folder in read and there:
                    wholes.append(
                        Whole(export.channel(folder), frozenset(there), first, last + timedelta(microseconds=1))
                    )
                read[folder] = stamp
                if len(posts) >= MANY:
                    progress = _progress(number, folders)
                    yield Batch(posts, orjson.dumps(read).decode(), wholes, progress)
                    posts, wholes = [], []
            yield Batch(posts, orjson.dumps(read).decode(), wholes, "", export.left_out())


def _days(archive: Archive) -> dict[str, list[str]]:
    """The files of each channel's folder, in order."""
    found: dict[str, list[str]] = {}
    for name in sorted(archive.stamps):
        if _DAY.fullmatch(name):
            found.setdefault(name.partition("/")[0], []).append(name)
    return found


def _stamp(archive: Archive, days: list[str]) -> str:
    text = "\n".join(f"{day} {archive.stamps[day]}" for day in days)
    return blake2b(text.encode(errors="replace"), digest_size=8).hexdigest()


def _progress(number: int, folders: Mapping[str, list[str]]) -> str:
    return f"{number:,} of {len(folders):,} channels"


class _Export:
    """Who is who in one, and what was said."""

    def __init__(self, source: Source, archive: Archive) -> None:
        self._source, self._archive = source, archive
        self._broken = 0
        self._people = {user["id"]: _name(user) for user in self._list("users.json") if isinstance(user.get("id"), str)}
        self._bots = {user["id"] for user in self._list("users.json") if user.get("is_bot") and user.get("id")}
        self._channels: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        for name in _LISTS:
            for one in self._list(name):
                id, called = str(one.get("id", "")), str(one.get("name") or one.get("id", ""))
                self._ids[called] = self._ids[id] = id
                members = cast("list[Any]", one.get("members") or [])
                with_ = ", ".join(sorted(self._who(str(member)) for member in members[:9]))
                direct = name in ("dms.json", "mpims.json")
                self._channels[called] = self._channels[id] = f"direct: {with_}" if direct else called

    def channel(self, folder: str) -> str:
        return plain.line(self._channels.get(folder, folder))

    def left_out(self) -> dict[str, int]:
        odd, broken = self._archive.odd, self._broken
        told = {"names that lead out of the archive": odd, "what is no message of Slack's": broken}
        return {why: many for why, many in told.items() if many}

    def day(self, folder: str, name: str) -> Iterator[Post | Gone]:
        id = f"{self._source.id}:{self._ids.get(folder, folder)}:"
        for told in self._list(name):
            try:
                post = self._told(id, folder, told)
            except (AttributeError, KeyError, TypeError, ValueError):  # of another form than Slack's
                self._broken += 1
            else:
                if post is not None:
                    yield post

    def _told(self, id: str, folder: str, told: Json) -> Post | Gone | None:
        match told.get("subtype"):
            case "message_deleted":
                return Gone(id=f"{id}{told.get('deleted_ts', '')}")
            case "tombstone":
                return Gone(id=f"{id}{told.get('ts', '')}")
            case "message_changed":
                return self._post(id, folder, told["message"])
            case str(subtype) if subtype in _SILENT:
                return None
            case _:
                return self._post(id, folder, told)

    def _post(self, id: str, folder: str, told: Json) -> Post | None:
        stamp = str(told.get("ts") or "")
        at = plain.moment(stamp)
        if at is None:
            return None
        to: dict[str, None] = {}
        text = plain.cut(
            "\n".join(part for part in (self._text(str(told.get("text") or ""), to), *self._more(told)) if part)
        )
        thread = told.get("thread_ts")
        edited = cast(Json, told.get("edited") or {}).get("ts")
        user = str(told.get("user") or "")
        link = self._source.options.get("workspace", "")
        return Post(
            id=f"{id}{stamp}",
            source=self._source.id,
            channel=self.channel(folder),
            author=plain.line(self._people.get(user) or str(told.get("username") or user or told.get("bot_id") or "?")),
            at=at,
            text=text,
            thread=f"{id}{thread}" if thread and thread != stamp else None,
            link=f"https://{link}.slack.com/archives/{id.split(':')[-2]}/p{stamp.replace('.', '')}" if link else "",
            to=tuple(to),
            reactions={
                str(one.get("name")): int(one.get("count") or len(one.get("users") or []))
                for one in cast("list[Json]", told.get("reactions") or [])
            },
            edited=plain.moment(edited) if edited else None,
            machine=user in self._bots or bool(told.get("bot_id")) or told.get("subtype") == "bot_message",
        )

    def _more(self, told: Json) -> Iterator[str]:
        """Files by their names; what bots say in attachments."""
        for file in cast("list[Json]", told.get("files") or []):
            yield f"[{plain.line(str(file.get('title') or file.get('name') or 'a file'))}]"
        for attached in cast("list[Json]", told.get("attachments") or []):
            said = (attached.get("pretext"), attached.get("title"), attached.get("text") or attached.get("fallback"))
            yield self._text("\n".join(str(part) for part in said if part), {})

    def _text(self, text: str, to: dict[str, None]) -> str:
        """With names for ids; `to` gets who is meant."""

        def told(found: re.Match[str]) -> str:
            what, label = found[1], found[2]
            match what[:1]:
                case "@":
                    name = self._who(what[1:]) if what[1:] in self._people else label or what[1:]
                    to[plain.line(name)] = None
                    return f"@{name}"
                case "#":
                    return f"#{label or self._channels.get(what[1:], what[1:])}"
                case "!":
                    name = label or what[1:].partition("^")[0]
                    return name if name.startswith("@") else f"@{name}"
                case _:
                    return what if not label or label == what else f"{label} ({what.removeprefix('mailto:')})"

        return unescape(_TOLD.sub(told, text))

    def _who(self, id: str) -> str:
        return self._people.get(id, id)

    def _list(self, name: str) -> list[Json]:
        if name not in self._archive.stamps:
            return []
        try:
            told = orjson.loads(self._archive.read(name))
        except orjson.JSONDecodeError:
            told = None
        if not isinstance(told, list):
            self._broken += 1
            return []
        return [one for one in cast("list[Any]", told) if isinstance(one, dict)]


def _name(user: Json) -> str:
    profile = cast(Json, user.get("profile") or {})
    names = (profile.get("display_name"), user.get("real_name"), profile.get("real_name"), user.get("name"), user["id"])
    return plain.line(str(next(name for name in names if name)))


CONNECTOR = SlackExport()
