"""The JSON face over HTTP, on a real base."""

from __future__ import annotations

import http.client
import json
import re
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from starlette.routing import Match

from house.bases import PATIENCE, Machine, a_machine
from maquette.testing.models import Asked, Says, ScriptedModels, Turn
from maquette.web import routes as routing

MODEL = "openai-chat:scripted"
WORDS = "This is a rather long answer, so that it comes in pieces, one after the other."


def play(asked: Asked) -> Turn:
    return Says(WORDS)


class Caller:
    """A program that talks to the base over TCP."""

    def __init__(self, machine: Machine, port: int) -> None:
        self.machine, self.port = machine, port
        self.token = (machine.state / "token").read_text().strip()

    @contextmanager
    def open(
        self, method: str, path: str, body: object = None, raw: bytes | None = None, **headers: str
    ) -> Generator[http.client.HTTPResponse]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, data, {name: value for name, value in sent.items() if value})
        with closing(connection), connection.getresponse() as answer:
            yield answer

    def ask(self, method: str, path: str, body: object = None, **more: Any) -> tuple[int, Any]:
        with self.open(method, path, body, **more) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else None

    def ok(self, method: str, path: str, body: object = None) -> Any:
        status, told = self.ask(method, path, body)
        assert status < 300, told
        return told

    def finished(self, task: str) -> Any:
        """A thread whose first turn has ended, as what began it."""
        sent = self.ok("POST", "/v1/threads", {"text": task})
        with self.open("GET", f"/v1/feed?after={sent['cursor']}&thread={sent['thread']}") as feed:
            for kind, _, data in events(feed):
                if kind == "entry" and data["event"]["type"] == "turn.finished":
                    return sent
        raise AssertionError("the feed ended")


def events(feed: http.client.HTTPResponse) -> Generator[tuple[str, str | None, Any]]:
    """(event, id, data) of each event, as they come."""
    fields: dict[str, str] = {}
    while line := feed.readline().decode():
        name, _, value = line.rstrip("\n").partition(": ")
        if name:
            fields[name] = value
        elif "data" in fields:
            yield fields["event"], fields.get("id"), json.loads(fields["data"])
            fields = {}


@contextmanager
def on_tcp(machine: Machine) -> Generator[Caller]:
    """The base in the foreground, on a free port."""
    with machine.under_way("serve", "--port", "0") as base:
        said = ""
        while not (found := re.search(r"listening on http://127.0.0.1:(\d+)", said)):
            line = base.stderr.readline()
            assert line, said
            said += line
        until = time.monotonic() + PATIENCE
        while machine.run("models").returncode and time.monotonic() < until:
            pass
        yield Caller(machine, int(found[1]))
        machine.kill()
        base.communicate(timeout=20)
        assert base.returncode == 0


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    with ScriptedModels(play) as models:
        variables = {**models.variables, "MAQUETTE_MODEL": MODEL}
        with a_machine(tmp_path_factory.mktemp("m"), variables) as machine, on_tcp(machine) as one:
            yield one


@pytest.fixture(scope="module")
def done(caller: Caller) -> str:
    """A thread that has ended."""
    return caller.finished("done with")["thread"]


def routes(caller: Caller) -> list[tuple[str, str]]:
    described = caller.ok("GET", "/v1/openapi.json")
    return [(method.upper(), path) for path, methods in described["paths"].items() for method in methods]


def test_s1_every_route_without_the_token_is_401_and_says_nothing(caller: Caller) -> None:
    """S1: nor does a wrong token, two of them, or another scheme get further."""
    for method, path in [*routes(caller), ("GET", "/v1/openapi.json"), ("GET", "/"), ("POST", "/nowhere")]:
        with caller.open(method, path, Authorization="") as answer:
            text = answer.read().decode()
            assert answer.status == 401, (method, path)
            assert "server" not in {name.lower() for name, _ in answer.getheaders()}
        assert json.loads(text)["code"] == "no-token"
        assert str(caller.machine.state) not in text
        assert "0.1" not in text
    for wrong in ("Bearer x", f"Basic {caller.token}", f"Bearer {caller.token}, x", f"Bearer {caller.token}x"):
        assert caller.ask("GET", "/v1/threads", Authorization=wrong)[0] == 401


