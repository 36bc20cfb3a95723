"""Hunks, put to the text of a file."""

from __future__ import annotations

import codecs
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from maquette.domain.errors import Refused
from maquette.tools.texts.documents import Document
from maquette.tools.texts.hunks import Revised, revise
from maquette.tools.texts.patches import UpdateFile, parse


def revised(before: bytes, body: str) -> Revised:
    (section,) = parse(f"*** Begin Patch\n*** Update File: f.py\n{body}\n*** End Patch")
    assert isinstance(section, UpdateFile)
    return revise(Document.of(before, "f.py"), section.hunks, "f.py")


def after(before: bytes, body: str) -> bytes:
    return revised(before, body).document.data()


TWO_CLASSES = b"class A:\n    def f(self):\n        return 1\n\nclass B:\n    def f(self):\n        return 1\n"


def test_an_anchor_says_which_of_two_places() -> None:
    body = "@@ class B:\n     def f(self):\n-        return 1\n+        return 2"
    assert after(TWO_CLASSES, body) == TWO_CLASSES[:-2] + b"2\n"


def test_anchors_are_nested() -> None:
    body = "@@ class B:\n@@     def f(self):\n-        return 1\n+        return 2"
    assert after(TWO_CLASSES, body) == TWO_CLASSES[:-2] + b"2\n"


def test_an_anchor_may_be_the_first_line_of_context_as_well() -> None:
    assert after(b"a\nb\nc\n", "@@ b\n b\n-c\n+d") == b"a\nb\nd\n"


def test_a_nested_anchor_must_lie_within_the_outer() -> None:
    with pytest.raises(Refused, match="def g"):
        revised(b"def g():\nclass A:\n    x\n", "@@ class A:\n@@ def g():\n-    x\n+    y")


def test_the_first_of_several_places_is_taken_and_told() -> None:
    result = revised(b"x\ny\nx\nx\n", "@@\n-x\n+z")
    assert result.document.data() == b"z\ny\nx\nx\n"
    assert result.notes == ("hunk 1 of f.py was put at line 1, the first of several places (2 more)",)


def test_hunks_follow_one_another() -> None:
    assert after(b"x\ny\nx\ny\n", "@@\n-x\n+1\n@@\n-x\n+2") == b"1\ny\n2\ny\n"


def test_a_hunk_out_of_order_is_found_further_up() -> None:
    assert after(b"a\nb\nc\n", "@@\n-c\n+3\n@@\n-a\n+1") == b"1\nb\n3\n"


def test_hunks_that_overlap_are_refused() -> None:
    with pytest.raises(Refused, match="overlaps"):
        revised(b"a\nb\nc\n", "@@\n-b\n+x\n@@\n a\n-b\n+y")


def test_end_of_file_takes_the_last_place() -> None:
    assert after(b"x\ny\nx\n", "@@\n-x\n+z\n*** End of File") == b"x\ny\nz\n"


def test_additions_alone_go_below_their_anchor_or_to_the_end() -> None:
    assert after(b"import a\nx\n", "@@ import a\n+import b") == b"import a\nimport b\nx\n"
    assert after(b"a\n", "@@\n+b") == b"a\nb\n"
    assert after(b"", "@@\n+b") == b"b\n"


@pytest.mark.parametrize(
    ("before", "body", "expected", "overlooked"),
    [
        (b"a  \nb\n", " a\n-b\n+c", b"a  \nc\n", "trailing whitespace"),
        (b"\ta\n\tb\n", " a\n-b\n+\tc", b"\ta\n\tc\n", "indentation"),
        ("“a” – b\u00a0c\nd\n".encode(), ' "a" - b c\n-d\n+e', "“a” – b\u00a0c\ne\n".encode(), "typographic"),
    ],
)
def test_leniency_keeps_the_files_own_context_and_says_so(
    before: bytes, body: str, expected: bytes, overlooked: str
) -> None:
    result = revised(before, body)
    assert result.document.data() == expected
    assert overlooked in result.notes[0]


def test_an_exact_place_wins_over_an_earlier_lenient_one() -> None:
    assert after(b"  x\nx\n", "@@\n-x\n+y") == b"  x\ny\n"


