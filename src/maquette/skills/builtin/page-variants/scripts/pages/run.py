# pyright: basic, reportMissingImports=false
"""Chooses a layout and a theme by the words of an attempt, and rewrites the page."""

import argparse
import re
import sys
import zlib
from pathlib import Path

from pages.content import read
from pages.looks import LAYOUTS, THEMES, drawn

WAYS = {
    "fewest": ("column", "poster"),
    "glance": ("cards", "magazine", "table"),
    "step": ("steps", "accordion", "sidebar"),
    "recommendation": ("column", "steps"),
    "question": ("accordion", "table"),
    "two": ("cards", "magazine"),
}
"""Layouts for a word of an approach."""


def chosen(request, number):
    """Layout, theme, hue of the accent (None: the theme's own), and what is done to it on purpose."""
    way = re.search(r"Approach: (.*)", request)
    said = (way[1] if way else "").lower()
    variant = re.search(r"Variant: (\d+)", request)
    seed = int(variant[1]) if variant else 1
    named = [layout for layout in LAYOUTS if layout.removesuffix("s") in said]
    family = named or next((family for word, family in WAYS.items() if word in said), tuple(LAYOUTS))
    twin = number % 6 == 0 and seed > 1
    turn = seed - 2 if twin else seed - 1
    theme = next((theme for theme in THEMES if theme in said), None)
    theme = theme or tuple(THEMES)[(zlib.crc32(said.encode()) + turn) % len(THEMES)]
    hue = (turn * 47) % 360 if turn >= len(THEMES) else None
    return family[turn % len(family)], theme, hue, twin, number % 7 == 0


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
    number = args.number or (int(told[1]) if told else 1)
    layout, theme, hue, twin, broken = chosen(args.request, number)
    page.write_text(drawn(content, layout, theme, hue=hue, nudge=1 if twin else 0, broken=broken), "utf-8")
    print(f"# {page}: layout {layout}, theme {theme}\n")
    print(f"{len(content.sections)} sections of the page are laid out by rule; its words are as they were.")
    if twin:
        print("A near-twin of the former one of its approach, on purpose.")
    if broken:
        print("Broken on purpose: its first heading is lost, and half of its style.")
    return 0
