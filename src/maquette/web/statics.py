"""Files of the pages, kept by browsers: for ever where the address says which version it is, else until asked again.

Only they are compressed. Pages, answers and streams hold what is private beside words that others chose, and how well
the one compresses with the other would tell of it (BREACH).
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import mimetypes
import os
from functools import cache
from importlib.resources import files
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from maquette.web.together import TOGETHER

STATIC = Path(str(files("maquette.web") / "static"))


@cache
def version() -> str:
    """Of all files together: one that imports another by its place beside it gets the version it was made for."""
    digest = hashlib.sha256()
    for path in sorted(path for path in STATIC.rglob("*") if path.is_file()):
        digest.update(b"%b\0%b\0" % (os.fsencode(path.relative_to(STATIC)), path.read_bytes()))
    return digest.hexdigest()[:12]


def static(path: str) -> str:
    """The address of a file, for as long as no file changes."""
    return f"/static/{version()}/{path}"


class Statics(StaticFiles):
    def __init__(self) -> None:
        super().__init__(directory=STATIC)

    async def get_response(self, path: str, scope: Scope) -> Response:
        first, _, rest = path.partition("/")
        if first != version():
            answer = await super().get_response(path, scope)
            answer.headers["Cache-Control"] = "private, no-cache"
            return answer
        is_got = scope["method"] == "GET"
        if rest in TOGETHER and is_got:
            answer = Response(await asyncio.to_thread(_read, rest), media_type=mimetypes.guess_type(rest)[0])
        else:
            answer = await super().get_response(rest, scope)
        if answer.status_code == 200 and is_got and _takes_gzip(scope):
            headers = {"Content-Encoding": "gzip", "Content-Type": answer.headers["Content-Type"]}
            answer = Response(await asyncio.to_thread(_compressed, rest), headers=headers)
        answer.headers.update({"Cache-Control": "private, max-age=31536000, immutable", "Vary": "Accept-Encoding"})
        return answer


def _takes_gzip(scope: Scope) -> bool:
    said = dict(scope["headers"]).get(b"accept-encoding", b"").decode("latin-1")
    return "gzip" in (offer.strip() for offer in said.split(","))


def _read(path: str) -> bytes:
    return _put_together(path) if path in TOGETHER else (STATIC / path).read_bytes()


@cache
def _put_together(path: str) -> bytes:
    return TOGETHER[path](STATIC).encode()


@cache
def _compressed(path: str) -> bytes:
    return gzip.compress(_read(path), mtime=0)
