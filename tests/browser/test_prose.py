"""What a model says, as its page shows it: while it is said, and once it is whole."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from browser.browsers import a_person, played
from house.bases import Machine, ask
from maquette.testing.models import Asked, Says, Slow, Turn

pytestmark = [
    pytest.mark.needs("chromium", "sudo apt-get install chromium"),
    pytest.mark.needs("bwrap", "sudo apt-get install bubblewrap"),
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
WRONG = """async (text) => {
  const { Prose } = await import("/static/elements/prose.js");
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


def play(asked: Asked) -> Turn:
    return Slow(0.01, Says(TEXT)) if "slowly" in asked.said else Says("Hello.")


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with played(tmp_path_factory.mktemp("m"), play) as machine:
        yield machine


def test_text_that_grows_looks_at_each_point_as_if_it_had_been_said_at_once(machine: Machine, browser: Browser) -> None:
    with a_person(machine, browser) as person:
        assert person.opens("/search").evaluate(WRONG, TEXT) is None


def test_what_was_drawn_while_it_was_said_is_the_answer_once_it_is_whole(machine: Machine, browser: Browser) -> None:
    with a_person(machine, browser) as person:
        thread = ask(machine, "POST", "/v1/threads", {"text": "say it slowly"})["thread"]
        page = person.opens(f"/threads/{thread}")
        heading = page.get_by_role("heading", name="One")
        heading.wait_for()
        heading.evaluate("heading => (heading.seen = true)")
        page.get_by_text("Came to its end").wait_for()
        expect(page.locator("#live")).to_be_hidden()
        assert heading.evaluate("heading => heading.seen")
        assert page.get_by_role("link", name="the rules").get_attribute("href") == "https://a.example/rules"
        expect(page.locator(".said ol").first).to_have_attribute("start", "3")
        expect(page.get_by_role("checkbox", checked=True)).to_be_disabled()
        assert page.get_by_role("columnheader", name="b").get_attribute("align") == "right"
