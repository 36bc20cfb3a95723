"""What GitHub sends and answers, as posts.

Whatever has an address of its own (`html_url`) is a post by that address, so that an issue is the same one whether a
webhook or the API told of it, and what hangs at it is its thread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, cast
from urllib.parse import urlsplit

import orjson

from maquette.connectors import plain
from maquette.domain.posts import Gone, Post, Source

Json = dict[str, Any]

_SPOKEN = ("comment", "review", "issue", "discussion", "pull_request", "release")
"""What people write, the innermost first."""
_ABOUT = {"repository", "sender", "organization", "installation", "enterprise", "changes", "requester", "pusher"}
_DONE = {
    "closed": "closed",
    "reopened": "opened again",
    "assigned": "assigned",
    "review_requested": "asks for a review",
    "ready_for_review": "ready for review",
    "transferred": "moved elsewhere",
}
_MENTION = re.compile(r"(?<![\w/`.])@([A-Za-z0-9][A-Za-z0-9-]{0,38})")
_NAMES = ("title", "name", "summary", "tag_name", "path", "context", "environment", "login", "full_name", "ref", "zen")
_STATES = ("conclusion", "state", "status", "severity", "description", "reason")
_MOST_NAMED = 50


def posts(source: Source, told: object, event: str, received: datetime) -> list[Post | Gone]:
    """Of a webhook's payload, of an answer of the API (one thing or many), or of one of its events. ValueError and the
    like for what has another form than theirs.
    """
    if isinstance(told, list):
        return [post for one in cast("list[Any]", told) for post in posts(source, one, event, received)]
    if not isinstance(told, dict):
        raise TypeError(f"{type(told).__name__} is no payload")
    one = cast(Json, told)
    if isinstance(one.get("payload"), dict):  # an event of the API, or a delivery that was kept with its name
        repo = _dict(one, "repo").get("name")
        within = {"sender": one.get("actor"), "repository": {"full_name": repo} if repo else None, **one["payload"]}
        kind = re.sub(r"(?<!^)(?=[A-Z])", "_", str(one.get("type") or one.get("event") or event)).lower()
        return posts(source, within, kind.removesuffix("_event"), _moment(one.get("created_at")) or received)
    return list(_Told(source, one, event, received).posts())


class _Told:
    def __init__(self, source: Source, told: Json, event: str, received: datetime) -> None:
        self._source, self._told, self._event, self._received = source, told, event, received
        self._action = str(told.get("action") or "")
        self._sender = str(_dict(told, "sender").get("login") or "")
        named = _dict(told, "repository").get("full_name") or _dict(told, "organization").get("login")
        self._channel = plain.line(str(named or ""))

    def posts(self) -> Iterator[Post | Gone]:
        told = self._told
        spoken = [name for name in _SPOKEN if isinstance(told.get(name), dict) and told[name].get("html_url")]
        if isinstance(told.get("commits"), list) and told["commits"]:
            for commit in cast("list[Json]", told["commits"]):
                yield self._commit(commit, str(commit.get("url") or ""), str(commit.get("message") or ""), commit)
        elif isinstance(told.get("commit"), dict) and told.get("html_url"):
            inner: Json = told["commit"]
            yield self._commit(told, str(told["html_url"]), str(inner.get("message") or ""), inner)
        elif spoken:
            if self._action == "deleted":
                yield Gone(id=self._id(told[spoken[0]]["html_url"]))
            else:
                yield self._spoken(told[spoken[0]])
            if spoken[0] in ("issue", "pull_request", "discussion") and self._action in _DONE:
                yield self._done(told[spoken[0]])
        elif told.get("html_url") and (told.get("user") or told.get("author")):
            yield self._spoken(told)
        else:
            yield self._other()

    def _spoken(self, one: Json) -> Post:
        url = str(one["html_url"])
        root, _, part = url.partition("#")
        at = _first(one, "created_at", "submitted_at", "published_at") or self._received
        # Of an issue it is also renewed when somebody answers it.
        changed = _moment(one.get("updated_at")) if part or self._action == "edited" else None
        body = str(one.get("body") or "")
        asked = [*_list(one, "assignees"), *_list(one, "requested_reviewers")]
        return Post(
            id=self._id(url),
            source=self._source.id,
            channel=self._channel_of(url),
            author=self._author(one),
            at=at,
            title=plain.line(str(one.get("title") or one.get("name") or one.get("tag_name") or "")),
            text=plain.cut(body or (f"({one['state']})" if part and one.get("state") else "")),
            thread=self._id(root) if part else None,
            link=_link(url),
            to=_people([*(str(who.get("login") or "") for who in asked), *_MENTION.findall(body)]),
            reactions={
                name: many
                for name, many in _dict(one, "reactions").items()
                if isinstance(many, int) and many and name != "total_count"
            },
            edited=changed if changed and changed > at else None,
            machine=self._is_machine(one),
        )

    def _commit(self, one: Json, url: str, message: str, inner: Json) -> Post:
        title, _, body = message.partition("\n")
        author = _dict(inner, "author")
        name = str(author.get("name") or author.get("username") or _dict(one, "author").get("login") or "?")
        return Post(
            id=self._id(url or str(one.get("id") or one.get("sha") or "")),
            source=self._source.id,
            channel=self._channel_of(url),
            author=plain.line(name),
            at=_moment(inner.get("timestamp")) or _moment(author.get("date")) or self._received,
            title=plain.line(title),
            text=plain.cut(body),
            link=_link(url),
            machine=name.endswith("[bot]"),
        )

    def _done(self, one: Json) -> Post:
        """That something was done to it: a post of its own, in its thread."""
        url, at = str(one["html_url"]), _first(one, "updated_at", "closed_at") or self._received
        done = "merged" if self._action == "closed" and one.get("merged") else _DONE[self._action]
        asked = [*_list(one, "assignees"), *_list(one, "requested_reviewers")] if self._action != "closed" else []
        return Post(
            id=self._id(f"{url}#{self._action}-{at:%Y%m%dT%H%M%SZ}"),
            source=self._source.id,
            channel=self._channel_of(url),
            author=plain.line(self._sender) or self._author(one),
            at=at,
            text=plain.cut(f"{done}: {one.get('title') or ''}"),
            thread=self._id(url),
            link=_link(url),
            to=_people([str(who.get("login") or "") for who in asked]),
            machine=self._sender.endswith("[bot]"),
        )

    def _other(self) -> Post:
        """What no person wrote: what happened, to what, how it stands."""
        objects = [(name, cast(Json, one)) for name, one in self._told.items() if isinstance(one, dict)]
        name, one = next((pair for pair in objects if pair[0] not in _ABOUT), ("", self._told))
        event = self._event or name
        called = next((str(one[key]) for key in _NAMES if isinstance(one.get(key), str) and one[key]), "")
        stands = [str(one[key]) for key in _STATES if isinstance(one.get(key), str) and one[key]]
        advisory = _dict(one, "security_advisory")
        stands += [str(advisory[key]) for key in ("severity", "summary", "description") if advisory.get(key)]
        url = str(one.get("html_url") or "")
        times = ("updated_at", "completed_at", "created_at", "starred_at", "published_at")
        at = _first(one, *times) or _first(self._told, *times) or self._received
        whole = orjson.dumps(self._told, option=orjson.OPT_SORT_KEYS)
        title = " ".join(word for word in (event.replace("_", " "), self._action.replace("_", " ")) if word)
        return Post(
            id=self._id(f"{event}:{blake2b(whole, digest_size=10).hexdigest()}"),
            source=self._source.id,
            channel=self._channel_of(url),
            author=plain.line(self._sender) or "GitHub",
            at=at,
            title=plain.line(f"{title}: {called}" if called else title),
            text=plain.cut("\n".join(stands)),
            link=_link(url),
            machine=True,
        )

    def _id(self, url: str) -> str:
        return f"{self._source.id}:{plain.cut(url)}"

    def _author(self, one: Json) -> str:
        who = _dict(one, "user") or _dict(one, "author")
        return plain.line(str(who.get("login") or self._sender or "?"))

    def _is_machine(self, one: Json) -> bool:
        who = _dict(one, "user") or _dict(one, "author")
        return who.get("type") == "Bot" or str(who.get("login") or "").endswith("[bot]")

    def _channel_of(self, url: str) -> str:
        """Its repository: as it is named, or as the address says."""
        if self._channel:
            return self._channel
        parts = urlsplit(url).path.strip("/").split("/")
        return plain.line("/".join(parts[:2])) if len(parts) > 2 else plain.line(self._source.name)


def _dict(one: Json, name: str) -> Json:
    found = one.get(name)
    return cast(Json, found) if isinstance(found, dict) else {}


def _list(one: Json, name: str) -> list[Json]:
    found = one.get(name)
    return [cast(Json, each) for each in cast("list[Any]", found) if isinstance(each, dict)] if found else []


def _people(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(plain.line(name) for name in names if name))[:_MOST_NAMED]


def _link(url: str) -> str:
    return plain.cut(url) if url.startswith(("https://", "http://")) else ""


def _first(one: Json, *names: str) -> datetime | None:
    return next((at for name in names if (at := _moment(one.get(name))) is not None), None)


def _moment(said: object) -> datetime | None:
    if isinstance(said, int):
        return plain.moment(said)
    if not isinstance(said, str):
        return None
    try:
        at = datetime.fromisoformat(said)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
