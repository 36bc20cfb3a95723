"""The reference is the code's: what is read off it is made anew, and what is written by hand leaves nothing out."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from typing import cast

import pytest

from maquette.cli import all_commands
from maquette.testing import reference
from shape.house import ROOT, SOURCE

KNOWN = all_commands().known
EVERYWHERE = {"--help", "--json"}
"""Options that the page tells of once for all commands."""


@pytest.mark.parametrize("page", reference.pages())
def test_what_is_read_off_the_code_is_as_the_code_is(page: str) -> None:
    kept = (ROOT / "docs/reference" / page).read_text()
    assert kept == reference.pages()[page], "make it anew: .venv/bin/python -m maquette.testing.reference"


def options(parser: argparse.ArgumentParser) -> Iterator[set[str]]:
    """The names of each option, also of what a command has beneath it."""
    for action in parser._actions:  # pyright: ignore[reportPrivateUsage]  # there is no public way
        if action.nargs == argparse.PARSER:
            for below in cast("dict[str, argparse.ArgumentParser]", action.choices).values():
                yield from options(below)
        if action.option_strings:
            yield set(action.option_strings)


def test_the_page_of_commands_tells_of_each_option() -> None:
    text = (ROOT / "docs/reference/commands.md").read_text()
    sections = dict(re.findall(r"(?ms)^## `([^`]+)`\n(.*?)(?=^## |\Z)", text))
    untold = [
        (name, names)
        for name, (_, parser) in KNOWN.items()
        for names in options(parser)
        if not names & EVERYWHERE and not names & set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", sections[name]))
    ]
    assert not untold


def test_the_page_of_settings_tells_of_every_variable_there_is() -> None:
    pattern = re.compile(r"\b(?:MAQUETTE|OPENAI|ANTHROPIC)_[A-Z_]+\b")
    read = {found for path in SOURCE.rglob("*.py") for found in pattern.findall(path.read_text())}
    assert set(pattern.findall((ROOT / "docs/reference/settings.md").read_text())) == read
