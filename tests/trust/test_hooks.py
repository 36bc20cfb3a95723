"""S27 over HTTP: what is sent to a hook is taken once, for good, if it is signed; of anything else nothing comes."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import http.client
import json
import signal
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from house.clocks import a_home_by_hand, a_plan, comes, turned_on
from house.homes import PATIENCE, events
from maquette.actions import automations, hooks, sources
from maquette.actions.home import Home
from maquette.domain.errors import Refused
from maquette.domain.events import DeliveryCame, MessageSent, RunBegan, SlotSkipped
from maquette.domain.labels import Integrity
from maquette.store import deliveries
from maquette.web import hooks as web
from maquette.web.listening import Listening
from maquette.web.views import receipts
from trust.doors import Answer, Doorway, a_doorway

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]

GITHUB = {"scheme": "github", "events": "issues"}
ISSUE = b'{"issue": {}}'


@dataclass(frozen=True)
class Base:
    """One that listens on a port."""

    home: Home
    port: int

    def post(self, path: str, headers: Mapping[str, str], body: bytes, method: str = "POST") -> Answer:
        """As a tunnel brings it, by a name of its own."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as line:
            line.request(method, path, body, {"Host": "tunnel.example", **headers})
            with line.getresponse() as answer:
                return Answer(answer.status, answer.headers, answer.read())

    async def sends(self, path: str, headers: Mapping[str, str], body: bytes = b"{}", method: str = "POST") -> Answer:
        return await asyncio.to_thread(self.post, path, headers, body, method)

    def deliveries(self) -> int:
        """How many are kept."""
        return sum(isinstance(one.event, DeliveryCame) for one in self.home.store.log.read_all(limit=None))

    async def hooked(self, name: str, options: Mapping[str, str] = GITHUB, **more: Any) -> tuple[str, str, str]:
        """An automation that is on: its id, its address, its secret."""
        plan = a_plan(name, when={"wakes": [{"trigger": "webhook", "options": options}]}, **more)
        id = await turned_on(self.home, plan)
        return id, f"/hooks/{id}", await hooks.make_secret(self.home, name)


def github(secret: str, body: bytes, event: str = "issues") -> dict[str, str]:
    signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"X-Hub-Signature-256": f"sha256={signed}", "X-GitHub-Event": event, "Content-Type": "application/json"}


def standard(secret: str, body: bytes, id: str = "msg_1", ago: float = 0) -> dict[str, str]:
    stamp, key = str(int(time.time() - ago)), base64.b64decode(secret.removeprefix("whsec_"))
    signed = base64.b64encode(hmac.new(key, f"{id}.{stamp}.".encode() + body, hashlib.sha256).digest()).decode()
    return {"webhook-id": id, "webhook-timestamp": stamp, "webhook-signature": f"v1,{signed}"}


@pytest.fixture(scope="module")
async def base(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Base]:
    async with a_home_by_hand(tmp_path_factory.mktemp("h")) as (home, _, _):
        with closing(Listening(home.settings, 0)) as listening:
            end = asyncio.Event()
            serving = asyncio.create_task(listening.until(end, home))
            yield Base(home, int((home.settings.state / "port").read_text().split()[1]))
            end.set()
            await serving


async def test_s27_what_is_signed_begins_one_run_that_is_told_it_as_anybodys_words(base: Base) -> None:
    id, address, secret = await base.hooked("signed")
    body = json.dumps({"action": "opened", "issue": {"title": "Say \x1b[31mred"}}).encode()
    zen = b'{"zen": "Keep it logically awesome.", "hook_id": 1}'
    assert (await base.sends(address, github(secret, zen, "ping"), zen)).status == 202
    first = await base.sends(address, github(secret, body), body)
    assert (first.status, first.body) == (202, b"")
    assert len(events(base.home, id, DeliveryCame)) == 1, "on disk once it was answered"
    (began,) = await comes(base.home, id, RunBegan)
    assert isinstance(began.event, RunBegan)
    assert began.event.told == "GitHub told of issues."
    assert (await base.sends(address, {**github(secret, body), "X-GitHub-Delivery": "2"}, body)).status == 202
    odd = await base.sends(address, {**github(secret, body, "push"), "X-GitHub-Delivery": "3"}, body)
    assert (odd.status, odd.json["code"]) == (422, "odd-event"), "only the body is signed"
    sent = (await comes(base.home, began.event.thread, MessageSent, count=2))[1].event
    assert isinstance(sent, MessageSent)
    assert '"title": "Say \\u001b[31mred"' in sent.text
    assert sent.label.integrity is Integrity.EXTERNAL
    assert [one.told for one in await automations.receipts(base.home, id)] == ["GitHub told of issues."]