def test_s2_a_foreign_host_is_421_although_the_token_is_right(caller: Caller) -> None:
    """S2: before anything is routed."""
    for host in ("evil.example", f"evil.example:{caller.port}", f"127.0.0.1.evil.example:{caller.port}", "127.0.0.1"):
        status, told = caller.ask("GET", "/v1/nowhere", Host=host)
        assert (status, told["code"]) == (421, "other-host")
    assert caller.ask("GET", "/v1/threads", Host=f"localhost:{caller.port}")[0] == 200


def test_s4_a_page_of_another_origin_is_403_and_text_that_claims_to_be_json_is_not_taken(caller: Caller) -> None:
    """S4: nothing was begun by any of them."""
    before = caller.ok("GET", "/v1/threads")
    task = {"text": "not asked for"}
    for origin in ("null", "http://evil.example", f"http://127.0.0.1:{caller.port}.evil.example", "http://127.0.0.1:1"):
        status, told = caller.ask("POST", "/v1/threads", task, Origin=origin)
        assert (status, told["code"]) == (403, "other-origin")
    assert caller.ask("POST", "/v1/threads", raw=json.dumps(task).encode(), Content_Type="text/plain")[0] == 415
    assert caller.ask("OPTIONS", "/v1/threads", Origin=f"http://127.0.0.1:{caller.port}")[0] == 405
    assert caller.ok("GET", "/v1/threads") == before


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_s8_a_base_that_should_listen_elsewhere_does_not_start(tmp_path: Path, host: str) -> None:
    """S8: not even on its socket."""
    with a_machine(tmp_path) as machine:
        ended = machine.run("serve", "--port", "0", "--host", host)
        assert ended.returncode == 2
        assert f"not on {host}" in ended.stderr
        assert not machine.pid
        assert not (machine.state / "base.sock").exists()


def test_s9_what_is_too_large_or_too_deep_is_refused_while_others_are_answered(caller: Caller) -> None:
    """S9: 100 MB announced or sent in pieces, JSON of 100,000 levels."""
    connection = http.client.HTTPConnection("127.0.0.1", caller.port, timeout=20)
    connection.putrequest("POST", "/v1/threads")
    for name, value in (("Authorization", f"Bearer {caller.token}"), ("Content-Type", "application/json")):
        connection.putheader(name, value)
    connection.putheader("Content-Length", str(100 << 20))
    connection.endheaders()
    began = time.monotonic()
    assert caller.ask("GET", "/v1/health")[0] == 200
    assert time.monotonic() - began < 2
    with closing(connection), connection.getresponse() as answer:
        assert (answer.status, json.loads(answer.read())["status"]) == (413, 413)
    assert caller.ask("POST", "/v1/threads", raw=b"[" * 100_000)[0] in (400, 422)
    assert caller.ask("POST", "/v1/threads", raw=b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")[0] in (400, 422)
    assert caller.ask("GET", "/v1/health")[0] == 200


def test_s11_token_socket_and_state_are_the_owners_alone(caller: Caller) -> None:
    """S11: folders 0700, files 0600."""
    state = caller.machine.state
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in (state, state / "token", state / "base.sock")} == {
        state.name: "0o700",
        "token": "0o600",
        "base.sock": "0o600",
    }
    files = [path for path in state.iterdir() if path.is_file()]
    assert len(files) > 3
    assert [path.name for path in files if path.stat().st_mode & 0o077 and path.suffix in (".db", ".log")] == []


def test_a_thread_is_begun_followed_and_looked_at(caller: Caller) -> None:
    sent = caller.finished("tell me")
    thread = caller.ok("GET", f"/v1/threads/{sent['thread']}")
    assert (thread["state"], thread["outcome"], thread["title"]) == ("idle", "done", "tell me")
    assert caller.ok("GET", "/v1/threads/latest") == caller.ok("GET", f"/v1/threads/{sent['thread'][-4:]}") == thread
    page = caller.ok("GET", f"/v1/threads/{sent['thread']}/entries?limit=2")
    rest = caller.ok("GET", f"/v1/threads/{sent['thread']}/entries?after={page['next']}")
    assert [entry["position"] for entry in page["entries"]] == [1, 2]
    assert [entry["position"] for entry in rest["entries"]] == list(range(3, 3 + len(rest["entries"])))
    assert rest["next"] is None
    assert rest["entries"][-1]["event"]["type"] == "turn.finished"


