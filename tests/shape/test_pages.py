"""Pages and what makes them move are in two languages: nothing but this looks at both."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from maquette.web import together
from shape.house import SOURCE

DATA = re.compile(r"\bdata_([a-z_]+)=")


STATIC = SOURCE / "web" / "static"


def test_what_a_page_fetches_as_one_holds_each_script_once_and_what_comes_late_brings_none_of_it_again() -> None:
    held = re.findall(r"^// (\S+\.js)$", together.modules(STATIC), re.M)
    assert len(held) == len(set(held)) > 20
    late = {path for path in STATIC.glob("elements/*.js") if path.name not in held}
    assert {path.name for path in late} == {
        "early.js", "looks.js", "colouring.js", "diagramming.js", "diagrams.js", "tex.js",
    }  # fmt: skip
    for path in late:
        assert set(re.findall(r"""["']\./(\w+\.js)["']""", path.read_text())).isdisjoint(held), path


@pytest.mark.parametrize("form", ['import * as x from "./x.js";', "export default 1;", 'export * from "./x.js";'])
def test_a_script_whose_imports_or_exports_cannot_be_put_together_is_named(tmp_path: Path, form: str) -> None:
    (tmp_path / "elements").mkdir()
    (tmp_path / "elements/page.js").write_text('import { one } from "./other.js";\none();\n')
    (tmp_path / "elements/other.js").write_text(f"export const one = () => 1;\n{form}\n")
    with pytest.raises(ValueError, match=re.escape(f"elements/other.js: {form}")):
        together.modules(tmp_path)


def test_whatever_a_page_tells_its_scripts_and_styles_one_of_them_reads() -> None:
    told = {name for path in (SOURCE / "web").rglob("*.py") for name in DATA.findall(path.read_text())}
    assert "api" in told
    readers = "".join(path.read_text() for path in [*STATIC.glob("elements/*.js"), *STATIC.glob("style/*.css")])
    camel = {name: re.sub("_(.)", lambda found: found[1].upper(), name) for name in told}
    read = {n for n in told if f"data-{n.replace('_', '-')}" in readers or re.search(rf"\b{camel[n]}\b", readers)}
    assert told == read