async def test_s27_a_stranger_gets_one_answer_whatever_is_wrong_and_nothing_is_written(
    base: Base, caplog: pytest.LogCaptureFixture
) -> None:
    id, address, secret = await base.hooked("strange", {"scheme": "standard"})
    _, revoked, former = await base.hooked("revoked")
    await hooks.revoke(base.home, "revoked")
    good, body = standard(secret, b"{}"), b"{}"
    other = standard("whsec_" + "A" * 44, body)
    tries: list[tuple[str, Mapping[str, str], bytes]] = [
        (address, {}, body),
        (address, good, b"[]"),
        (address, other, body),
        (address, {**good, "webhook-id": "msg_2"}, body),
        (address, standard(secret, body, ago=400), body),
        (address, standard(secret, body, ago=-400), body),
        (address, github(secret, body), body),
        (revoked, github(former, body), body),
        *(
            (f"/hooks/{one}", good, body)
            for one in ("", "automation_00000000000000000000", f"{id}/", "keys", id.upper())
        ),
        ("/hooks/../v1/threads", good, body),
    ]
    before = base.deliveries()
    told = [await base.sends(*one) for one in tries]
    assert {(one.status, one.body, tuple(sorted(one.headers.keys()))) for one in told} == {
        (401, told[0].body, tuple(sorted(told[0].headers.keys())))
    }
    for method in ("GET", "PUT", "OPTIONS"):
        assert (await base.sends(address, good, b"", method)).status == 421, "all else is behind the door"
    while (answer := await base.sends(address, {})).status != 429:
        assert len(told) < 2 * web.STRANGE
        told.append(answer)
    assert int(answer.headers["Retry-After"]) > 0
    assert [one.message for one in caplog.records if "unsigned webhooks" in one.message] != []
    assert base.deliveries() == before
    assert (await base.sends(address, good)).status == 202, "who signs is let through meanwhile"


