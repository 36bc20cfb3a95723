# pyright: basic, reportMissingImports=false
"""A page whose style is a file of its own: what is laid out anew is that file, and of the page only what must be.

So what one attempt adds to the page can be taken into another's layout.
"""

import re
from html import escape

from pages.looks import style_of

_LINKED = re.compile(r'<link\b[^>]*\brel="?stylesheet"?[^>]*\bhref="([^":?#]+\.css)"')
_SECTION = re.compile(r"(<section\b[^>]*>)\s*<h2>(.*?)</h2>(.*?)</section>", re.DOTALL)
_PLACED = re.compile(r'<section\b[^>]*\bid="([\w-]+)"[^>]*>\s*<h2>(.*?)</h2>', re.DOTALL)
_ROW = re.compile(r"<tr>\s*<th>(.*?)</th>\s*<td>(.*?)</td>\s*</tr>", re.DOTALL)
ADDED_WORDS = {
    "hours": "with the first table in a line below the title",
    "contents": "with links to its sections",
    "top": "with a way back to the top",
}
ADDED = tuple(ADDED_WORDS)


def style_file(page, text):
    """The style sheet that a page links beside itself, if its parts can be told apart."""
    linked = _LINKED.search(text)
    whole = all(mark in text for mark in ("</header>", "<main", "</footer>", "<section"))
    found = page.parent / linked[1] if linked and whole else None
    return found if found and found.is_file() else None


def laid_out(text, layout, theme, *, hue=None, nudge=0, broken=False):
    """The page and its style."""
    how = f"layout {layout}, theme {theme}{', broken on purpose' if broken else ''}"
    style = style_of(layout, theme, hue=hue, nudge=nudge) + f'footer::after{{content:"Made by rule: {how}."}}'
    if broken:
        style, text = style[: len(style) // 2], without_heading(text)
    if layout == "accordion":
        first = text.index("<section")
        text = _SECTION.sub(lambda found: _folded(found.start() == first, *found.groups()), text)
    if layout == "sidebar":
        text = text.replace("</header>", f"{_links(text)}\n</header>", 1)
    return text, f"/* Maquette, by rule: {how} */\n" + style.replace("}", "}\n")


def without_heading(text):
    return re.sub(r"<h1>.*?</h1>\n?", "", text, count=1, flags=re.DOTALL)


def _folded(opened, _, heading, inner):
    summary = f'<summary><h2 style="display:inline">{heading}</h2></summary>'
    return f"<details{' open' if opened else ''}>{summary}{inner}</details>"


def _links(text):
    listed = "".join(f'<li><a href="#{place}">{heading}</a></li>' for place, heading in _PLACED.findall(text))
    return f"<ul>{listed}</ul>"


def with_more(text, which, *, nudge=0, broken=False):
    """The page with one thing more; everything else stays as it is, its style too."""
    said = " " * nudge
    if broken:
        text = without_heading(text)
    if which == "hours":
        hours = " · ".join(f"<strong>{day}</strong> {hour}" for day, hour in _ROW.findall(text))
        return text.replace("</header>", f"<p>{said}{hours}</p>\n</header>", 1)
    if which == "contents":
        label = escape("On this page", quote=True)
        return text.replace("</header>", f'</header>\n<nav aria-label="{label}">{said}{_links(text)}</nav>', 1)
    return text.replace("</footer>", f'<p>{said}<a href="#top">Back to the top</a></p>\n</footer>', 1)
