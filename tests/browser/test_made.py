"""Files that a thread made, as a person sees them in its result."""

from __future__ import annotations

import shlex
from base64 import b64encode
from contextlib import closing

import pytest
from playwright.sync_api import Browser, expect

from browser.browsers import a_person
from browser.looks import used_by_everybody_in_light_and_dark
from house.bases import Line, Machine, ask
from house.papers import document, paragraph, pdf, workbook
from maquette.testing.models import Asked, Call, Calls, Says, Turn

pytestmark = [
    pytest.mark.needs("chromium", "sudo apt-get install chromium"),
    pytest.mark.boxed,
]
PAGE = "<h1>Hello</h1><script>parent.document.title = 'mine'</script><img src=https://elsewhere.example/a.png>"
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30" onload="alert(1)"></svg>'
TABLE = "name,sum\n" + "".join(f"row{n},{n}\n" for n in range(50))
FILES = {
    "a page.html": PAGE,
    "dot.svg": PICTURE,
    "sums.csv": TABLE,
    "notes.md": "It **grew**. <script>alert(1)</script>",
}
PAPERS = {
    "broken.xlsx": b"no sheets",
    "report.docx": document(paragraph("The year", "Title") + paragraph("&lt;img src=x&gt; one", depth=0)),
    "report.pdf": pdf(5),
    "sums.xlsx": workbook(
        {"May": [["name", "sum"], ["<b>a</b>", 12]], "June": [["in all"], ["=SUM(A3:A4)"], [2], [3]]}
    ),
}


def play(asked: Asked) -> Turn:
    if asked.results:
        return Says("Made.")
    made = [f"printf %s {shlex.quote(text)} > {shlex.quote(path)}" for path, text in FILES.items()]
    made += [f"echo {b64encode(held).decode()} | base64 -d > {path}" for path, held in PAPERS.items()]
    return Calls(Call("shell", {"command": "; ".join((*made, "ln -s /etc/passwd out.txt"))}))


@pytest.fixture(scope="module")
def files(machine: Machine) -> str:
    """Their thread."""
    thread = machine.ok("run", "make files", "--no-wait").strip()
    machine.run("show", "--follow", thread)
    return thread


def test_s22_s23_files_and_papers_that_were_made_are_seen_in_both_faces_and_can_do_nothing(
    machine: Machine, browser: Browser, files: str
) -> None:
    with a_person(machine, browser, viewport={"width": 360, "height": 800}) as person:
        page = person.opens(f"/threads/{files}")
        page.get_by_role("button", name="Detail").first.click()
        for path in PAPERS:
            page.locator(".made figcaption", has_text=path).scroll_into_view_if_needed()
        expect(page.get_by_role("tab", name="May")).to_be_visible()
        page.get_by_role("button", name="Plain").first.click()
        expect(page.get_by_role("cell", name="row19")).to_be_visible()
        expect(page.get_by_role("cell", name="row20")).to_have_count(0)
        expect(page.get_by_text("30 more rows.")).to_be_visible()
        expect(page.locator(".made strong", has_text="grew")).to_be_visible()
        expect(page.locator(".made").get_by_text("out.txt")).to_have_count(0)
        picture = page.get_by_role("img", name="dot.svg")
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("naturalWidth", 40)
        frame = page.locator("iframe")
        frame.scroll_into_view_if_needed()
        expect(page.frame_locator("iframe").get_by_role("heading", name="Hello")).to_be_visible()
        assert page.title() != "mine"
        expect(page.get_by_text("It can’t be read")).to_be_visible()
        expect(page.get_by_role("heading", name="The year")).to_be_visible()
        expect(page.get_by_role("listitem").get_by_text("<img src=x> one")).to_be_visible()
        expect(page.get_by_role("cell", name="<b>a</b>")).to_be_visible()
        sums = page.locator(".made figure", has_text="sums.xlsx")
        sums.get_by_role("tab", name="May").press("ArrowRight")
        expect(sums.get_by_role("tab", name="June")).to_be_focused()
        expect(sums.get_by_role("cell", name="5")).to_be_visible()
        expect(sums.get_by_role("cell", name="name")).to_be_hidden()
        page.get_by_role("button", name="Show more pages").click()
        last = page.get_by_role("img", name="Page 5 of 5. This is page 5")
        last.scroll_into_view_if_needed()
        expect(last).to_have_js_property("naturalWidth", 1000)
        expect(page.get_by_role("button", name="Show more pages")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        used_by_everybody_in_light_and_dark(page, "the page", iframes=False)
        refused = [said for said in person.complaints if "a%20page.html" in said or "elsewhere.example" in said]
        assert any("sandboxed" in said for said in refused)
        person.complaints[:] = [said for said in person.complaints if said not in refused]


def test_s23_a_made_file_keeps_its_powers_to_itself_and_only_files_of_the_result_are_given(
    machine: Machine, files: str
) -> None:
    commit = ask(machine, "GET", f"/v1/threads/{files}/result")["kept"]["commit"]
    for path, status, media in (
        (f"{commit}/a%20page.html", 200, "text/html; charset=utf-8"),
        (f"{commit}/dot.svg", 200, "image/svg+xml"),
        (f"{commit}/sums.csv", 200, "application/octet-stream"),
        (f"{commit}/out.txt", 404, ""),
        (f"{commit}/../../../../etc/passwd", 404, ""),
        (f"{'0' * 40}/dot.svg", 404, ""),
    ):
        with closing(Line(machine)) as line:
            line.request("GET", f"/threads/{files}/made/{path}")
            answer = line.getresponse()
            said = answer.read()
            assert answer.status == status, (path, said)
            if status == 200:
                assert answer.headers["Content-Type"] == media
                assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
            if media == "application/octet-stream":
                assert answer.headers["Content-Disposition"].startswith("attachment")
