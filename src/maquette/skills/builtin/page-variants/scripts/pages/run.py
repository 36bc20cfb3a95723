# pyright: basic, reportMissingImports=false
"""Chooses a layout and a theme by the words of an attempt, and rewrites the page."""

import argparse
import re
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path

from pages.content import read
from pages.looks import LAYOUTS, THEMES, drawn
from pages.parts import ADDED, ADDED_WORDS, laid_out, style_file, with_more

WAYS = {
    "fewest": ("column", "poster"),
    "glance": ("cards", "magazine", "table"),
    "at a time": ("steps", "accordion", "sidebar"),
    "recommendation": ("column", "steps"),
    "question": ("accordion", "table"),
    "two options": ("cards", "magazine"),
}
"""Layouts for a word of an approach."""
MORE = "one thing more"
"""What an approach says that leaves the layout, and adds something to the page."""


@dataclass
class Choice:
    """`hue` of the accent (None: the theme's own). `twin`, `broken`: what is done to it on purpose."""

    layout: str
    theme: str
    hue: int | None
    turn: int
    twin: bool
    broken: bool
    more: bool


def chosen(request, number):
    way = re.search(r"Approach: (.*)", request)
    said = (way[1] if way else "").lower()
    variant = re.search(r"Variant: (\d+)", request)
    seed = int(variant[1]) if variant else 1
    family = next((family for word, family in WAYS.items() if word in said), ())
    family = family or [layout for layout in LAYOUTS if layout.removesuffix("s") in said] or tuple(LAYOUTS)
    twin = number % 6 == 0 and seed > 1
    turn = seed - 2 if twin else seed - 1
    theme = next((theme for theme in THEMES if theme in said), None)
    theme = theme or tuple(THEMES)[(zlib.crc32(said.encode()) + turn) % len(THEMES)]
    hue = (turn * 47) % 360 if turn >= len(THEMES) else None
    return Choice(family[turn % len(family)], theme, hue, turn, twin, number % 7 == 0, MORE in said)


def main():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--request", default="")
    parser.add_argument("--page")
    parser.add_argument("--number", type=int)
    args = parser.parse_args()
    found = [Path(args.page)] if args.page else [Path("index.html"), *sorted(Path().rglob("*.html"))]
    page = next((path for path in found if path.is_file()), None)
    if page is None:
        sys.stderr.write("There is no HTML page here: name one with --page.\n")
        return 2
    content = read(page.read_text("utf-8", "replace"))
    if not content.sections and not content.lead:
        sys.stderr.write(f"{page} says nothing that could be laid out: it needs headings or paragraphs.\n")
        return 2
    told = re.search(r"This is attempt (\d+)", args.request)
    choice = chosen(args.request, args.number or (int(told[1]) if told else 1))
    print(written(page, content, choice))
    if choice.twin:
        print("A near-twin of the former one of its approach, on purpose.")
    if choice.broken:
        print("Broken on purpose: its first heading is lost, and half of its style, if that is its own.")
    return 0


def written(page, content, choice):
    """Writes the page, and its style where that is a file of its own; what was done, in words."""
    text = page.read_text("utf-8", "replace")
    style = style_file(page, text)
    how = {"nudge": int(choice.twin), "broken": choice.broken}
    if style and choice.more:
        what = ADDED[choice.turn % len(ADDED)]
        page.write_text(with_more(text, what, **how), "utf-8")
        return f"# {page}: {ADDED_WORDS[what]}\n\nOne thing is added by rule; everything else is as it was."
    if style:
        text, looks = laid_out(text, choice.layout, choice.theme, hue=choice.hue, **how)
        style.write_text(looks, "utf-8")
    else:
        text = drawn(content, choice.layout, choice.theme, hue=choice.hue, **how)
    page.write_text(text, "utf-8")
    return (
        f"# {page}: layout {choice.layout}, theme {choice.theme}\n\n"
        f"{len(content.sections)} sections of the page are laid out by rule; its words are as they were."
    )