def test_the_past_of_a_fork_is_paged_through_without_a_gap(caller: Caller) -> None:
    sent = caller.finished("once")
    fork = caller.ok("POST", f"/v1/threads/{sent['thread']}/fork", {})
    caller.ok("PATCH", f"/v1/threads/{fork['id']}", {"title": "another"})
    path = f"/v1/threads/{fork['id']}/entries"
    whole = caller.ok("GET", path)["entries"]
    assert {entry["stream"] for entry in whole} == {sent["thread"], fork["id"]}
    paged: list[Any] = []
    after: int | None = 0
    while after is not None:
        page = caller.ok("GET", f"{path}?limit=3&after={after}")
        paged += page["entries"]
        after = page["next"]
    assert paged == whole
    assert [entry["cursor"] for entry in whole] == sorted(entry["cursor"] for entry in whole)


def test_the_feed_resumes_at_an_event_id_with_no_gap_and_nothing_twice(caller: Caller) -> None:
    sent = caller.ok("POST", "/v1/threads", {"text": "pieces"})
    path = f"/v1/feed?thread={sent['thread']}&after={sent['cursor']}"
    seen: list[tuple[str, str | None, Any]] = []
    with caller.open("GET", path) as feed:
        assert feed.headers["Content-Type"].startswith("text/event-stream")
        for event in events(feed):
            seen.append(event)
            if event[0] == "entry" and event[2]["event"]["type"] == "turn.finished":
                break
    ids = [id for kind, id, _ in seen if kind == "entry"]
    assert [str(data["cursor"]) for kind, _, data in seen if kind == "entry"] == ids
    assert [id for kind, id, _ in seen if kind == "passing"] == [None] * (len(seen) - len(ids))
    assert len(seen) > len(ids)
    middle = cast("str", ids[2])
    with caller.open("GET", path, Last_Event_ID=middle) as feed:
        again = events(feed)
        assert [next(again)[1] for _ in ids[3:]] == ids[3:]


def test_text_passes_by_before_the_answer_that_replaces_it(caller: Caller) -> None:
    sent = caller.ok("POST", "/v1/threads", {"text": "pieces again"})
    so_far = ""
    with caller.open("GET", f"/v1/feed?thread={sent['thread']}&after={sent['cursor']}") as feed:
        for kind, _, data in events(feed):
            if kind == "passing":
                so_far = data["text"] if data["whole"] else so_far + data["text"]
            elif data["event"]["type"] == "answer.given":
                assert so_far == WORDS
            elif data["event"]["type"] == "turn.finished":
                return
    raise AssertionError("the feed ended")


def test_a_silent_feed_says_that_it_is_there(caller: Caller) -> None:
    with caller.open("GET", "/v1/feed") as feed:
        assert feed.readline() == b": here\n"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/v1/threads/nope", None, 404, "unknown-thread"),
        ("GET", "/v1/feed?thread=nope", None, 404, "unknown-thread"),
        ("GET", "/v1/skills/nope", None, 404, "unknown-skill"),
        ("POST", "/v1/threads", {"text": "x", "model": "a:b"}, 404, "unknown-model"),
        ("POST", "/v1/threads", {"text": "x", "project": "nope"}, 404, "unknown-project"),
        ("POST", "/v1/threads", {"text": ""}, 422, "empty-message"),
        ("POST", "/v1/threads", {"text": "x", "mode": "worktree"}, 422, "not-a-repo"),
        ("POST", "/v1/threads", {}, 422, "misshapen"),
        ("POST", "/v1/threads", {"text": "x", "budget": {"steps": "many"}}, 422, "misshapen"),
        ("POST", "/v1/threads", {"text": "x", "tools": []}, 422, "misshapen"),
        ("POST", "/v1/projects", {"path": "relative"}, 422, "misshapen"),
        ("GET", "/v1/feed?after=-1", None, 422, "misshapen"),
        ("GET", "/v1/search?q=", None, 422, "empty-search"),
        ("GET", "/v1/nowhere", None, 404, "not-found"),
        ("DELETE", "/v1/threads", None, 405, "method-not-allowed"),
        ("POST", "/v1/threads/{done}/stop", None, 409, "nothing-runs"),
        ("POST", "/v1/threads/{done}/answer", {"text": "x"}, 409, "no-question"),
        ("POST", "/v1/threads/{done}/approve", {"digest": "x"}, 409, "no-approval"),
        ("GET", f"/v1/threads/{{done}}/entries?after={1 << 63}", None, 422, "misshapen"),
        ("GET", f"/v1/feed?after={1 << 63}", None, 422, "misshapen"),
        ("GET", "/v1/receipts?limit=-1", None, 422, "misshapen"),
        ("GET", "/v1/threads/%00%00%00%00", None, 404, "unknown-thread"),
        ("POST", "/v1/projects", {"path": "/" + "a" * 5000}, 404, "unknown-project"),
        ("POST", "/v1/projects", {"path": "/nowhere\ud800"}, 404, "unknown-project"),
    ],
)
def test_every_error_is_a_problem_with_a_sentence_and_a_code(
    caller: Caller, done: str, method: str, path: str, body: object, status: int, code: str
) -> None:
    with caller.open(method, path.format(done=done), body) as answer:
        told = json.loads(answer.read())
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status, told["status"], told["code"]) == (status, status, code)
    assert re.fullmatch(r"[^\n]+[.)]", told["detail"])


