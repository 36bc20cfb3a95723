"""A page to explore: that of a small reading room, plain, with a check of what it must say."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from maquette.samples.shop import Repo

QUESTION = "A start page for the Lantern that people read to its end"
APPROACHES = (
    "the fewest elements that do it",
    "everything at a glance",
    "one step at a time",
    "one thing more, the rest as it is",
)
"""Three that lay it out anew, and one whose attempts can be folded into any of these."""
CHECKS = ("python3 check.py",)
FILM = ("scroll 600", "click Questions people ask", "scroll 1500")
"""What somebody does who reads the page to its end."""


def make_lantern(folder: Path) -> None:
    """Makes the project in `folder` (made if need be, must be empty)."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty")
    repo = Repo(folder, datetime.now(UTC).date())
    repo.git("init", "-q", "-b", "main")
    for file in (resources.files("maquette.samples") / "readingroom").iterdir():
        repo.write(file.name.removesuffix(".txt"), file.read_text("utf-8"))
    repo.commit(3, "The page of the reading room")
