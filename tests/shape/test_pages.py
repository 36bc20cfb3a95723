"""Pages and what makes them move are in two languages: nothing but this looks at both."""

from __future__ import annotations

import re

from shape.house import SOURCE

DATA = re.compile(r"\bdata_([a-z_]+)=")


def test_whatever_a_page_tells_its_scripts_and_styles_one_of_them_reads() -> None:
    static = SOURCE / "web" / "static"
    told = {name for path in (SOURCE / "web").rglob("*.py") for name in DATA.findall(path.read_text())}
    assert "api" in told
    readers = "".join(path.read_text() for path in [*static.glob("elements/*.js"), *static.glob("style/*.css")])
    camel = {name: re.sub("_(.)", lambda found: found[1].upper(), name) for name in told}
    read = {n for n in told if f"data-{n.replace('_', '-')}" in readers or re.search(rf"\b{camel[n]}\b", readers)}
    assert told == read
