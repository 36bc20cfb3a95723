"""What a model says at a terminal: Markdown drawn block by block, as it comes, and inert."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

import pytest

from maquette.cli.live import Live
from maquette.cli.prose import Prose
from maquette.cli.screen import Screen


def drawn(pieces: Sequence[str]) -> str:
    """What a terminal of 80 columns would get."""
    reading, writing = os.openpty()
    with pytest.MonkeyPatch.context() as patch, os.fdopen(writing, "w") as terminal:
        for name, value in {"COLUMNS": "80", "NO_COLOR": "1", "TERM": "xterm"}.items():
            patch.setenv(name, value)
        patch.setattr("sys.stdout", terminal)
        screen = Screen(terminal)
        prose = Prose(screen, Live(screen))
        for piece in pieces:
            prose.write(piece)
        prose.end()
        terminal.write("\0")
        terminal.flush()
        text = b""
        while not text.endswith(b"\0"):
            text += os.read(reading, 65_536)
    os.close(reading)
    return re.sub(r"\x1b\[\?25[hl]|\x1b\[1A|\x1b\[2K|\r|\0", "", text.decode())


def test_a_table_is_drawn_as_one_however_it_comes_in() -> None:
    table = "| what | lines |\n|---|---|\n| branch | 3 |\n"
    shown = [drawn(pieces).rpartition("|")[2] for pieces in ([table], list(table))]  # after what was wiped out again
    for words in shown:
        assert words.split()[-2:] == ["branch", "3"]
        assert "what" in words
        assert "─" in words


def test_blank_lines_in_a_fence_do_not_end_its_block() -> None:
    text = drawn(["```\nfirst\n\n", "# not a heading\n```\nafter"])
    assert "```" not in text
    assert text.index("first") < text.index("# not a heading") < text.index("after")


def test_an_answer_that_breaks_off_in_a_block_is_drawn_as_far_as_it_came() -> None:
    assert "I was just" in drawn(["# Plan\n\nI was just"])


def test_what_could_steer_the_terminal_is_written_out() -> None:
    text = drawn(["\x1b]8;;http://evil.example\x07click\x1b]8;;\x07 [here](http://evil.example) \x9b2J"])
    assert "\x1b]8" not in text
    assert "\x9b" not in text
