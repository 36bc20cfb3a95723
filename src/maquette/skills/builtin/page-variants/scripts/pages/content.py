# pyright: basic, reportMissingImports=false
"""What a page says, without how it looks: a title, and sections of blocks."""

from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from typing import ClassVar


@dataclass
class Section:
    """`blocks`: HTML of paragraphs, lists and tables, with nothing in it but what people read."""

    heading: str
    blocks: list[str] = field(default_factory=list)


@dataclass
class Content:
    language: str = "en"
    title: str = ""
    lead: list[str] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)


class _Reader(HTMLParser):
    KEPT: ClassVar = {"a", "b", "strong", "em", "i", "code", "br", "time", "abbr", "q", "cite", "small"}
    BLOCKS: ClassVar = {"p", "ul", "ol", "dl", "table", "blockquote", "pre"}
    WITHIN: ClassVar = {"li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "caption"}
    PASSED: ClassVar = {"script", "style", "template", "svg", "nav", "head"}

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.content = Content()
        self._passing = 0
        self._heading = None
        self._title = False
        self._words = []
        self._block = None
        self._depth = 0

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        if tag == "html":
            self.content.language = known.get("lang") or "en"
        if tag == "title":
            self._title = True
        elif tag in self.PASSED:
            self._passing += 1
        elif self._passing:
            return
        elif tag in ("h1", "h2", "h3"):
            self._heading, self._words = tag, []
        elif self._block is None and tag in self.BLOCKS:
            self._block, self._depth = [f"<{tag}>"], 1
        elif self._block is not None and tag in self.BLOCKS | self.WITHIN:
            self._depth += tag in self.BLOCKS
            self._block.append(f"<{tag}>")
        elif self._block is not None and tag in self.KEPT:
            href = known.get("href") or ""
            safe = href if tag == "a" and not href.lower().lstrip().startswith(("javascript:", "data:")) else ""
            self._block.append(f'<{tag} href="{escape(safe)}">' if safe else f"<{tag}>")

    def handle_endtag(self, tag):
        if tag == "title":
            self._title = False
        elif tag in self.PASSED:
            self._passing = max(self._passing - 1, 0)
        elif self._passing:
            return
        elif tag == self._heading:
            self._head("".join(self._words).strip())
        elif self._block is not None and tag in self.BLOCKS | self.WITHIN | (self.KEPT - {"br"}):
            self._block.append(f"</{tag}>")
            self._depth -= tag in self.BLOCKS
            if self._depth == 0:
                self._put("".join(self._block))
                self._block = None

    def _head(self, words):
        heading, self._heading = self._heading, None
        if heading == "h1" and not self.content.sections:
            self.content.title = words
        else:
            self.content.sections.append(Section(words))

    def _put(self, block):
        place = self.content.sections[-1].blocks if self.content.sections else self.content.lead
        place.append(block)

    def handle_data(self, data):
        if self._title and not self.content.title:
            self.content.title = data.strip()
        elif self._passing or self._title:
            return
        elif self._heading:
            self._words.append(data)
        elif self._block is not None:
            self._block.append(escape(data, quote=False))


def read(text):
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.content
