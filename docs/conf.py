"""How `make docs` puts the documents together: by Sphinx, from the same Markdown that is read in the repo."""

from __future__ import annotations

import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)

project = "Maquette"
author = "the Maquette contributors"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "Maquette"
html_show_copyright = html_show_sphinx = html_copy_source = False
root_doc = "docs/README"
include_patterns = ["*.md", "docs/**"]
exclude_patterns = [".venv", "build", "docs/concepts/maquettes"]
myst_heading_anchors = 3
pygments_style = "default"

PROJECT = ("/README", "/ARCHITECTURE", "/CONTRIBUTING", "/CHANGELOG")

FETCHED = re.compile(r"<(?:script|img|iframe|source|video|link)\b[^>]*?\b(?:src|href)=\"(?:https?:)?//[^\"]*\"[^>]*>")


def contents(index: str) -> dict[str, list[str]]:
    """What stands at the side of each page: by section of the index, what it links to. What it misses is an error."""
    sections = [section.partition("\n") for section in re.split(r"(?m)^## ", index)[1:]]
    linked = {title.partition(":")[0]: re.findall(r"\]\((\w[\w/-]*)\.md", text) for title, _, text in sections}
    return {**linked, "The project": list(PROJECT)}


def _contents(app: Sphinx, name: str, source: list[str]) -> None:
    """The index is plain Markdown, as it is read in the repo; the order of pages comes to it here."""
    if name == root_doc:
        for caption, pages in contents(source[0]).items():
            source[0] += "\n".join(["", "```{toctree}", ":hidden:", f":caption: {caption}", "", *pages, "```", ""])


def _ended(app: Sphinx, error: Exception | None) -> None:
    if error is not None:
        return
    (app.outdir / "index.html").write_text('<meta http-equiv="refresh" content="0; url=docs/README.html">\n')
    for page in Path(app.outdir).rglob("*.html"):
        if found := FETCHED.search(page.read_text()):
            logger.warning("%s loads something from outside: %s", page, found[0])


def setup(app: Sphinx) -> None:
    app.connect("source-read", _contents)
    app.connect("build-finished", _ended)
