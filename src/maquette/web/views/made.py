"""Files that a turn made, to be looked at: out of the result's commit, and with no authority of ours."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO
from itertools import islice
from pathlib import PurePosixPath
from urllib.parse import quote

import htpy as h
from starlette.responses import HTMLResponse, Response

from maquette.actions import reviews
from maquette.domain.cards import TableCard
from maquette.domain.errors import Refused
from maquette.domain.events import ResultKept
from maquette.web import routes
from maquette.web.api.home import Here
from maquette.web.cards import draw
from maquette.web.cards.markdown import prose
from maquette.web.cards.terminal import plain
from maquette.web.views import previews
from maquette.workspace.previews import READ

router = routes.pages()

_PICTURES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
}
_PAGES = (".html", ".htm")
_TABLES = {".csv": ",", ".tsv": "\t"}
_PROSE = (".md", ".markdown")
_GIVEN = (".pptx",)
_READ = frozenset((*_TABLES, *_PROSE, ".txt"))
_SHOWN = _READ.union(_PICTURES, _PAGES, READ, _GIVEN)
_ROWS, _LETTERS, _FILES = 20, 20_000, 12
"""What is drawn of a table, of a text, and of a result."""
POWERLESS = (
    "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
"""An origin of its own, no scripts, nothing fetched; it may be framed by our pages only."""


def late(thread: str, kept: ResultKept, *, open: bool) -> h.Element | None:
    """Brings what can be shown of a result; None where nothing can."""
    named = shown(kept.files)
    if not named:
        return None
    return h.Element("load-late")(src=f"/threads/{thread}/made?commit={kept.commit}")[
        h.details(open=open)[h.summary["What it made"], h.p(".note")["Loading…"]]
    ]


def shown(files: Iterable[str]) -> list[str]:
    return [path for path in files if _kind(path) in _SHOWN]


@router.get("/threads/{name}/made")
async def made(home: Here, name: str, commit: str) -> HTMLResponse:
    """The files of one result that can be shown."""
    blobs = await reviews.made(home, name, commit)
    files = shown(blobs)
    held = await reviews.contents(home, name, {blobs[path] for path in files[:_FILES] if _kind(path) in _READ})
    more = len(files) - _FILES
    return HTMLResponse(
        str(
            h.div(".made")[
                (_drawn(name, commit, path, held.get(blobs[path])) for path in files[:_FILES]),
                more > 0 and h.p(".note")[f"{more} more files aren't shown here."],
                not files and h.p(".note")["They were taken away."],
            ]
        )
    )


@router.get("/threads/{name}/made/{commit}/{path:path}")
async def file(home: Here, name: str, commit: str, path: str) -> Response:
    """One file: a picture or a page as what it is, all else to be saved."""
    blob = (await reviews.made(home, name, commit)).get(path, "")
    data = (await reviews.contents(home, name, {blob} - {""}, reviews.SAVED)).get(blob)
    if data is None:
        raise Refused("That file isn't in this result, or is too large to be saved here.", code="unknown-file")
    kind = _kind(path)
    media = "text/html; charset=utf-8" if kind in _PAGES else _PICTURES.get(kind, "application/octet-stream")
    headers = {"Content-Security-Policy": POWERLESS}
    if media == "application/octet-stream":
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(PurePosixPath(path).name, safe='')}"
    return Response(data, headers=headers | {"Content-Type": media})


def _kind(path: str) -> str:
    return PurePosixPath(path).suffix.lower()


def _drawn(thread: str, commit: str, path: str, data: bytes | None) -> h.Element:
    to = f"/threads/{thread}/made/{commit}/{quote(path)}"
    save = h.a(href=to, download=PurePosixPath(path).name)["Save"]
    looks = _read(path, data) if _kind(path) in _READ else _looks(to, thread, commit, path)
    return h.figure(".picture")[h.figcaption[h.span(dir="auto")[path], save], looks]


def _looks(to: str, thread: str, commit: str, path: str) -> h.Node:
    kind = _kind(path)
    if kind in _PICTURES:
        return h.img(src=to, alt=path, loading="lazy")
    if kind in _PAGES:
        return h.iframe(src=to, title=path, sandbox="", loading="lazy")
    return previews.near(thread, commit, path) if kind in READ else None


def _read(path: str, data: bytes | None) -> h.Node:
    if data is None:
        return h.p(".note")["It is too large to be shown here."]
    kind = _kind(path)
    text = data.decode("utf-8-sig", "replace")
    if kind in _TABLES:
        return _table(text, _TABLES[kind])
    cut = len(text) > _LETTERS and h.p(".note")["The rest isn't shown here."]
    looks = (
        prose(text[:_LETTERS])
        if kind in _PROSE
        else h.pre(tabindex="0", role="group", aria_label=path)[plain(text[:_LETTERS])]
    )
    return [looks, cut]


def _table(text: str, between: str) -> h.Node:
    rows = csv.reader(StringIO(text, newline=""), delimiter=between)
    try:
        first = [tuple(row) for row in islice(rows, _ROWS + 1)]
        more = sum(1 for _ in rows)
    except csv.Error:
        return h.p(".note")["It can't be read as a table."]
    if not first:
        return h.p(".note")["It is empty."]
    return [draw(TableCard(columns=first[0], rows=tuple(first[1:]))), more > 0 and h.p(".note")[f"{more} more rows."]]
