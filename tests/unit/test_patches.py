"""The patch format, read."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maquette.domain.errors import Refused
from maquette.tools.texts.patches import AddFile, DeleteFile, Hunk, Mark, UpdateFile, parse

WHOLE = """*** Begin Patch
*** Add File: docs/new.md
+# New
+
+text
*** Delete File: old.md
*** Update File: src/a.py
*** Move to: src/b.py
@@ class A:
@@     def f(self):
     x = 1
-    y = 2
+    y = 3
 
@@
-last
*** End of File
*** End Patch"""

PARSED = (
    AddFile("docs/new.md", "# New\n\ntext\n"),
    DeleteFile("old.md"),
    UpdateFile(
        "src/a.py",
        (
            Hunk(
                1,
                ("class A:", "def f(self):"),
                (
                    (Mark.KEEP, "    x = 1"),
                    (Mark.REMOVE, "    y = 2"),
                    (Mark.ADD, "    y = 3"),
                    (Mark.KEEP, ""),
                ),
            ),
            Hunk(2, (), ((Mark.REMOVE, "last"),), at_end=True),
        ),
        "src/b.py",
    ),
)


def test_every_part_of_the_format_is_read() -> None:
    assert parse(WHOLE) == PARSED


@pytest.mark.parametrize(
    "wrapped",
    [
        f"\n\n  {WHOLE}\n\n",
        f"apply_patch <<'EOF'\n{WHOLE}\nEOF",
        f'<<"PATCH"\n{WHOLE}\nPATCH\n',
        f"<<EOF\n{WHOLE}\nEOF",
        f"apply_patch <<'EOF'\n{WHOLE}",
        f"```diff\n{WHOLE}\n```",
        WHOLE.replace("\n", "\r\n"),
        WHOLE.removeprefix("*** Begin Patch\n"),
    ],
    ids=["blank", "heredoc", "double", "bare", "unclosed", "fence", "windows", "unbegun"],
)
def test_wrappings_are_taken_off(wrapped: str) -> None:
    assert parse(wrapped) == PARSED


def test_a_new_file_without_plus_signs_is_taken_as_it_is() -> None:
    (section,) = parse("*** Begin Patch\n*** Add File: a.txt\none\n\n two\n*** End Patch")
    assert section == AddFile("a.txt", "one\n\n two\n")


def test_a_context_line_without_its_space_is_taken_as_it_is() -> None:
    (section,) = parse("*** Begin Patch\n*** Update File: a.py\n@@\ndef f():\n\tx\n-  y\n+  z\n*** End Patch")
    assert isinstance(section, UpdateFile)
    assert section.hunks[0].old == ["def f():", "\tx", "  y"]


def test_line_numbers_of_a_unified_diff_are_passed_over() -> None:
    (section,) = parse("*** Begin Patch\n*** Update File: a\n@@ -1,3 +1,4 @@ def f():\n-x\n+y\n*** End Patch")
    assert isinstance(section, UpdateFile)
    assert section.hunks[0].anchors == ()


def test_a_file_may_be_moved_without_changes() -> None:
    assert parse("*** Begin Patch\n*** Update File: a\n*** Move to: b\n*** End Patch") == (UpdateFile("a", (), "b"),)


@pytest.mark.parametrize(
    ("patch", "says"),
    [
        ("", "begins with the line"),
        ("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n", "begins with the line"),
        ("*** Begin Patch\n*** Update File: a\n-x", "may have been cut off"),
        ("*** Begin Patch\n*** End Patch", "is empty"),
        ("*** Begin Patch\nwhat\n*** End Patch", "Line 2 of the patch is 'what'"),
        ("*** Begin Patch\n*** Update File:\n-x\n*** End Patch", "the path is missing"),
        ("*** Begin Patch\n*** Update File: a\n*** End Patch", "has no changes"),
        ("*** Begin Patch\n*** Update File: a\n@@ f\n*** End Patch", "followed by no changes"),
        ("*** Begin Patch\n*** Move to: b\n*** End Patch", "belongs right after"),
        ("*** Begin Patch\n*** Add File: a\n+x\ny\n*** End Patch", "Line 4 of the patch is 'y'"),
        ("*** Begin Patch\n*** Update File: a\n-x\n*** Rename File: b\n*** End Patch", "begins with ' ', '-', '+'"),
    ],
)
def test_what_is_wrong_is_said_with_the_line_at_fault(patch: str, says: str) -> None:
    with pytest.raises(Refused) as caught:
        parse(patch)
    assert says in str(caught.value)
    assert caught.value.code == "bad-patch"


PIECES = st.sampled_from(
    """*** Begin Patch|*** End Patch|*** Add File: a|*** Update File: b|*** Delete File: c|*** Move to: d
*** End of File|@@|@@ x|+x|-x| x|x|| |<<'EOF'|EOF|```|***|*** |\\ No newline""".replace("\n", "|").split("|")
)
PATCHES = st.one_of(
    st.text(),
    st.lists(PIECES).map("\n".join),
    st.lists(PIECES).map(lambda pieces: "\n".join(["*** Begin Patch", *pieces, "*** End Patch"])),
)


@given(PATCHES)
def test_any_text_is_read_or_refused(patch: str) -> None:
    with suppress(Refused):
        assert parse(patch)
