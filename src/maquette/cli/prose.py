"""What a model says, as it comes. At a terminal its Markdown is drawn block by block: what is drawn stays drawn."""

from __future__ import annotations

from maquette.cli.live import Live
from maquette.cli.screen import Screen, inert

FENCES = ("```", "~~~")


class Prose:
    """One answer at a time. Where there is no terminal the text is passed on as it is."""

    def __init__(self, screen: Screen, live: Live) -> None:
        self._screen, self._live = screen, live
        self._block: list[str] = []
        self._line = ""
        self._fence = ""
        self._open = False
        """Something of this answer is on the screen, or waits for its block to be whole."""

        self._drawn = False

    def write(self, text: str) -> None:
        """More of the answer."""
        self._open = True
        if not self._screen.live:
            self._screen.write(text)
            self._line = (self._line + text)[-1:]
            return
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            self._take(line)
        self._live.saying("\n".join([*self._block, self._line]))

    def end(self) -> None:
        """The answer is whole, or was broken off."""
        if self._open and self._screen.live:
            self._take(self._line)
            self._draw()
            self._live.saying("")
        elif self._open and self._line != "\n":
            self._screen.write("\n")
        self._line, self._fence, self._open, self._drawn = "", "", False, False

    def _take(self, line: str) -> None:
        mark = next((fence for fence in FENCES if line.lstrip().startswith(fence)), "")
        if not self._fence and not line.strip():
            self._draw()
            return
        self._block.append(line)
        if mark and self._fence in ("", mark):
            self._fence = "" if self._fence else mark

    def _draw(self) -> None:
        if not self._block:
            return
        from rich.console import Console
        from rich.markdown import Markdown

        self._live.saying("")
        text = "\n".join(self._block)
        drawn = Markdown(inert(f"#{text}" if text.startswith("# ") else text), hyperlinks=False)
        if self._drawn and not text.startswith("|"):  # a table brings its own space
            self._screen.write("\n")
        self._block, self._drawn = [], True
        self._screen.flush()
        Console(highlight=False, no_color=not self._screen.colour).print(drawn)
