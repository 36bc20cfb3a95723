"""Six weeks of a bookshop's messages, as Slack exports them: about 2,400, by 30 people in 28 channels, all made up.

Most of it is lunch, jokes and machines. In it lie some threads that matter, spread over weeks and channels (`MATTER`),
which end yesterday without an answer, and some that only look so. The words are kept beside this file: people, talk (a
line is a conversation), and the story (how many days ago, when, who, what).
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

MATTER = ("double-charge", "promise", "leaving", "price", "security", "hire")
"""What somebody who runs the company would have to know today, by the keys of the story."""
DAYS = 42
LABEL = "Made up by the Maquette project, to try things on. None of these people or companies exists.\n"
_SEED = 25
_BOTS = {"deploys": "deploybot", "builds": "buildbot", "monitoring": "watchdog"}
_ONCE = {"announcements"}
"""Nobody says twice in six weeks what stands there."""
_EMOJI = ("+1", "heart", "joy", "tada", "eyes", "pray", "raised_hands", "coffee")
_SERVICES = ("web-shop", "till-sync", "stock-api", "label-service", "newsletter")


@dataclass
class _Said:
    """`lines`: who, when, what. The first begins a thread, in which the others answer if `threaded`."""

    channel: str
    lines: list[tuple[str, datetime, str]]
    threaded: bool = True
    key: str = ""
    stamps: list[str] = field(default_factory=list[str])


def make_messages(folder: Path, *, today: date | None = None) -> None:
    """Writes the export to `folder`, made if need be. The same day gives the same, to the byte."""
    conversations, people = _all(today or datetime.now(UTC).date())
    channels = sorted({said.channel for said in conversations})
    ids = {name: f"C{n:03}" for n, name in enumerate(channels, 1)}
    bots = {bot: f"B{n:03}" for n, bot in enumerate(_BOTS.values(), 1)}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.txt").write_text(LABEL)
    _write(folder / "users.json", [_user(*one) for one in people.items()] + [_bot(*one) for one in bots.items()])
    _write(
        folder / "channels.json", [{"id": ids[name], "name": name, "members": _members(people)} for name in channels]
    )
    users = {handle: id for handle, (id, _) in people.items()} | bots
    days: dict[tuple[str, str], list[dict[str, Any]]] = {}
    chance = random.Random(_SEED + 1)
    for said in conversations:
        for message, at in _messages(said, users, chance):
            days.setdefault((said.channel, f"{at:%Y-%m-%d}"), []).append(message)
    for (channel, day), messages in days.items():
        (folder / channel).mkdir(exist_ok=True)
        _write(folder / channel / f"{day}.json", sorted(messages, key=lambda message: message["ts"]))


def mattering(today: date | None = None) -> Mapping[str, Sequence[str]]:
    """Of each key in `MATTER`: the posts of its threads, as the connector names them behind the source's id."""
    conversations, _ = _all(today or datetime.now(UTC).date())
    channels = sorted({said.channel for said in conversations})
    found: dict[str, list[str]] = {key: [] for key in MATTER}
    for said in conversations:
        if said.key in found:
            found[said.key] += [f"C{channels.index(said.channel) + 1:03}:{stamp}" for stamp in said.stamps]
    return found


def _all(today: date) -> tuple[list[_Said], Mapping[str, tuple[str, str]]]:
    """Every conversation in order of time, each message with a stamp of its own; and who there is."""
    people: dict[str, tuple[str, str]] = {}
    for number, row in enumerate(_rows("people.txt"), 1):
        handle, _, rest = row.partition(" ")
        people[handle] = f"U{number:03}", rest.partition(" | ")[0]
    chance = random.Random(_SEED)
    conversations = [*_talk(today, list(people), people, chance), *_machines(today, chance), *_story(today)]
    conversations.sort(key=lambda said: (said.lines[0][1], said.channel))
    number = 0
    for said in conversations:
        for _, at, _ in said.lines:
            number += 1
            said.stamps.append(f"{int(at.timestamp())}.{number:06}")
    return conversations, people


def _rows(name: str) -> Iterator[str]:
    text = (resources.files("maquette.samples") / "company" / name).read_text("utf-8")
    return (row for row in text.splitlines() if row.strip())


