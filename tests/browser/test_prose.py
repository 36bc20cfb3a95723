"""What a model says, as its page shows it: while it is said, and once it is whole."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from browser.browsers import PATIENCE, Person
from browser.looks import used_by_everybody, used_by_everybody_in_light_and_dark
from house.bases import Machine, ask
from maquette.domain.cards import DiffCard
from maquette.testing.models import Asked, Says, Slow, Turn
from maquette.web.cards import draw
from maquette.web.statics import static

pytestmark = [
    pytest.mark.needs("chromium", "sudo apt-get install chromium"),
    pytest.mark.boxed,
]
TEXT = """# One

See [the rules][r], *here* and **there**, `code` and https://a.example/x.\r
Second line\\
third: [r], ![a picture](https://a.example/p.png)

Two
---
3. three
4. four
   - inner **one**

     with a paragraph

   - [x] done
   - [ ] to do
5. five

* loose

* list
  > quoted *words*
  > - and a list

```py
def one():

    return "# not a heading"
```
> ## Quoted
> text
lazy

| a | b |
|:--|--:|
| `1` | **2** |
| 3 | 4 |

<b>bold, and <div>not closed

    indented

[r]: https://a.example/rules "Rules"
[r]: https://a.example/others

- last
  ~~~
  open
"""
WRONG = """async ([address, text]) => {
  const { $prose: { Prose } } = await import(address);
  const place = () => document.createElement("div");
  for (const [step, looks] of [[1, 5], [67, 1]]) {
    const grown = place(), prose = new Prose(grown);
    for (let at = 0, times = 1; at < text.length; at += step, times++) {
      prose.add(text.slice(at, at + step));
      prose.draw();
      if (times % looks && at + step < text.length) continue;
      const once = place(), all = new Prose(once);
      all.add(text.slice(0, at + step));
      all.draw();
      if (grown.innerHTML !== once.innerHTML) return [step, at, grown.innerHTML, once.innerHTML];
    }
  }
}"""
"""Says the text in pieces of two sizes, and where that looks unlike what was said so far, said at once."""


DIFF = """diff --git a/totals.py b/totals.py
--- a/totals.py
+++ b/totals.py
@@ -1,3 +1,4 @@
 def total(lines):
-    return "old <b>" + round(lines, 20)  # sum
+    return "new <b>" + round(lines, 30)  # sum
+    pass
     \"\"\"End.\"\"\"
"""
LONG = "Use **this**:\n\n```py\nround(1)\n```\n\n" + "And so on.\n\n" * 30
COPIED = """async (kind) => {
  const [copied] = await navigator.clipboard.read();
  return await (await copied.getType(kind)).text();
}"""
SHOWN = """([html, text]) => {
  const place = document.querySelector("main > article");
  place.insertAdjacentHTML("beforeend", `<h2>Answer</h2>${html}`);
  const said = document.createElement("mark-down");
  said.className = "prose";
  said.textContent = text;
  place.append(said);
}"""


def play(asked: Asked) -> Turn:
    return Slow(0.01, Says(TEXT)) if "slowly" in asked.said else Says(LONG)


@pytest.fixture
def page(person: Person) -> Iterator[Page]:
    """A new one in the same place."""
    page = (person.context.pages or [person.opens("/v1/health")])[0]
    page.goto(f"{person.address}/search")
    yield page
    said, person.complaints = person.complaints, []
    assert not said


def test_text_that_grows_looks_at_each_point_as_if_it_had_been_said_at_once(page: Page) -> None:
    assert page.evaluate(WRONG, [static("elements/page.js"), TEXT]) is None


def test_what_was_drawn_while_it_was_said_is_the_answer_once_it_is_whole(
    machine: Machine, person: Person, page: Page
) -> None:
    thread = ask(machine, "POST", "/v1/threads", {"text": "say it slowly"})["thread"]
    page.goto(f"{person.address}/threads/{thread}")
    heading = page.get_by_role("heading", name="One")
    heading.wait_for()
    heading.evaluate("heading => (heading.seen = true)")
    page.get_by_text("Came to its end").wait_for()
    expect(page.locator("#live")).to_be_hidden()
    assert heading.evaluate("heading => heading.seen")
    assert page.get_by_role("link", name="the rules").get_attribute("href") == "https://a.example/rules"
    expect(page.locator(".said ol").first).to_have_attribute("start", "3")
    expect(page.get_by_role("checkbox", name="done")).to_be_disabled()
    assert page.get_by_role("columnheader", name="b").get_attribute("align") == "right"


def test_answers_and_code_are_copied_and_who_scrolled_up_is_told_of_more_below(
    machine: Machine, person: Person, page: Page
) -> None:
    person.context.grant_permissions(["clipboard-read", "clipboard-write"])
    thread = ask(machine, "POST", "/v1/threads", {"text": "say it at length"})["thread"]
    page.goto(f"{person.address}/threads/{thread}")
    page.get_by_text("Came to its end").wait_for()
    page.locator("html[data-ready]").wait_for()
    copies = page.locator(".said").get_by_role("button", name="Copy")
    copies.click()
    page.locator(".said").get_by_role("button", name="Copied").wait_for()
    assert page.evaluate(COPIED, "text/plain") == LONG
    assert "<strong>this</strong>" in page.evaluate(COPIED, "text/html")

    page.keyboard.press("f")
    page.locator(".said pre").focus()
    page.keyboard.press("c")
    over = page.locator(".copies")
    expect(over).to_have_text("Copied")
    used_by_everybody(page, "a code with a button over it")
    assert page.evaluate(COPIED, "text/plain") == "round(1)"
    page.keyboard.press("e")
    expect(over).to_be_hidden()
    page.locator(".said pre").hover()
    expect(over).to_have_text("Copy")

    page.evaluate("scrollTo(0, 0)")
    below = page.get_by_role("button", name="More below")
    expect(below).to_be_hidden()
    ask(machine, "POST", f"/v1/threads/{thread}/messages", {"text": "and then?"})
    below.wait_for()
    assert page.evaluate("scrollY") == 0, "nothing moves under who reads"
    below.click()
    expect(page.get_by_text("Came to its end").last).to_be_in_viewport()
    expect(below).to_be_hidden()


def test_code_and_differences_have_colours_that_everybody_can_read_and_changed_words_stand_out(page: Page) -> None:
    loaded = "() => performance.getEntriesByType('resource').map(({ name }) => name).join()"
    assert "highlight" not in page.evaluate(loaded), "where there is no code"
    card = DiffCard(diff=DIFF, added=2, removed=1, files=("totals.py",))
    large = ("long = 1; " * 50 + "\n") * 100
    page.evaluate(SHOWN, [str(draw(card)), f"{TEXT}  ~~~\n\n```py\n{large}```\n\n```py\nlast = 10\n```"])
    said = page.locator(".prose pre")
    expect(said.first.locator(".code-text")).to_have_text('"# not a heading"')
    gone, come = page.locator(".row.minus code"), page.locator(".row.plus code").first
    for line, word in ((gone, "old"), (come, "new")):
        expect(line.locator(".code-word")).to_have_text("return")
        expect(line.locator("mark .code-text")).to_have_text(word)
        expect(line).to_have_text(f'    return "{word} <b>" + round(lines, {20 if word == "old" else 30})  # sum')
    used_by_everybody_in_light_and_dark(page, "colours")
    said.last.scroll_into_view_if_needed()
    expect(said.last.locator(".code-number")).to_have_text("10")
    expect(said.nth(-2).locator("span")).to_have_count(0)


MATH = r"""Prices: $5 and $6, US$7/$8, $20k is what we pay and 30$ too, \$9$, `$HOME:$PATH`.

Math: $x^2$, \(a_1 * b * c\), so

$$
x
=
1
$$

\[\frac{1}{2}\] and $\text{<img src=x onerror="document.title='mine'">}$ and $\color{red}x$, but
$\href{javascript:alert(1)}{here}$ and $\frac{$ aren't, nor <code data-math="inline">\class{asks}{x}</code>.
"""


def test_s23_math_is_drawn_as_such_and_prices_are_none_and_nothing_in_it_runs(page: Page) -> None:
    page.evaluate(SHOWN, ["", MATH])
    said = page.locator("mark-down")
    expect(said.locator("math")).to_have_count(6)
    prices = r"Prices: $5 and $6, US$7/$8, $20k is what we pay and 30$ too, $9$, $HOME:$PATH."
    expect(said.locator("p").first).to_have_text(prices)
    expect(said.locator("math[display=block]")).to_have_count(2)
    expect(said.locator("msup")).to_have_count(1)
    undrawn = [r"\href{javascript:alert(1)}{here}", r"\frac{", r"\class{asks}{x}"]
    expect(said.locator("code[data-math]")).to_have_text(undrawn)
    expect(said.locator("mi", has_text="x").last).to_have_css("color", "rgb(255, 0, 0)")
    assert said.locator("img, a, [onerror], [href], .asks").count() == 0
    assert page.title() != "mine"
    used_by_everybody(page, "math")


LASTING = r"""async address => {
  const { $prose: { Prose } } = await import(address);
  const long = {
    opened: "\\[\n".repeat(20_000),
    dollars: "$ ".repeat(30_000),
    nested: ">".repeat(3_000) + " the end",
    lists: "- ".repeat(1_500) + "the end",
    defined: "$$\\def\\a{" + "x".repeat(3_000) + "}" + "\\a".repeat(150) + "$$",
    fenced: "```math\n" + "x+".repeat(100_000) + "\n```",
  };
  const told = {};
  for (const [name, text] of Object.entries(long)) {
    const place = document.createElement("mark-down");
    document.querySelector("main").append(place);
    const prose = new Prose(place), begun = performance.now();
    prose.add(text);
    prose.end();
    for (let frames = 0; frames < 5; frames++) await new Promise(requestAnimationFrame);
    if (performance.now() - begun > 3_000) told[name] = performance.now() - begun;
    if (name in { nested: 1, lists: 1 } && !place.textContent.includes("the end")) told[name] = "lost";
    place.remove();
  }
  return told;
}"""


def test_no_text_holds_up_its_page_for_long_or_is_lost(page: Page) -> None:
    """Each of these took seconds to many of them, or left nothing to be seen."""
    page.evaluate(SHOWN, ["", "$x$"])
    expect(page.locator("mark-down math")).to_have_count(1)
    assert page.evaluate(LASTING, static("elements/page.js")) == {}


def test_s23_math_is_not_drawn_over_what_is_around_it(page: Page) -> None:
    """S23: what a model says stays in its place, whatever its TeX moves."""
    page.evaluate(SHOWN, ["", r"$\raisebox{15em}{\text{Up}}$ and $\kern-90em\text{Left}$"])
    expect(page.locator("mark-down math")).to_have_count(2)
    expect(page.locator("mark-down")).to_have_css("overflow", "clip")


GOOD = "flowchart TD\n  A[Brief] --> B[Page]\n  B --> C[Change]"
HOSTILE = """%%{init: {"securityLevel": "loose", "htmlLabels": true, "flowchart": {"htmlLabels": true},
  "themeCSS": "* { background: url(https://elsewhere.example/css) }"}}%%
flowchart TD
  A["<img src=https://elsewhere.example/a.png onerror=parent.document.title='mine'><script>alert(1)</script>"] --> B
  B["<a href='https://elsewhere.example'>there</a>"] --> C[fine]
  click A href "javascript:alert(document.domain)"
  click B href "https://elsewhere.example/b" _self
  click C call alert()
"""
HUGE = "flowchart TD\n" + "\n".join(f"  n{n} --> n{n + 1}" for n in range(301))
REACHES = """async () => {
  const tries = {
    page: () => parent.document.title,
    cookie: () => document.cookie,
    kept: () => localStorage.length,
    base: () => fetch("/v1/health"),
    outside: () => fetch("https://elsewhere.example/"),
    more: () => new Promise((done, failed) => {
      const script = document.createElement("script");
      Object.assign(script, { textContent: "document.title = 'ran'", onerror: failed });
      document.head.append(script);
      if (document.title !== "ran") failed();
    }),
  };
  const reached = [];
  for (const [name, what] of Object.entries(tries)) {
    try {
      await what();
      reached.push(name);
    } catch {}
  }
  return reached;
}"""
"""What of it all can be done where a diagram is drawn."""


def test_s22_s23_a_diagram_is_drawn_where_nothing_can_be_reached_and_does_nothing(person: Person, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    sources = "\n\n".join(f"```mermaid\n{source}\n```" for source in (GOOD, HOSTILE, HUGE, "no diagram"))
    page.evaluate(SHOWN, ["", sources])
    figures = page.locator(".diagram")
    expect(figures.locator(".note")).to_have_count(2, timeout=PATIENCE)
    expect(figures.locator("iframe[sandbox=allow-scripts]")).to_have_count(2)
    for failed in (2, 3):
        expect(figures.nth(failed).locator(".note")).to_contain_text("This diagram can’t be drawn: ")
        expect(figures.nth(failed).locator("pre")).to_be_visible()
    good, hostile = (figures.nth(number).frame_locator("iframe") for number in (0, 1))
    expect(good.get_by_text("Change")).to_be_visible(timeout=PATIENCE)
    fits = figures.first.locator("iframe").evaluate("frame => frame.clientHeight")
    assert fits == round(good.locator("#drawn").evaluate("drawn => drawn.clientHeight"))
    page.evaluate("postMessage({ height: 3000 }, '*'); postMessage({ failed: 'forged' }, '*')")
    expect(hostile.get_by_text("fine")).to_be_visible(timeout=PATIENCE)
    assert hostile.locator("img, script:not(body > script), [href], [onerror], [onclick]").count() == 0
    hostile.get_by_text("there").click()
    hostile.get_by_text("fine").click()
    assert page.title() != "mine"
    expect(figures.locator(".note")).to_have_count(2)
    assert figures.first.locator("iframe").evaluate("frame => frame.clientHeight") == fits
    figures.first.get_by_text("Source of the diagram").click()
    expect(figures.first.locator("pre")).to_have_text(GOOD)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    used_by_everybody(page, "diagrams", iframes=False)
    assert not person.complaints
    assert page.frames[1].evaluate(REACHES) == []
    person.complaints.clear()
