"""The frame that a diagram is drawn in: what draws is a stranger's, and so is what it draws."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import cache
from typing import Annotated

import htpy as h
from fastapi import Header
from markupsafe import Markup
from starlette.responses import Response

from maquette.web import routes
from maquette.web.statics import STATIC

router = routes.pages()

_STYLE = "html { color-scheme: light dark; background: transparent; } body { margin: 0; overflow: auto hidden; }"
_SCRIPTS = ("vendor/mermaid.js", "elements/diagramming.js")
"""Within the page, since whoever has no origin gets no file of ours. What could end a script isn't in them."""


@router.get("/diagram")
def frame(if_none_match: Annotated[str, Header()] = "") -> Response:
    """It waits to be told a diagram's source. It has an origin of its own, only these scripts, and nothing to fetch."""
    page, rules, tag = _page()
    headers = {"Content-Security-Policy": rules, "ETag": tag, "Cache-Control": "private, no-cache"}
    if if_none_match == tag:
        return Response(status_code=304, headers=headers)
    return Response(page, headers=headers, media_type="text/html")


@cache
def _page() -> tuple[str, str, str]:
    scripts = [(STATIC / path).read_text() for path in _SCRIPTS]
    digests = [hashlib.sha256(script.encode()).digest() for script in scripts]
    page = h.html(lang="en")[
        h.head[h.meta(charset="utf-8"), h.title["Diagram"], h.style[_STYLE]],
        h.body[h.div(id="drawn"), (h.script[Markup(script)] for script in scripts)],
    ]
    allowed = " ".join(f"'sha256-{b64encode(digest).decode()}'" for digest in digests)
    rules = (
        f"sandbox allow-scripts; default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
    )
    return str(page), rules, f'"{hashlib.sha256(b"".join(digests)).hexdigest()[:16]}"'
