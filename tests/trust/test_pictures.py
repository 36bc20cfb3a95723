"""Pictures of what agents made: a page is opened where it can reach nothing, and what comes out is one or a reason."""

from __future__ import annotations

import socket
import sys
from base64 import b64decode
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from maquette.curation import looks
from maquette.domain.explorations import Film, View
from maquette.kinds.sandboxes import Sandbox
from maquette.sandboxes.bare import BareSandbox
from maquette.sandboxes.landlock import LandlockSandbox
from maquette.workspace import pictures
from maquette.workspace.pictures import Taken
from seams.boxes import best

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.needs("bwrap", "sudo apt-get install bubblewrap"),
    pytest.mark.needs("chromium", "sudo apt-get install chromium"),
]
SERVER = """
import http.server, os
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<body bgcolor=blue>" + self.path.encode())
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Page).serve_forever()
"""


def views(*paths: str) -> Sequence[View]:
    return [View(name=path, path=path, width=400, height=300) for path in paths]


async def taken(root: Path, some: Sequence[View], preview: str, sandbox: Sandbox | None = None) -> Sequence[Taken]:
    async with pictures.opened(sandbox or best(), root) as place:
        return (await pictures.take(place, some, preview)).pictures


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "exhibit" / "work"
    made.mkdir(parents=True)
    return made


async def test_a_page_reaches_neither_the_network_nor_other_files_while_its_picture_is_taken(root: Path) -> None:
    (root.parent / "secret.txt").write_text("secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        there = f"http://127.0.0.1:{server.getsockname()[1]}"
        (root / "index.html").write_text(
            f"<body bgcolor=red><img src={there}/a.png><iframe src=file://{root.parent}/secret.txt></iframe>"
            f"<script>fetch('{there}/b'); new WebSocket('{there.replace('http', 'ws')}'); "
            f"setTimeout(() => location = '{there}/c', 50)</script>"
        )
        (root / "links.html").symlink_to(root.parent / "secret.txt")
        first, linked, missing = await taken(root, views("index.html#top", "links.html", "no.html"), "")
        with pytest.raises(BlockingIOError):
            server.accept()
    assert pictures.size_of(first.png) == (400, 300)
    assert pictures.size_of(first.small) == pictures.SMALL
    assert (linked.png, linked.why) == (b"", "There is no links.html.")
    assert missing.why == "There is no no.html."
    assert {path.name for path in root.parent.iterdir()} == {"work", "secret.txt"}


async def test_what_a_preview_command_serves_is_seen_and_why_where_it_serves_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "serve.py").write_text(SERVER)
    command = f"{sys.executable} serve.py"
    full, empty = await taken(root, views("/", "/?empty"), command)
    assert pictures.size_of(full.png) == pictures.size_of(empty.png) == (400, 300)
    assert pictures.size_of(full.small) == pictures.SMALL
    assert looks.seen(*pictures.LOOK, b64decode(full.look)).shades[-1] == 0, "blue has no green"
    monkeypatch.setattr(pictures, "SERVED", 0.3)
    (none,) = await taken(root, views("/"), "echo no such thing; exit 1")
    assert none.why == "The preview command didn't serve at $PORT: no such thing"


@pytest.mark.parametrize("sandbox", [LandlockSandbox(), BareSandbox()], ids=lambda sandbox: sandbox.tier)
async def test_where_nothing_contains_a_page_none_is_opened(root: Path, sandbox: Sandbox) -> None:
    (root / "index.html").write_text("<h1>Hello</h1>")
    (one,) = await taken(root, views("index.html"), "touch ran", sandbox)
    assert (one.png, one.why) == (b"", pictures.UNCONTAINED)
    assert not (root / "ran").exists()


CLICKED = """<!doctype html><body bgcolor=white>
<label>Name <input></label><button>Send it</button><div style=height:3000px>
<script>
document.querySelector("button").onclick = () => { document.bgColor = document.querySelector("input").value }
fetch("http://127.0.0.1:1/x").catch(() => 0); new Image().src = "file:///etc/passwd"
</script>"""


async def test_a_film_has_a_picture_after_each_step_and_says_which_could_not_be_done(root: Path) -> None:
    (root / "index.html").write_text(CLICKED)
    steps = ("type name=blue", "click send it", "click no such words", "scroll 800")
    film = Film(path="index.html", steps=steps, width=400, height=300)
    async with pictures.opened(best(), root) as place:
        seen = await pictures.take(place, (), "", film)
        (none,) = (await pictures.take(place, (), "", film.model_copy(update={"path": "no.html"}))).film
    assert [shot.step for shot in seen.film] == ["", *steps]
    assert [shot.why for shot in seen.film] == ["", "", "", "Nothing there says 'no such words'.", ""]
    assert {pictures.size_of(shot.png) for shot in seen.film} == {pictures.SMALL}
    corners = [Image.open(BytesIO(shot.png)).convert("RGB").getpixel((479, 299)) for shot in seen.film]
    assert corners == [(255, 255, 255)] * 2 + [(0, 0, 255)] * 3
    assert none.why == "There is no no.html."
