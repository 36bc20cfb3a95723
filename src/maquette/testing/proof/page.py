"""What came of a proof, as a page."""

from __future__ import annotations

import os
import platform
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from maquette.testing.proof.landings import CLASSES
from maquette.testing.proof.load import THREADS, Load
from maquette.testing.proof.trials import Trial

FEWEST = 5
"""Kills that must have landed in each class."""
HOW = """\
A base is killed (SIGKILL), another is started on what it left, and the log, the traces of each effect, both repos and
what the person had been told are compared. A boundary is any commit to the log, any effect of a tool and any command of
git that a run through a scene meets; the scenes are made from the tools that the code has."""

TITLES = {
    "sqlite": ("# The proof that kills lose nothing", ""),
    "postgres": (
        "# The proof that kills lose nothing, on Postgres",
        ": one of a base and a worker dies, the other takes over what it can and dies too",
    ),
}


def rare(landed: Counter[str]) -> list[str]:
    return [name for name in CLASSES if landed[name] < FEWEST]


def page(on: str, bounded: Sequence[Trial], chance: Load, seconds: float) -> Iterator[str]:
    """In Markdown, line by line."""
    wrong = [f"{one.scene}, {one.point}: {what}" for one in bounded for what in one.wrong] + chance.wrong
    machine = f"Python {platform.python_version()}, Linux {platform.release().split('-')[0]}, {os.cpu_count()} cores"
    title, beside = TITLES[on]
    yield from (title, "")
    yield f"By `make prove`, {datetime.now(UTC):%Y-%m-%d}: {seconds / 60:.0f} minutes; {machine}."
    yield from ("", HOW, "")
    yield f"**Wrong: {len(wrong)}.**" if wrong else "**Nothing was lost, doubled or told wrongly.**"
    yield from (f"- {one}" for one in wrong)
    yield from ("", f"## At each of {len(bounded)} boundaries", "")
    yield from ("| scene | boundaries | reached | wrong |", "| --- | --- | --- | --- |")
    for scene in dict.fromkeys(one.scene for one in bounded):
        own = [one for one in bounded if one.scene == scene]
        yield f"| {scene} | {len(own)} | {sum(one.reached for one in own)} | {sum(bool(one.wrong) for one in own)} |"
    yield from ("", f"## At random: {chance.kills} kills under {THREADS} threads{beside}", "")
    yield from ("| where a thread was when its base died | times |", "| --- | --- |")
    yield from (f"| {name} | {chance.landed[name]} |" for name in CLASSES)
    yield ""
