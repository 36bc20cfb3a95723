"""The door of the port: who gets in, who doesn't, and what is seen from outside."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from maquette import __version__
from maquette.web import server
from trust.doors import BROWSER, FORM, Answer, Doorway, a_doorway

TASK = {"text": "not asked for"}
FILES = ("/static/elements/page.js", "/static/style/tokens.css", "/v1/openapi.json")
PAGES = ("/", "/inbox", "/projects", "/costs", "/models", "/search", "/threads/x", "/stream", "/nowhere", *FILES)
LET_ALL = {"/static/style/entrance.css", "/static/mark.svg"}


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doorway]:
    with a_doorway(tmp_path_factory.mktemp("m")) as one:
        yield one


@pytest.fixture
def ours(door: Doorway) -> dict[str, str]:
    """What a browser shows that was let in just now; tests log others out."""
    return door.let_in()


def test_s1_every_address_is_401_to_who_is_outside_and_tells_nothing(door: Doorway) -> None:
    """S1: programs and browsers alike; what exists is told apart from what doesn't by nothing."""
    faces = (face.router.routes for face in (*server.NOUNS, *server.PAGES))
    routes = [(method, one.path) for face in faces for one in face for method in one.methods]
    told = set[bytes]()
    for method, path in [*routes, *(("GET", path) for path in PAGES)]:
        for accept in ("*/*", "text/html"):
            answer = door.ask(method, path, {"Accept": accept})
            assert answer.status == 401, (method, path)
            assert "server" not in answer.headers
            body = answer.body.replace(path.encode(), b"/")  # what was asked for, to come back to
            assert __version__.encode() not in body
            assert str(door.machine.state).encode() not in body
            told.add(body)
    assert len(told) == 2, "one page, one problem"
    for path in LET_ALL:
        assert door.ask("GET", path).status == 200


@pytest.mark.parametrize("who", ["cookie", "token"])
def test_s2_another_host_is_421_whatever_is_shown(door: Doorway, ours: dict[str, str], who: str) -> None:
    """S2: before anything is routed."""
    shown = ours if who == "cookie" else door.token
    port = door.port
    evil = ("evil.example", f"evil.example:{port}", f"127.0.0.1.evil.example:{port}")
    for host in (*evil, "127.0.0.1", f"0.0.0.0:{port}", f"[::1]:{port}", ""):
        for path in ("/v1/threads", "/", "/enter", "/static/mark.svg"):
            answer = door.ask("GET", path, {**shown, "Host": host})
            assert answer.status in (400, 421), (host, path)
            assert b"thread" not in answer.body
    assert door.ask("POST", "/v1/threads", {**shown, "Host": "evil.example"}, TASK).status == 421
    assert door.threads() == []


def without(headers: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in names}


