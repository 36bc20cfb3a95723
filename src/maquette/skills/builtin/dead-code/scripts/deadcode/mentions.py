"""Names that are mentioned where no Python reference shows: strings, templates, configuration, documentation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from .tree import Tree

_WORD = re.compile(r"[^\W\d]\w*")
_PROSE = {".md", ".rst", ".txt", ".adoc", ".org", ""}
_EVERY_WORD_WITHOUT_SUFFIX = {"Makefile", "Dockerfile", "Justfile", "Procfile", "Pipfile"}
_NOT_EVIDENCE = {"LICENSE", "COPYING", "AUTHORS", "NOTICE", "CONTRIBUTORS"}
_NAMES_ONLY = re.compile(r"[\w.:/\\|-]+(?:,\s*[\w.:/\\|-]+)*,?")
_CODE_BLOCK = re.compile(r"```.*?```|~~~.*?~~~|``[^`]+``|`[^`\n]+`|^(?: {4}|\t).*$|^\s*>>> .*$", re.M | re.S)
_AUTODOC = re.compile(r"(?:automodule|autoclass|autosummary|autofunction)::\s*([\w.]+)|^:::\s*([\w.]+)", re.M)


def code_words(text: str) -> Iterator[str]:
    """Words that look like names in code: `snake_case`, `camelCase`, `call(`, `.attribute`, `:role:`name``."""
    for match in _WORD.finditer(text):
        word, end, start = match[0], match.end(), match.start()
        inner = word[1:]
        if (
            "_" in word
            or (inner != inner.lower() and inner != inner.upper())
            or text[end : end + 1] == "("
            or text[start - 1 : start] in {".", ":", "`", "{", "'", '"'}
            or text[start - 2 : start] == "%("
        ):
            yield word


def string_words(text: str) -> Iterator[str]:
    """The names a string literal may stand for: all, if it is nothing but names (`a`, `a.b:c`, `a, b`)."""
    if _NAMES_ONLY.fullmatch(text):
        yield from _WORD.findall(text)
    else:
        yield from code_words(text)


def prose_words(text: str) -> Iterator[str]:
    """Words in documentation that name code: anything in a code block or backticks, and code-like words outside."""
    yield from code_words(text)
    for block in _CODE_BLOCK.findall(text):
        yield from _WORD.findall(block)


def is_library(classifiers: str) -> bool:
    return "Software Development :: Libraries" in classifiers or "Intended Audience :: Developers" in classifiers


@dataclass
class Mentions:
    """Where each name is first mentioned in a tracked file that isn't Python."""

    names: dict[str, str] = field(default_factory=dict[str, str])
    documented: set[str] = field(default_factory=set[str])
    """Names in prose; whole modules under automodule and its like by dotted path."""
    modules: set[str] = field(default_factory=set[str])
    is_library: bool = False
    """The packaging says that it is for developers to use."""
    shows_all: bool = False
    """The documentation also shows what has no docstring."""
    raw: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Path and text, for looking up a module's file name or dotted path."""

    def module_mentioned(self, dotted: str, stem: str) -> str | None:
        """Names the file that speaks of the module by dotted path or by file name."""
        patterns = [rf"(?<![\w.]){re.escape(dotted)}(?!\w)"] if "." in dotted else []
        pattern = re.compile("|".join([*patterns, rf"(?<!\w){re.escape(stem)}\.py(?!\w)"]))
        return next((path for path, text in self.raw if stem in text and pattern.search(text)), None)


def read_mentions(tree: Tree) -> Mentions:
    """Reads every tracked file that isn't Python; binary ones are passed over."""
    found = Mentions()
    for path in tree.texts:
        pure = PurePosixPath(path)
        if pure.stem.upper() in _NOT_EVIDENCE:
            continue
        data = (tree.root / path).read_bytes()
        if b"\0" in data[:8192]:
            continue
        text = data.decode("utf-8", "replace")
        prose = pure.suffix.lower() in _PROSE and pure.name not in _EVERY_WORD_WITHOUT_SUFFIX
        words = set(prose_words(text) if prose else _WORD.findall(text))
        if prose:
            found.documented |= words
        for word in words:
            found.names.setdefault(word, path)
        found.modules.update(a or b for a, b in _AUTODOC.findall(text))
        found.is_library |= pure.name in {"pyproject.toml", "setup.cfg"} and is_library(text)
        found.shows_all |= "undoc-members" in text or "show_if_no_docstring" in text
        found.raw.append((path, text))
    return found
