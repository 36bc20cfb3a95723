"""The door as a browser meets it: a real Chromium, on the machine's own loopback."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from browser.browsers import PATIENCE, flags, launched
from trust.doors import Doorway, a_doorway

pytestmark = pytest.mark.needs("chromium", "sudo apt-get install chromium")


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doorway]:
    with a_doorway(tmp_path_factory.mktemp("m")) as one:
        yield one


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as one:
        yield one


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    with launched(playwright) as one:
        yield one


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with closing(browser.new_context()) as context:
        context.set_default_timeout(PATIENCE)
        yield context.new_page()


@contextmanager
def remembering(playwright: Playwright, profile: Path) -> Generator[BrowserContext]:
    """The whole browser, that keeps in `profile` what it was shown."""
    context = playwright.chromium.launch_persistent_context(
        profile, executable_path=shutil.which("chromium"), args=flags(), timeout=PATIENCE
    )
    context.set_default_timeout(PATIENCE)
    with closing(context):
        yield context


class Elsewhere:
    """Another program that serves pages on loopback. `seen`: the headers of what it was asked."""

    def __init__(self, page: str) -> None:
        self.seen: list[dict[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.seen.append({name.lower(): value for name, value in self.headers.items()})
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(page.encode())

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> Elsewhere:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def opened(door: Doorway, folder: Path) -> Path:
    """The file that `maquette open` has a browser open; all that stands in that program's arguments."""
    words = folder / "words"
    browser = folder / "browser"
    browser.write_text(f"#!{sys.executable}\nimport json, sys\njson.dump(sys.argv, open({str(words)!r}, 'w'))\n")
    browser.chmod(0o700)
    door.machine.ok("open", BROWSER=f"{browser} %s")
    program, address = json.loads(words.read_text())
    assert program == str(browser)
    return Path(unquote(urlparse(str(address)).path))


def test_s7_the_code_is_in_no_history_no_log_no_argument_and_no_referer(
    door: Doorway, playwright: Playwright, tmp_path: Path
) -> None:
    """S7: the browser is in, and stays in after the base was started again; the file doesn't work twice."""
    profile = tmp_path / "profile"
    file = opened(door, tmp_path)
    text = file.read_text()
    code = text.partition('name="code" value="')[2].partition('"')[0]
    assert len(code) == 14
    assert code not in str(file)
    with Elsewhere("<title>elsewhere</title>") as other, remembering(playwright, profile) as context:
        page = context.pages[0]
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.goto(file.as_uri())
        page.wait_for_url(f"http://127.0.0.1:{door.port}/")
        page.get_by_role("heading", name="What is to be done?").wait_for()
        assert not file.exists()
        assert context.cookies()[0].get("httpOnly")
        assert page.evaluate("document.cookie") == ""
        page.evaluate("to => location.assign(to)", other.address)
        page.wait_for_url(other.address)
        assert other.seen
        assert [seen["referer"] for seen in other.seen if str(door.port) in seen.get("referer", "")] == []
        door.machine.kill()
        door.machine.ok("threads")
        page.goto(f"http://127.0.0.1:{door.port}/")
        page.get_by_role("heading", name="What is to be done?").wait_for()
        again = tmp_path / "again.html"
        again.write_text(text)
        page.goto(again.as_uri())
        page.get_by_text("That code is wrong, was used").wait_for()
        assert complaints == ["Failed to load resource: the server responded with a status of 401 (Unauthorized)"]
    with closing(sqlite3.connect(profile / "Default" / "History")) as history:
        visited = [url for (url,) in history.execute("SELECT url FROM urls")]
        dump = "\n".join(history.iterdump())
    assert f"http://127.0.0.1:{door.port}/" in visited
    spellings = {code, code.replace("-", ""), code.lower()}
    assert [one for one in spellings if one in dump] == []
    files = [path for path in profile.rglob("*") if path.is_file()]
    assert [path for path in files for one in spellings if one.encode() in path.read_bytes()] == []
    assert [one for one in spellings if one in (door.machine.state / "base.log").read_text()] == []


def test_s7_where_no_file_can_be_opened_the_code_is_typed(door: Doorway, page: Page) -> None:
    """S7: at whatever address one is; a wrong one says so."""
    code = door.machine.ok("open", "--print").split()[-9]
    page.goto(f"http://127.0.0.1:{door.port}/models?x=1")
    page.get_by_label("Code").fill("WRONG")
    page.get_by_role("button", name="Come in").click()
    page.get_by_role("alert").get_by_text("That code is wrong").wait_for()
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Come in").click()
    page.wait_for_url(f"http://127.0.0.1:{door.port}/models?x=1")
    page.get_by_role("heading", name="Models").first.wait_for()


ATTACKS = """<!doctype html><title>elsewhere</title><script>
const base = "http://127.0.0.1:%d";
const tried = (what) => what.then((answer) => "" + answer.status, () => "blocked");
const json = {"Content-Type": "application/json"}, body = JSON.stringify({text: "not asked for"});
const loads = (name, attribute, path) => new Promise((done) => {
  const made = document.createElement(name);
  made.onload = () => done("loaded");
  made.onerror = () => done("blocked");
  made[attribute] = base + path;
  document.head.append(made);
});
const streams = new Promise((done) => {
  const source = new EventSource(base + "/v1/feed", {withCredentials: true});
  source.onopen = () => done("opened");
  source.onerror = () => done("blocked");
});
const asks = {method: "POST", credentials: "include", body};
const post = (headers, more) => tried(fetch(base + "/v1/threads", {...asks, headers, ...more}));
window.attacks = Promise.all([
  tried(fetch(base + "/v1/threads", {credentials: "include"})),
  post(json), post({"Content-Type": "text/plain"}), post({}, {mode: "no-cors"}),
  streams, loads("script", "src", "/static/elements/page.js"), loads("img", "src", "/static/mark.svg"),
]);
</script><form method="post" enctype="text/plain" action="http://127.0.0.1:%d/v1/threads">
<input name='{"text": "not asked for", "x": "' value='"}'><button>Post</button></form>
<iframe src="http://127.0.0.1:%d/"></iframe><a href="http://127.0.0.1:%d/models">Follow</a>"""


def test_s5_a_page_at_another_port_gets_nothing_done_and_nothing_told(door: Doorway, page: Page) -> None:
    """S5: although its browser is in, and shows our cookie."""
    port = door.port
    with Elsewhere(ATTACKS % (port, port, port, port)) as other:
        page.goto(Path(door.link.post("/launches")["file"]).as_uri())
        page.wait_for_url(f"http://127.0.0.1:{port}/")
        page.goto("about:blank")
        answered: list[tuple[str, int]] = []
        page.on("response", lambda answer: answered.append((answer.url, answer.status)))
        page.goto(other.address)
        told = page.evaluate("attacks")
        assert told == ["blocked"] * 7
        assert page.frames[1].evaluate("document.body?.innerText ?? ''").find("What is to be done") == -1
        with page.expect_navigation():
            page.get_by_role("button", name="Post").click()
        assert '"title":"Unsupported Media Type"' in page.content()
        ours = [status for url, status in answered if f":{port}" in url]
        assert ours
        assert set(ours) <= {403, 415}
        page.goto(other.address)
        page.get_by_role("link", name="Follow").click()
        page.get_by_role("heading", name="This came from another page").wait_for()
        page.get_by_role("link", name="Open it").click()
        page.get_by_role("heading", name="Models").first.wait_for()
    assert door.threads() == []
