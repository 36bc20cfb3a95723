"""Files of the pages, kept by browsers: for ever where the address says which version it is, else until asked again."""

from __future__ import annotations

import os

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope


class Statics(StaticFiles):
    """An address with a query names one version (`views/frame.py::static`)."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        answer = super().file_response(full_path, stat_result, scope, status_code)
        kept = "private, max-age=31536000, immutable" if scope["query_string"] else "private, no-cache"
        answer.headers["Cache-Control"] = kept
        return answer
