"""The examples of the documents: the fenced blocks that a reader would type, page by page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from maquette.testing.models import Asked, Call, Calls, Says, Turn

BLOCK = re.compile(r"(?ms)^```(\w*)\n(.*?)^```$")
TYPED = {"", "sh", "console"}
"""Languages of what is typed into a shell: `sh` is run, of `console` the output is looked at too."""
SHOWN = {"json", "toml", "text", "python"}

RATE = Call("shell", {"command": "sed -i 's/RATE = 0.16/RATE = 0.19/' prices.py"})
LETTER = Call("write", {"path": "thanks.md", "text": "Thank you.\n"})


def does(call: Call, then: str) -> Callable[[Asked], Turn]:
    """One call, and words about it; as often as it is asked anew."""
    return lambda asked: Says(then) if asked.results else Calls(call)


MODEL: dict[str, Callable[[Asked], Turn]] = {
    "tax rate": does(RATE, "The rate is 19 % now."),
    "--json flag": does(RATE, "It has one now."),
    "letter of thanks": does(LETTER, "The letter is in thanks.md."),
    "the one word": lambda _: Says("here"),
    "Call the tool `here`": does(Call("here", {}), "It was called."),
    "Which colour is this picture": lambda _: Says("Red."),
}
"""What the model does, by a piece of what it is asked for. What else it is asked, it fails at."""


@dataclass(frozen=True)
class Step:
    """What is typed, and what the page says comes of it (None: it says nothing)."""

    command: str
    output: str | None = None


def blocks(page: Path) -> list[tuple[str, str]]:
    """Language and text of each fenced block."""
    return BLOCK.findall(page.read_text())


def steps(page: Path) -> Iterator[Step]:
    """What is typed on a page, in order."""
    for language, text in blocks(page):
        if language in TYPED and text.startswith("$ "):
            for typed in re.split(r"(?m)^\$ ", text)[1:]:
                command, _, output = typed.partition("\n")
                while re.match(r"(?m)> ", output):
                    more, _, output = output.removeprefix("> ").partition("\n")
                    command += f"\n{more}"
                yield Step(command, output.strip("\n") or None)
        elif language in TYPED:
            yield Step(text.rstrip("\n"))


def fits(told: str, came: str) -> bool:
    """Whether the output is as told; `…` stands for anything, also for lines."""
    pattern = ".*".join(re.escape(part) for part in told.split("…"))
    return re.fullmatch(pattern, came.strip("\n"), re.DOTALL) is not None
