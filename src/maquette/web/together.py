"""What a page is made of as few files: each that a browser fetches costs it more than all that is in most of them.

Written and read as many, put together when first asked for. Modules keep their own names by a function around each, so
what one exports is what it held when it had run; those that are loaded late (`await import`) stay files.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

IMPORT = re.compile(r'^import (?:\{ (?P<names>[^}]+) \} from )?"(?P<place>\.{1,2}/[\w/-]+\.js)";\n', re.M)
EXPORT = re.compile(r"^export (?P<said>(?:async )?(?:const|function|class) (?P<name>\w+))", re.M)
RENAMED = re.compile(r"^export \{ (?P<name>\w+) as (?P<other>\w+) \};\n", re.M)
OTHER = re.compile(r"^(?:import|export)\b.*", re.M)
"""Forms of the two that nothing here knows; none may be left."""

STYLES = ("tokens", "frame", "sheet", "cards", "inbox", "automations", "explore")


def styles(static: Path) -> str:
    return "".join((static / f"style/{name}.css").read_text() for name in STYLES)


def first(static: Path) -> str:
    """The scripts that come before anything is drawn."""
    return "".join((static / f"elements/{name}.js").read_text() for name in ("early", "looks"))


def modules(static: Path) -> str:
    """`elements/page.js` with all that it and they import, each exported as `$name`.

    Raises `ValueError` of an import or export of an unknown form, `RecursionError` of two that import each other.
    """
    vendors: dict[str, None] = {}
    bodies: dict[str, str] = {}

    def take_in(name: str) -> None:
        text = (static / "elements" / name).read_text()
        for found in IMPORT.finditer(text):
            if found["place"].startswith("../"):
                vendors[found[0]] = None
            elif (other := PurePosixPath(found["place"]).name) not in bodies:
                take_in(other)
        bodies[name] = _closed(name, text)

    take_in("page.js")
    return "".join([*vendors, *bodies.values(), f"export {{ {', '.join(map(_variable, bodies))} }};\n"])


def _closed(name: str, text: str) -> str:
    given = [found["name"] for found in EXPORT.finditer(text)]
    given += [f"{found['other']}: {found['name']}" for found in RENAMED.finditer(text)]
    body = RENAMED.sub("", EXPORT.sub(lambda found: found["said"], IMPORT.sub(_taken, text)))
    if strange := OTHER.search(body):
        raise ValueError(f"elements/{name}: {strange[0]}")
    return f"// {name}\nconst {_variable(name)} = (() => {{\n{body}return {{ {', '.join(given)} }};\n}})();\n"


def _taken(found: re.Match[str]) -> str:
    """An import, of what stands further up already."""
    if found["names"] is None or found["place"].startswith("../"):
        return ""
    return f"const {{ {found['names'].replace(' as ', ': ')} }} = {_variable(PurePosixPath(found['place']).name)};\n"


def _variable(name: str) -> str:
    return f"${name.removesuffix('.js').replace('-', '_')}"


TOGETHER: dict[str, Callable[[Path], str]] = {
    "style/page.css": styles,
    "elements/first.js": first,
    "elements/page.js": modules,
}
"""By the address that each has beside the files that it is made of."""
