"""The calls at work, drawn below everything else while they are; nothing of it stays. Only at a terminal."""

from __future__ import annotations

import textwrap
import time
from typing import TYPE_CHECKING

from maquette.cli.screen import Screen, inert, line_of

if TYPE_CHECKING:
    from rich.live import Live as Drawing
    from rich.text import Text

MOST = 8
"""Calls drawn at once."""


class Live:
    """What is at work: a line a call, with its seconds and the last line of its output."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._calls: dict[str, tuple[str, float]] = {}
        self._outputs: dict[str, str] = {}
        self._saying = ""
        self._drawing: Drawing | None = None

    def begin(self, call: str, what: str) -> None:
        self._calls[call] = what, time.monotonic()
        self._draw()

    def output(self, call: str, text: str) -> None:
        """More of what a call prints; "" is what isn't a call's: setup and checks."""
        if self._screen.live:
            self._calls.setdefault(call, ("checks", time.monotonic()))
            self._outputs[call] = (self._outputs.get(call, "") + text)[-2000:]
            self._draw()

    def end(self, call: str) -> None:
        self._calls.pop(call, None)
        self._outputs.pop(call, None)
        if not self._calls:
            self.stop()

    def line(self, *pieces: str | tuple[str, str]) -> None:
        """A line that stays, above what is drawn."""
        was = self._drawing is not None
        self._clear()
        self._screen.line(*pieces)
        if was:
            self._draw()

    def saying(self, text: str) -> None:
        """What is being said and isn't whole yet; "" when it is."""
        self._saying = text
        if text:
            self._draw()
        elif self._calls:
            self._clear()
            self._draw()
        else:
            self._clear()

    def stop(self) -> None:
        """Take it off the screen."""
        self._clear()
        self._calls.pop("", None)
        self._outputs.pop("", None)

    def _clear(self) -> None:
        if self._drawing is not None:
            self._drawing.stop()
            self._drawing = None

    def _draw(self) -> None:
        if not self._screen.live or self._drawing is not None:
            return
        from rich.console import Console
        from rich.live import Live as Drawing

        console = Console(highlight=False, no_color=not self._screen.colour)
        self._screen.flush()
        self._drawing = Drawing(
            console=console, transient=True, get_renderable=self._drawn, refresh_per_second=6, redirect_stdout=False
        )
        self._drawing.start()

    def _drawn(self) -> Text:
        from rich.text import Text

        width = self._screen.width - 2
        lines: list[str] = []
        for call, (what, began) in list(self._calls.items())[:MOST]:
            seconds = f"  {time.monotonic() - began:.0f} s"
            lines.append(f"… {line_of(inert(what), width - len(seconds) - 2)}{seconds}")
            said = self._outputs.get(call, "").rstrip().rpartition("\n")[2]
            if said:
                lines.append(f"    {line_of(inert(said), width - 4)}")
        if len(self._calls) > MOST:
            lines.append(f"  and {len(self._calls) - MOST} more")
        lines += textwrap.wrap(inert(self._saying), width)[-MOST:]
        return Text("\n".join(lines), style="dim")