def test_a_change_that_leaves_no_plan_is_refused_with_what_is_wrong(caller: Caller) -> None:
    made = caller.ok("POST", "/v1/automations", {"name": "mornings", "brief": "Say good morning."})
    status, told = caller.ask("PATCH", f"/v1/automations/{made['id']}", {"brief": ""})
    assert (status, told["code"]) == (422, "misshapen"), told
    assert "brief" in told["detail"]


@pytest.mark.parametrize(
    "budget",
    [{unit: cap} for unit in ("steps", "tokens", "money", "seconds") for cap in (float("nan"), float("inf"), -1, 1e13)],
    ids=str,
)
def test_f9_a_budget_that_is_no_amount_is_refused_and_begins_nothing(caller: Caller, done: str, budget: object) -> None:
    there = caller.ok("GET", "/v1/threads")
    for method, path in (("POST", "/v1/threads"), ("PATCH", f"/v1/threads/{done}")):
        status, told = caller.ask(
            method, path, {"text": "x", "budget": budget} if method == "POST" else {"budget": budget}
        )
        assert (status, told["code"]) == (422, "misshapen"), told
        assert "budget" in told["detail"]
    assert caller.ok("GET", "/v1/threads") == there


@pytest.mark.parametrize(
    "image",
    [
        {"media_type": "text/html", "data": "PGh0bWw+"},
        {"media_type": "image/svg+xml", "data": "PHN2Zz4="},
        {"media_type": "image/png", "data": "PHN2Zz4="},
        {"media_type": "image/png", "data": ""},
        {"media_type": "image/png\nX: y", "data": "iVBORw0KGgo="},
    ],
    ids=lambda image: image["media_type"][:12],
)
def test_f9_a_picture_that_is_none_is_refused_and_begins_nothing(caller: Caller, done: str, image: object) -> None:
    there = caller.ok("GET", "/v1/threads")
    for path in ("/v1/threads", f"/v1/threads/{done}/messages"):
        status, told = caller.ask("POST", path, {"text": "x", "images": [image]})
        assert (status, told["code"]) == (422, "bad-image"), told
        assert "PNG" in told["detail"]
    assert caller.ok("GET", "/v1/threads") == there


def test_the_description_covers_every_route_and_its_errors(caller: Caller) -> None:
    described = caller.ok("GET", "/v1/openapi.json")
    assert described["openapi"].startswith("3.")
    operations = [one for methods in described["paths"].values() for one in methods.values()]
    names = [one["operationId"] for one in operations]
    assert len(names) == len(set(names)) > 25
    assert all("4XX" in one["responses"] and "422" not in one["responses"] for one in operations)
    assert "Problem" in described["components"]["schemas"]
    referred = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(described)))
    assert referred <= described["components"]["schemas"].keys()


def test_a_route_is_made_when_it_is_first_asked_for() -> None:
    router = routing.api("words")

    @router.get("/words")
    async def words() -> list[int]:  # pyright: ignore[reportUnusedFunction]
        return []

    (route,) = router.routes
    assert isinstance(route, routing.Route)
    match, _ = route.matches({"type": "http", "path": "/v1/words", "method": "GET"})
    assert match is Match.FULL
    assert "response_field" not in vars(route)
    assert route.response_field is not None
    assert (route.unique_id, route.tags) == ("words", ["words"])
    with pytest.raises(AttributeError, match="nothing"):
        _ = route.nothing


def test_health_names_version_tier_and_process(caller: Caller) -> None:
    health = caller.ok("GET", "/v1/health")
    assert health["pid"] == caller.machine.pid
    assert health["tier"] in ("full", "landlock", "none")