@pytest.mark.parametrize("path", ["/v1/feed", "/stream", "/v1/export"])
@pytest.mark.parametrize("socket", [{}, {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Key": "eA=="}])
def test_s3_no_stream_begins_for_another_origin_or_for_none(
    door: Doorway, ours: dict[str, str], path: str, socket: dict[str, str]
) -> None:
    """S3: 403, and not a frame, though the cookie is right."""
    bare = {**without(ours, *BROWSER), **socket}
    origins = (
        "null",
        "http://evil.example",
        f"http://127.0.0.1:{door.port}.evil.example",
        "http://127.0.0.1:1",
        "file://",
    )
    asked = [bare, *({**sent, "Origin": origin} for origin in origins for sent in (bare, ours | socket))]
    asked += [{**bare, "Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "cors"}, {**bare, "Sec-Fetch-Site": "cross-site"}]
    asked += [{**bare, "Origin": f"http://localhost:{door.port}"}]
    for headers in asked:
        answer = door.ask("GET", path, headers)
        assert (answer.status, answer.json["code"]) == (403, "other-origin"), headers
    with door.open("GET", path, ours) as answer:
        assert answer.status == 200
    with door.open("GET", path, {**bare, "Origin": f"http://127.0.0.1:{door.port}"}) as answer:
        assert answer.status == 200


def test_s4_no_other_page_makes_the_base_do_anything(door: Doorway, ours: dict[str, str]) -> None:
    """S4: nor is anything taken that a page could send without being asked about it."""
    before = door.threads()
    evil = f"http://127.0.0.1:{door.port}.evil.example"
    for origin in (evil, "null", "http://evil.example"):
        answer = door.ask("POST", "/v1/threads", {**ours, "Origin": origin}, TASK)
        assert answer.status == 403
        preflight = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        answer = door.ask("OPTIONS", "/v1/threads", preflight)
        assert answer.status == 403
        assert [name for name in answer.headers if name.lower().startswith("access-control")] == []
    text = json.dumps(TASK).encode()
    for kind in ("text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "", "a/b"):
        for shown in (ours, door.token):
            assert door.ask("POST", "/v1/threads", {**shown, "Content-Type": kind}, text).status == 415, kind
    assert door.ask("POST", "/v1/threads", without(ours, *BROWSER), TASK).status == 403
    assert door.ask("POST", "/v1/threads", {**ours, "Sec-Fetch-Site": "none"}, TASK).status == 403
    assert door.threads() == before


@pytest.mark.parametrize("site", ["same-site", "cross-site"])
def test_s5_what_another_port_or_site_asks_is_403_and_a_link_from_there_is_shown_first(
    door: Doorway, ours: dict[str, str], site: str
) -> None:
    """S5: as a browser says it; cookies know no ports."""
    for mode, dest in (("no-cors", "image"), ("cors", "empty"), ("navigate", "iframe"), ("no-cors", "script")):
        sent = {**ours, "Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}
        for path in ("/v1/threads", "/", "/static/mark.svg"):
            assert door.ask("GET", path, sent).status == 403
    sent = {**ours, "Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    answer = door.ask("GET", "//evil.example/x?a=%22", sent)
    assert answer.status == 403
    assert b'href="/evil.example/x?a=%22"' in answer.body


def test_s6_who_tries_keys_has_to_wait_and_is_told_of_while_the_person_is_let_in(tmp_path: Path) -> None:
    """S6: 1,000 bad tokens, bad cookies and bad codes."""
    with a_doorway(tmp_path) as door:
        ours = door.let_in()

        def guess(number: int) -> Answer:
            return door.ask("GET", "/v1/threads", {"Authorization": f"Bearer {number}"})

        statuses = [guess(number).status for number in range(15)]
        assert set(statuses) == {401}
        with ThreadPoolExecutor(4) as beside:
            tried = beside.map(guess, range(15, 1000))
            for number, answer in enumerate(tried):
                statuses.append(answer.status)
                if answer.status == 429:
                    assert 1 <= int(answer.headers["Retry-After"]) <= 120
                if number % 200 == 100:
                    began = time.monotonic()
                    assert door.ask("GET", "/v1/health", ours).status == 200
                    assert time.monotonic() - began < 2
        assert statuses.count(401) < 60
        assert statuses.count(429) > 900
        assert door.enter("0000-0000-0000").status == 429
        assert door.ask("GET", "/v1/threads", {**BROWSER, "Cookie": f"maquette_{door.port}=x"}).status == 429
        assert door.ask("GET", "/v1/threads", door.token).status == 200
        assert door.let_in()
        assert door.ask("GET", "/v1/sessions", ours).json["wrong"] == 1002
        assert "1002 wrong keys" in door.machine.ok("sessions")
        assert (door.machine.state / "base.log").read_text().count("tries keys") == 1


def test_s7_a_code_lets_in_once_and_only_who_is_at_the_socket_gets_one(door: Doorway, ours: dict[str, str]) -> None:
    """S7: its file is the owner's alone, and gone once it was used."""
    launch = door.link.post("/launches")
    file = Path(launch["file"])
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    assert launch["code"] in file.read_text()
    assert launch["code"] not in launch["address"] + launch["file"]
    answer = door.enter(launch["code"].lower().replace("-", " "), Origin="null")
    assert answer.status == 200
    cookie = answer.headers["Set-Cookie"]
    assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))
    assert "domain" not in cookie.lower()
    assert not file.exists()
    for _ in range(2):
        again = door.enter(launch["code"], Origin="null")
        assert (again.status, again.headers["Set-Cookie"]) == (401, None)
    for shown in (ours, door.token):
        assert door.ask("POST", "/v1/launches", shown).status == 403
    assert list(door.machine.state.glob("enter-*")) == []


def test_s7_a_code_is_taken_from_no_page_of_somebody_elses(door: Doorway) -> None:
    """S7: and leads to no other host."""
    code = door.link.post("/launches")["code"]
    assert door.enter(code, Origin="http://evil.example").status == 403
    assert door.enter(code, Origin="null", **{"Sec-Fetch-Dest": "iframe"}).status == 403
    assert door.ask("GET", f"/enter?code={code}").status == 401
    sent = f"code={code}&then=//evil.example".encode()
    answer = door.ask("POST", "/enter", FORM, sent)
    assert answer.status == 200
    assert b"evil" not in answer.body


def test_s9_many_fields_many_ranges_and_much_are_refused_while_others_are_answered(
    door: Doorway, ours: dict[str, str]
) -> None:
    """S9: others under 200 ms."""
    fields = "&".join(f"f{n}=x" for n in range(100_000)).encode()
    ranges = {**ours, "Range": "bytes=" + ",".join(f"{n}-{n}" for n in range(5_000))}
    longest = {**ours, "Range": "bytes=" + ",".join(["0-0"] * 16_000)}
    attacks = [
        lambda: door.ask("POST", "/enter", FORM, fields).status,
        lambda: door.ask("POST", "/v1/threads", {**ours, **FORM}, fields).status,
        lambda: door.ask("GET", "/static/mark.svg", ranges).status,
        lambda: door.ask("GET", "/static/mark.svg", longest).status,
        lambda: door.ask("POST", "/v1/threads", {**ours, "Content-Type": "application/json"}, b"[" * 1_000_000).status,
    ]
    with ThreadPoolExecutor(len(attacks)) as beside:
        asked = [beside.submit(attack) for attack in attacks]
        slowest = 0.0
        while not all(one.done() for one in asked):
            began = time.monotonic()
            assert door.ask("GET", "/v1/health", ours).status == 200
            slowest = max(slowest, time.monotonic() - began)
        assert [one.result() // 100 for one in asked] == [4] * len(attacks)
    assert slowest < 0.2


@pytest.mark.parametrize("how", ["current", "by-id", "all", "command"])
def test_s10_who_is_logged_out_is_out_and_what_was_open_is_closed(door: Doorway, how: str) -> None:
    """S10: others stay, unless all are logged out."""
    mine, other = door.let_in(), door.let_in()
    id = door.ask("GET", "/v1/sessions", mine).json["current"]
    with door.open("GET", "/v1/feed", mine) as feed, door.open("GET", "/stream", mine) as pages:
        assert (feed.readline(), pages.readline()) == (b": here\n", b"event: draw\n")
        match how:
            case "command":
                door.machine.ok("sessions", "--end", id)
            case "all":
                assert door.ask("POST", "/v1/sessions/end", mine).status == 204
            case _:
                named = id if how == "by-id" else "current"
                assert door.ask("POST", f"/v1/sessions/{named}/end", mine).status == 204
        assert feed.read() == b"\n"
        assert pages.read().count(b"\n") == 2, "no more than the rest of what it began with"
    refused = door.ask("GET", "/v1/threads", mine)
    assert refused.status == 401
    assert "Max-Age=0" in refused.headers["Set-Cookie"]
    assert door.ask("GET", "/v1/threads", other).status == (401 if how == "all" else 200)


def test_s10_another_token_ends_the_old_one_and_what_it_had_open(door: Doorway, ours: dict[str, str]) -> None:
    """S10: browsers stay in."""
    ours, old = door.let_in(), door.token
    with door.open("GET", "/v1/feed", old) as feed:
        assert feed.readline() == b": here\n"
        door.machine.ok("sessions", "--renew-token")
        assert feed.read() == b"\n"
    assert door.token != old
    assert [door.ask("GET", "/v1/threads", shown).status for shown in (old, door.token, ours)] == [401, 200, 200]


def test_s10_a_session_outlasts_the_base_at_the_same_port_and_ends_when_long_unused(tmp_path: Path) -> None:
    """S10: at another port none of them counts, since whoever listens at the first has seen the cookie."""
    with a_doorway(tmp_path) as door:
        ours, port = door.let_in(), door.port
        kept = door.machine.state / "sessions.json"

        def again(before: str = "", after: str = "", **env: str) -> int:
            door.machine.ok("down")
            kept.write_text(kept.read_text().replace(before, after))
            door.machine.ok("threads", **env)
            return door.ask("GET", "/v1/threads", ours).status

        assert (again(), door.port) == (200, port)
        sessions = kept.read_text()
        seen = json.loads(sessions)["sessions"].popitem()[1]["seen"]
        long_ago = (datetime.now(UTC) - timedelta(days=31)).isoformat()
        assert again(f'"seen":"{seen}"', f'"seen":"{long_ago}"') == 401
        kept.write_text(sessions)
        assert again() == 200
        assert again(f'"port":{port}', f'"port":{port - 1}') == 401


@pytest.mark.skipif(os.getuid() != 0, reason="another user's part is only played by root")
def test_s11_another_user_reaches_neither_socket_nor_files_and_the_port_only_from_outside(door: Doorway) -> None:
    """S11: a program of user 65534."""
    door.link.post("/launches")
    script = """
import encodings.idna, http.client, os, socket, sys
os.setgroups([]); os.setgid(65534); os.setuid(65534)
def tried(what):
    try: return what()
    except PermissionError: return "denied"
state, port = sys.argv[1], int(sys.argv[2])
connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
connection.request("GET", "/v1/threads")
print(tried(lambda: os.listdir(state)), tried(lambda: open(f"{state}/token").read()),
    tried(lambda: socket.socket(socket.AF_UNIX).connect(f"{state}/base.sock")), connection.getresponse().status)
"""
    words = [sys.executable, "-c", script, str(door.machine.state), str(door.port)]
    told = subprocess.run(words, capture_output=True, text=True, check=True, timeout=30).stdout
    assert told.split() == ["denied", "denied", "denied", "401"]
    ours = {path.name: oct(path.stat().st_mode & 0o777) for path in door.machine.state.iterdir() if path.is_file()}
    assert set(ours.values()) == {"0o600"}, ours


def test_s20_what_a_browser_calls_itself_steers_nothing(door: Doorway) -> None:
    """S20: neither where it is listed nor where it is kept."""
    code = door.link.post("/launches")["code"]
    assert door.enter(code, **{"User-Agent": "Fire\x1b[2J\x9bfox\t" + "x" * 5000}).status == 200
    listed = door.machine.ok("sessions")
    assert "Fire[2Jfox" in listed
    assert "\x1b" not in listed
    assert max(map(len, listed.splitlines())) < 300


def test_s26_no_key_is_in_any_file_but_the_token_in_its_own(tmp_path: Path) -> None:
    """S26: not what a cookie holds, no code, and no token that was renewed; nor any of them in what is exported."""
    with a_doorway(tmp_path) as door:
        code = door.link.post("/launches")["code"]
        cookie = door.enter(code).headers["Set-Cookie"].partition("=")[2].partition(";")[0]
        ours, old = {"Cookie": f"maquette_{door.port}={cookie}", **BROWSER}, door.token["Authorization"].split()[1]
        assert door.ask("POST", "/v1/threads", ours, {"text": "what can you do"}).status == 201
        assert door.ask("POST", "/v1/token/renew", ours).status == 204
        assert door.ask("GET", f"/v1/threads?limit={cookie}", ours).status == 422
        assert door.ask("GET", "/v1/export", ours).status == 200
        backup = tmp_path / "all.tar"
        door.machine.ok("backup", str(backup))
        new = (door.machine.state / "token").read_text().strip()
        door.machine.ok("down")
        files = [path for path in [*door.machine.state.rglob("*"), backup] if path.is_file()]
        holding = {path.name for path in files for key in (code, cookie, old, new) if key.encode() in path.read_bytes()}
        assert holding == {"token"}


def test_every_answer_says_what_a_page_may_do(door: Doorway, ours: dict[str, str]) -> None:
    for path, sent in (("/", ours), ("/", {}), ("/v1/threads", ours), ("/static/mark.svg", ours), ("/", {"Host": "x"})):
        told = door.ask("GET", path, sent).headers
        policy = dict(part.strip().split(" ", 1) for part in told["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
        assert "unsafe" not in told["Content-Security-Policy"]
        assert told["Referrer-Policy"] == "no-referrer"
        assert told["X-Content-Type-Options"] == "nosniff"
        assert told["Cross-Origin-Opener-Policy"] == told["Cross-Origin-Resource-Policy"] == "same-origin"
    assert door.ask("GET", "/", ours).headers["Cache-Control"] == "no-store"


def test_a_port_that_is_taken_is_replaced_by_one_that_stays_unless_it_was_named_by_hand(
    door: Doorway, tmp_path: Path
) -> None:
    taken = str(door.port)
    with a_doorway(tmp_path, {"MAQUETTE_PORT": taken}) as other:
        had = other.port
        assert had != door.port
        other.machine.ok("down")
        assert other.machine.ok("open", "--print").split()[1] == f"http://127.0.0.1:{had}"
        other.machine.ok("down")
        ended = other.machine.run("serve", "--port", taken)
        assert ended.returncode == 2
        assert f"Port {taken} can't be had" in ended.stderr


def test_a_base_that_is_to_have_no_port_has_none_and_says_so(tmp_path: Path) -> None:
    with a_doorway(tmp_path, {"MAQUETTE_PORT": "none"}) as door:
        assert not (door.machine.state / "port").exists()
        assert "MAQUETTE_PORT is none" in door.machine.run("open").stderr
    with a_doorway(tmp_path / "again") as door:
        assert "MAQUETTE_PORT is 'x'" in door.machine.run("threads", MAQUETTE_PORT="x").stderr


def test_files_of_pages_are_kept_by_the_browser_for_as_long_as_they_are_what_it_asked_for(
    door: Doorway, ours: dict[str, str]
) -> None:
    first = door.ask("GET", "/static/elements/page.js", ours)
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = door.ask("GET", "/static/elements/page.js", {**ours, "If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    (version,) = set(re.findall(r'"/static/(\w+)/', door.ask("GET", "/", ours).body.decode()))
    for path in ("elements/page.js", "vendor/marked.js"):
        kept = door.ask("GET", f"/static/{version}/{path}", ours)
        assert "immutable" in kept.headers["Cache-Control"]
        assert "Content-Encoding" not in kept.headers
        small = door.ask("GET", f"/static/{version}/{path}", {**ours, "Accept-Encoding": "br, gzip"})
        assert small.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(small.body) == kept.body
    assert door.ask("GET", f"/static/{'0' * 12}/elements/page.js", ours).status == 404


def test_what_may_hold_secrets_is_never_compressed(door: Doorway, ours: dict[str, str]) -> None:
    for path in ("/", "/search?q=word", "/v1/threads", "/stream"):
        with door.open("GET", path, {**ours, "Accept-Encoding": "gzip"}) as answer:
            assert answer.status == 200
            assert "Content-Encoding" not in answer.headers


def test_an_address_that_does_not_take_a_method_says_which_it_takes(door: Doorway, ours: dict[str, str]) -> None:
    answer = door.ask("DELETE", "/v1/projects", {**ours, "Origin": f"http://127.0.0.1:{door.port}"})
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, PATCH, POST")