@pytest.mark.parametrize(
    ("before", "body", "expected"),
    [
        (b"a\r\nb\r\nc\r\n", " a\n-b\n+x\n+y", b"a\r\nx\r\ny\r\nc\r\n"),
        (b"a\nb\r\nc\n", "-b\n+x", b"a\nx\r\nc\n"),
        (b"\xef\xbb\xbfa\nb\n", "-a\n+x", b"\xef\xbb\xbfx\nb\n"),
        (b"a\nb", "-b\n+x", b"a\nx"),
        (b"a\nb", " b\n+x", b"a\nb\nx"),
        (b"a\nb", " a\n-b", b"a"),
        (b"a\nb", "-a\n b", b"b"),
        (b"a", "-a", b""),
        (b"a\r\nb", " b\n+x", b"a\r\nb\r\nx"),
        (b"caf\xe9\na\n", "-a\n+b", b"caf\xe9\nb\n"),
        ("e\u0301\na\n".encode(), "-a\n+b", "e\u0301\nb\n".encode()),
        (b"a\x0cb\x0b\nc\n", "-c\n+d", b"a\x0cb\x0b\nd\n"),
        ("\ufeffa\nb\n".encode("utf-16-le"), "-b\n+é", "\ufeffa\né\n".encode("utf-16-le")),
    ],
)
def test_f21_bytes_outside_the_change_are_kept(before: bytes, body: str, expected: bytes) -> None:
    assert after(before, body) == expected


def test_blank_context_that_is_not_there_is_overlooked() -> None:
    assert after(b"a\nb\n", "-a\n+c\n\n@@\n-b\n+d\n") == b"c\nd\n"


def test_what_does_not_match_is_said_with_the_nearest_lines() -> None:
    before = b"".join(b"line %d\n" % n for n in range(100))
    with pytest.raises(Refused) as caught:
        revised(before, "@@\n line 40\n-line 41 old\n+line 41 new\n line 42")
    said = str(caught.value)
    assert said.startswith("Hunk 1 of f.py doesn't match the file. It looks for:\nline 40\nline 41 old\nline 42\n")
    assert "41\tline 40\n42\tline 41\n43\tline 42" in said
    assert len(said) < 400


def test_a_binary_file_is_refused() -> None:
    with pytest.raises(Refused, match="binary"):
        revised(b"a\0b\n", "-a\n+b")


LINE = st.sampled_from(["a", "b", "  a", "a ", "", "“q”", "x = 1", "\tx"])


FEW = st.lists(LINE, max_size=3)
SOME = st.lists(LINE, min_size=2, max_size=4)
PIECES = st.lists(st.tuples(SOME, FEW, FEW, st.integers(0, 3)), max_size=4)
"""Lines that stay, lines that go, lines that come, and how many of the next that stay are shown as context."""


@st.composite
def edited(draw: st.DrawFn) -> tuple[bytes, str, bytes]:
    """A file, a patch made from changes of it, and what must come of it."""
    pieces = [(draw(FEW), draw(FEW), draw(FEW), 1), *draw(PIECES), (draw(FEW), list[str](), list[str](), 0)]
    old = [line for kept, gone, _, _ in pieces for line in (*kept, *gone)]
    new = [line for kept, _, come, _ in pieces for line in (*kept, *come)]
    body: list[str] = []
    context: list[str] = []
    shown = 0
    for number, ((kept, gone, come, after_it), (following, *_)) in enumerate(pairwise(pieces), 2):
        context, shown = context + kept[shown:], 0
        if gone or come:
            # Context back to where the last hunk ended, never none: then there is but one place.
            shown = min(after_it, len(following) - (number < len(pieces)))
            body += ["@@", *(" " + line for line in context), *("-" + line for line in gone)]
            body += [*("+" + line for line in come), *(" " + line for line in following[:shown])]
            context = []
    ending = draw(st.sampled_from(["\n", "\r\n"])) if len(old) > 1 else "\n"
    final = draw(st.booleans()) or not old or not old[-1] or not new or not new[-1]
    before, expected = (ending.join(lines) + (ending if lines and final else "") for lines in (old, new))
    return before.encode(), "\n".join(body), expected.encode()


@given(edited())
def test_a_patch_made_from_changes_makes_exactly_them(case: tuple[bytes, str, bytes]) -> None:
    before, body, expected = case
    if body:
        assert after(before, body) == expected


@example(codecs.BOM_UTF16_BE, ["a"], ["+"] + [" "] * 7)
@given(st.binary(max_size=200), st.lists(LINE, max_size=8), st.lists(st.sampled_from(" -+"), min_size=8))
def test_any_hunk_is_put_or_refused_and_what_it_does_not_name_stays(
    data: bytes, lines: list[str], marks: list[str]
) -> None:
    body = "\n".join(mark + line for mark, line in zip(marks, lines, strict=False))
    try:
        result = after(data, body)
    except Refused:
        return
    old, new = Document.of(data, "f.py"), Document.of(result, "f.py")
    assert new.bom == old.bom
    assert {*old.text.split()} - {word for line in lines for word in line.split()} <= {*new.text.split()}