async def test_s27_no_more_is_read_than_a_webhook_may_have_and_for_no_longer(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, address, secret = await base.hooked("bounded")
    headers = github(secret, ISSUE)
    announced = await _raw(base, address, {**headers, "Content-Length": str(web.LARGEST + 1)})
    assert (announced, before := base.deliveries()) == (413, before)
    monkeypatch.setattr(web, "LARGEST", 100_000)
    pieces = [b"x" * 50_000] * 2 + [b"x"]
    assert await _raw(base, address, {**headers, "Transfer-Encoding": "chunked"}, *pieces) == 413
    monkeypatch.setattr(web, "HELD", 60_000)
    body = b"x" * 70_000
    assert (await base.sends(address, github(secret, body), body)).status == 503
    monkeypatch.setattr(web, "SECONDS", 0.3)
    began = time.monotonic()
    slow = [asyncio.create_task(_raw(base, address, {**headers, "Content-Length": "2"}, b"{")) for _ in range(20)]
    assert (await base.sends(address, headers, ISSUE)).status == 202, "others aren't held up"
    assert await asyncio.gather(*slow) == [408] * 20
    assert time.monotonic() - began < 20
    assert base.deliveries() == before + 1


async def _raw(base: Base, path: str, headers: Mapping[str, str], *pieces: bytes) -> int:
    """The status that comes although what was announced never does."""
    reader, writer = await asyncio.open_connection("127.0.0.1", base.port)
    head = "".join(f"{name}: {value}\r\n" for name, value in {"Host": "tunnel.example", **headers}.items())
    writer.write(f"POST {path} HTTP/1.1\r\n{head}\r\n".encode())
    for piece in pieces:
        writer.write(b"%x\r\n%s\r\n" % (len(piece), piece) if "Transfer-Encoding" in headers else piece)
    async with asyncio.timeout(20):
        answered = await reader.readline()
        rest = await reader.read()
    writer.close()
    assert b"connection: close" in rest, "what wasn't read stays unread"
    return int(answered.split()[1])


async def test_s27_what_comes_while_it_is_at_work_waits_and_what_is_too_much_or_while_it_is_off_is_told(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "OFTEN", 4)
    id, address, secret = await base.hooked("busy", overlap="wait")
    bodies = [json.dumps({"issue": number}).encode() for number in range(4)]
    came = [await base.sends(address, github(secret, body), body) for body in bodies]
    assert [one.status for one in came] == [202] * 4
    too_many = await base.sends(address, github(secret, ISSUE), ISSUE)
    assert (too_many.status, int(too_many.headers["Retry-After"]) > 0) == (429, True)
    began = await comes(base.home, id, RunBegan, count=4)
    assert [one.event.brought.rpartition("\n")[2] for one in began if isinstance(one.event, RunBegan)] == [
        body.decode() for body in bodies
    ]
    patient, address, secret = await base.hooked("asks first", goes_on=True)
    both = [base.sends(address, github(secret, body), body) for body in bodies[:2]]
    assert [one.status for one in await asyncio.gather(*both)] == [202, 202]
    await comes(base.home, patient, SlotSkipped)
    told = str(receipts.table(await automations.receipts(base.home, patient)))
    assert "GitHub told of issues. The run before it was still at work." in told
    other, address, secret = await base.hooked("off again")
    await automations.turn_off(base.home, other)
    answer = await base.sends(address, github(secret, ISSUE), ISSUE)
    assert (answer.status, answer.json["code"]) == (422, "not-on")
    assert events(base.home, other, DeliveryCame) == []


async def test_s27_a_secret_is_shown_once_and_another_ends_it(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    id, address, former = await base.hooked("kept")
    secret = await hooks.make_secret(base.home, "kept")
    assert (await base.sends(address, github(former, b"{}"))).status in (401, 429)
    assert (await base.sends(address, github(secret, ISSUE), ISSUE)).status == 202
    for path in base.home.settings.state.rglob("*"):
        assert not path.is_file() or secret.encode() not in path.read_bytes(), path
    hook = await hooks.show(base.home, "kept")
    assert (hook.secret, hook.last is not None) == (True, True)
    await automations.turn_off(base.home, id)
    monkeypatch.setattr(deliveries, "LATELY", 1)
    assert (await hooks.show(base.home, "kept")).last is None, "no stream is read to its beginning for that"
    both = {"wakes": [{"trigger": "webhook", "options": {"scheme": scheme}} for scheme in ("github", "standard")]}
    with pytest.raises(Refused, match="one address"):
        await automations.draft(base.home, a_plan("two of them", when=both))
    with pytest.raises(Refused, match="waits for no webhook"):
        await hooks.make_secret(base.home, (await automations.draft(base.home, a_plan("deaf"))).id)


async def test_s27_a_source_is_told_once_of_each_and_never_again_of_what_it_was(base: Base, tmp_path: Path) -> None:
    source = await sources.add(base.home, "github", str(tmp_path), name="Issues")
    secret, address = await hooks.make_secret(base.home, "Issues"), f"/hooks/{source.id}"

    def issue(title: str, at: str) -> bytes:
        told = {"html_url": "https://github.com/a/b/issues/1", "title": title, "user": {"login": "anna"}}
        told |= {"created_at": "2026-03-02T10:00:00Z", "updated_at": at}
        return json.dumps({"action": "edited", "issue": told, "repository": {"full_name": "a/b"}}).encode()

    first, second = issue("Slow", "2026-03-02T10:00:00Z"), issue("Slow, and wrong", "2026-03-02T10:00:00Z")
    for body in (first, second, first):
        assert (await base.sends(address, github(secret, body), body)).status == 202
    (found,) = base.home.reader.posts.search("slow")
    assert found.post.title == "Slow, and wrong"
    odd = b'{"issue": {"html_url": "x", "assignees": 5}}'
    answer = await base.sends(address, github(secret, odd), odd)
    assert (answer.status, answer.json["code"]) == (422, "odd-payload")
    assert len(events(base.home, source.id, DeliveryCame)) == 2
    await sources.remove(base.home, "Issues")
    assert (await base.sends(address, github(secret, first), first)).status in (401, 429)


def test_s27_what_was_answered_begins_its_run_once_also_when_the_base_is_killed_and_it_is_sent_again(
    tmp_path: Path,
) -> None:
    """S27, F4: set up at the command line."""
    with a_doorway(tmp_path, {"MAQUETTE_ENGINE": "inline"}) as door:
        told = ("--wake", "webhook scheme=standard", "--model", "apprentice:rules", "--reports")
        door.machine.ok("automations", "add", "killed", "Say what came.", *told)
        door.machine.ok("automations", "on", "killed", "--yes")
        assert "none: maquette hooks secret killed" in door.machine.ok("hooks")
        secret = door.machine.ok("hooks", "secret", "killed").split()[0]
        (hook,) = door.machine.json("hooks")
        assert secret not in json.dumps(hook)
        body = b'{"what": "happened"}'
        headers = {"Host": "tunnel.example", **standard(secret, body)}
        assert door.ask("POST", f"/hooks/{hook['of']}", headers, body).status == 202
        door.machine.kill(signal.SIGKILL)
        door.machine.ok("threads")
        assert door.ask("POST", f"/hooks/{hook['of']}", headers, body).status == 202
        assert [one["told"] for one in _begun(door)] == ["A signed webhook came."]
        door.machine.ok("hooks", "revoke", "killed")
        assert door.machine.json("hooks")[0]["secret"] is False


def _begun(door: Doorway) -> list[dict[str, Any]]:
    """The receipts, once there are any."""
    until = time.monotonic() + PATIENCE
    while not (found := door.link.get("/receipts")) and time.monotonic() < until:
        time.sleep(0.02)
    return found
