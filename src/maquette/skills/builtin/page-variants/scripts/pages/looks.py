# pyright: basic, reportMissingImports=false
"""Layouts and themes: what a page's content is put into."""

from html import escape

THEMES = {
    "paper": ("#fbf7ef", "#2b2620", "#8a3b12", "#efe6d6", "Georgia, 'Times New Roman', serif"),
    "ink": ("#12151c", "#e8eaf0", "#7cc4ff", "#1d222d", "system-ui, sans-serif"),
    "dusk": ("#2a1f3d", "#f3e9ff", "#ffb36b", "#3a2c54", "'Trebuchet MS', system-ui, sans-serif"),
    "mint": ("#f2fbf6", "#11322a", "#0b7a5b", "#dcf3e8", "Verdana, system-ui, sans-serif"),
    "clay": ("#f6ece6", "#3a1f16", "#b4432a", "#ecd9ce", "Palatino, Georgia, serif"),
    "signal": ("#ffffff", "#000000", "#d80027", "#f2f2f2", "'Helvetica Neue', Arial, sans-serif"),
}
"""Ground, text, accent, second ground, letters."""

_ALL = (
    "*{box-sizing:border-box}body{margin:0;background:GROUND;color:TEXT;font:17px/1.6 LETTERS}a{color:ACCENT}"
    "h1,h2{line-height:1.15;text-wrap:balance}h1{font-size:2.6rem;margin:0 0 .4em}h2{font-size:1.35rem;color:ACCENT;"
    "margin:0 0 .5em}ul,ol,dl{padding-left:1.2em}table{border-collapse:collapse;width:100%}td,th{padding:.4em .6em;"
    "text-align:left;border-bottom:1px solid SECOND}footer{opacity:.7;font-size:.8rem;padding:1.5rem}"
)
LAYOUTS = {
    "column": "main{max-width:40rem;margin:0 auto;padding:4rem 1.5rem}section{margin-top:2.5rem}",
    "poster": (
        "header{min-height:70vh;display:grid;place-content:center;text-align:center;padding:3rem;background:SECOND}"
        "header h1{font-size:5rem}main{max-width:52rem;margin:0 auto;padding:2rem}section{margin:2rem 0}"
    ),
    "cards": (
        "header{padding:2.5rem 3rem 0}main{display:grid;grid-template-columns:repeat(auto-fit,minmax(17rem,1fr));"
        "gap:1.2rem;padding:2rem 3rem}section{background:SECOND;border-radius:14px;padding:1.4rem}"
    ),
    "magazine": (
        "header{padding:2rem 3rem;border-bottom:6px solid ACCENT}header h1{font-size:3.6rem}"
        "main{columns:3 18rem;column-gap:2.5rem;padding:2rem 3rem}section{break-inside:avoid;margin-bottom:2rem}"
    ),
    "table": (
        "header{padding:1.5rem 2rem}main{padding:0 2rem}section{display:grid;grid-template-columns:12rem 1fr;gap:1rem;"
        "border-top:1px solid ACCENT;padding:.9rem 0}section h2{font-size:1rem}"
    ),
    "steps": (
        "header{padding:3rem 3rem 1rem}main{padding:0 3rem 3rem 5rem;counter-reset:s}section{counter-increment:s;"
        "border-left:3px solid ACCENT;padding:0 0 1.6rem 2.2rem;position:relative}section::before{content:counter(s);"
        "position:absolute;left:-1.15rem;top:-.2rem;width:2.2rem;height:2.2rem;border-radius:50%;background:ACCENT;"
        "color:GROUND;display:grid;place-content:center;font-weight:700}"
    ),
    "accordion": (
        "header{padding:3rem 2rem 1rem;max-width:46rem;margin:auto}main{max-width:46rem;margin:auto;padding:0 2rem}"
        "details{border-bottom:1px solid SECOND;padding:1rem 0}summary{font-size:1.2rem;color:ACCENT;cursor:pointer}"
    ),
    "sidebar": (
        "body{display:grid;grid-template-columns:17rem 1fr;min-height:100vh}header{background:SECOND;grid-row:1/3;"
        "padding:2.5rem 1.5rem}header h1{font-size:1.9rem}main{padding:2.5rem 3rem;max-width:52rem}"
        "section{margin-bottom:2.2rem}"
    ),
}


def style_of(layout, theme, *, hue=None, nudge=0):
    """`hue`: of the accent, in degrees. `nudge`: so many pixels more above the last line."""
    ground, text, accent, second, letters = THEMES[theme]
    accent = accent if hue is None else f"hsl({hue} 65% {70 if int(ground[1:3], 16) < 128 else 35}%)"
    style = _ALL + LAYOUTS[layout]
    words = {"GROUND": ground, "TEXT": text, "ACCENT": accent, "SECOND": second, "LETTERS": letters}
    for word, value in words.items():
        style = style.replace(word, value)
    return f"{style}footer{{margin-top:{nudge}px}}" if nudge else style


def drawn(content, layout, theme, *, hue=None, nudge=0, broken=False):
    """The whole page."""
    style = style_of(layout, theme, hue=hue, nudge=nudge)
    sections = content.sections
    heading = f"<h1>{escape(content.title)}</h1>"
    if broken:
        style, heading = style[: len(style) // 2], ""
    links = ""
    if layout == "sidebar":
        listed = "".join(f'<li><a href="#s{n}">{escape(s.heading)}</a></li>' for n, s in enumerate(sections))
        links = f"<ul>{listed}</ul>"
    body = "".join(_section(layout, number, section) for number, section in enumerate(sections))
    how = f"layout {layout}, theme {theme}{', broken on purpose' if broken else ''}"
    return (
        f'<!doctype html>\n<html lang="{escape(content.language)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="generator" content="Maquette, by rule: {how}">\n'
        f"<title>{escape(content.title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f"<header>{heading}{''.join(content.lead)}{links}</header>\n<main>\n{body}</main>\n"
        f"<footer>Made by rule: {how}.</footer>\n</body>\n</html>\n"
    )


def _section(layout, number, section):
    inner = "\n".join(section.blocks)
    heading = escape(section.heading)
    if layout == "accordion":
        opened = " open" if number < 2 else ""
        summary = f'<summary><h2 style="display:inline">{heading}</h2></summary>'
        return f'<details id="s{number}"{opened}>{summary}{inner}</details>\n'
    return f'<section id="s{number}"><h2>{heading}</h2><div>{inner}</div></section>\n'