def _talk(
    today: date, handles: list[str], people: Mapping[str, tuple[str, str]], chance: random.Random
) -> Iterator[_Said]:
    books = list(_rows("books.txt"))
    talk: list[tuple[str, list[str]]] = []
    channel = ""
    for row in _rows("talk.txt"):
        if row.startswith("# "):
            channel = row[2:]
        else:
            talk.append((channel, row.split(" | ")))
    deck = list(talk)
    chance.shuffle(deck)
    for back in range(DAYS, 0, -1):
        day = today - timedelta(days=back)
        for _ in range(chance.randint(17, 23) if day.weekday() < 5 else chance.randint(3, 6)):
            if not deck:
                deck = [one for one in talk if one[0] not in _ONCE]
                chance.shuffle(deck)
            channel, parts = deck.pop()
            at = datetime.combine(day, time(8), UTC) + timedelta(
                minutes=chance.randrange(560), seconds=chance.randrange(60)
            )
            who = chance.sample(handles, min(len(parts) + 1, 9))
            lines: list[tuple[str, datetime, str]] = []
            for number, part in enumerate(parts):
                said = part.replace("{name}", f"<@{people[who[-1]][0]}>").replace("{book}", f"_{chance.choice(books)}_")
                lines.append((who[number % (len(who) - 1)], at, said))
                at += timedelta(minutes=chance.choice((1, 1, 2, 3, 5, 9, 16)), seconds=chance.randrange(60))
            yield _Said(channel, lines, threaded=chance.random() < 0.6)


def _machines(today: date, chance: random.Random) -> Iterator[_Said]:
    build = 4180
    for back in range(DAYS, 0, -1):
        day = datetime.combine(today - timedelta(days=back), time(7, 30), UTC)
        busy = day.weekday() < 5
        for channel, many in (("builds", 7), ("deploys", 4), ("monitoring", 4)):
            for _ in range(chance.randint(many - 3, many + 2) if busy else chance.randint(0, 2)):
                at = day + timedelta(minutes=chance.randrange(640), seconds=chance.randrange(60))
                service, build = chance.choice(_SERVICES), build + 1
                yield _Said(channel, [(_BOTS[channel], at, _told(channel, service, build, back, chance))])


def _told(channel: str, service: str, build: int, back: int, chance: random.Random) -> str:
    match channel:
        case "builds":
            result = chance.choice(("passed", "passed", "passed", "failed: 1 test"))
            return f"Build #{build} of {service}: {result} in {chance.randint(2, 9)} min"
        case "deploys":
            return f"Deployed {service} 3.{back}.{build % 10} to production, {chance.randint(1, 9)} commits"
        case _:
            state = chance.choice(("back to normal", "above 500 ms for 2 min", "disk at 71 %"))
            return f"{service}: response time {chance.randint(200, 900)} ms, {state}"


def _story(today: date) -> Iterator[_Said]:
    said: _Said | None = None
    for row in _rows("story.txt"):
        if row.startswith("!"):
            if said is not None:
                yield said
            key, _, channel = row[1:].partition(" ")
            said = _Said(channel, [], key=key)
        elif said is not None:
            back, clock, who, text = row.split(" ", 3)
            at = datetime.combine(today - timedelta(days=int(back)), time.fromisoformat(clock), UTC)
            said.lines.append((who, at, text))
    if said is not None:
        yield said


def _messages(
    said: _Said, users: Mapping[str, str], chance: random.Random
) -> Iterator[tuple[dict[str, Any], datetime]]:
    for number, ((who, at, text), stamp) in enumerate(zip(said.lines, said.stamps, strict=True)):
        message: dict[str, Any] = {"type": "message", "user": users[who], "ts": stamp, "text": text}
        if who in _BOTS.values():
            message |= {"subtype": "bot_message", "bot_id": users[who], "username": who}
        elif said.threaded and len(said.lines) > 1:
            message["thread_ts"] = said.stamps[0]
            if number == 0:
                message["reply_count"] = len(said.lines) - 1
        if not said.key and who not in _BOTS.values() and chance.random() < 0.25:
            fond = chance.sample(sorted(users.values()), chance.randint(1, 5))
            message["reactions"] = [{"name": chance.choice(_EMOJI), "users": fond, "count": len(fond)}]
        if not said.key and chance.random() < 0.01:
            message["edited"] = {"user": users[who], "ts": f"{int(at.timestamp()) + 90}.000000"}
        yield message, at


def _user(handle: str, one: tuple[str, str]) -> dict[str, Any]:
    return {"id": one[0], "name": handle, "real_name": one[1], "profile": {"display_name": one[1], "real_name": one[1]}}


def _bot(handle: str, id: str) -> dict[str, Any]:
    return {"id": id, "name": handle, "is_bot": True, "profile": {"real_name": handle}}


def _members(people: Mapping[str, tuple[str, str]]) -> list[str]:
    return [id for id, _ in people.values()]


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")
