"""Folding one attempt into another: git's answer or a conflict, and each line knows where it is from."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maquette.curation.folding import chosen, folded, foreseen
from maquette.curation.lines import Traced, changes, split
from maquette.domain.folds import BASE, Take
from maquette.testing.threes import POOLS, compared, text, traced

few_lines = st.lists(st.sampled_from(["", "a", "b", "}", "c"]), max_size=8)


@pytest.mark.parametrize("pool", POOLS)
def test_what_is_foreseen_as_clean_is_what_git_makes_of_it(tmp_path: Path, pool: str) -> None:
    """A sample; `python -m maquette.testing.choosing folds` makes more."""
    came = compared(tmp_path, POOLS[pool], Random(len(POOLS[pool])), 60)
    assert came.wrong == 0
    assert came.clean >= 10
    assert came.conflicts >= 5
    # Where lines are alike git often has an answer still: it is asked in the end.
    assert came.asked <= 3 or pool == "alike"


@given(few_lines, few_lines, st.booleans(), st.booleans(), st.booleans())
@settings(max_examples=60)
def test_changes_lead_from_one_text_to_the_other(
    one: list[str], two: list[str], ended: bool, also: bool, late: bool
) -> None:
    before, after = split(text(one, ended=ended)), split(text(two, ended=also))
    made: list[str] = []
    at = 0
    for change in changes(before, after, late=late):
        made += [*before[at : change.start], *after[change.other_start : change.other_end]]
        at = change.end
    assert (*made, *before[at:]) == after
    assert "".join(split(text(one, ended=ended))) == text(one, ended=ended)


@given(few_lines, few_lines)
@settings(max_examples=50)
def test_all_hunks_make_the_whole_and_none_make_the_base(one: list[str], two: list[str]) -> None:
    base, theirs = Traced.of(text(one), BASE), Traced.of(text(two), "17")
    every = range(len(changes(base.lines, theirs.lines)))
    assert chosen(base, theirs, every).text == theirs.text
    assert chosen(base, theirs, ()) == base


@given(few_lines, few_lines)
@settings(max_examples=50)
def test_a_fold_of_what_is_the_same_changes_nothing(one: list[str], two: list[str]) -> None:
    base, other = Traced.of(text(one), BASE), Traced.of(text(two), "17")
    assert folded("a", base, other, other).text == other
    assert folded("a", base, other, base).text == other
    assert folded("a", base, base, other).text in (other, base)


def test_each_line_knows_its_attempt_through_folds_edits_and_storing() -> None:
    for seed in range(20):
        wrote, told = traced(Random(seed))
        assert told == wrote
        assert len(set(told)) >= 4


BASE_FILES = {"menu.py": Traced.of("one\ntwo\nthree\nfour\nfive\nsix\n", BASE), "old.py": Traced.of("old\n", BASE)}


def attempt(name: str, **files: str | None) -> dict[str, Traced]:
    found = dict(BASE_FILES)
    for path, content in ((f"{path}.py", content) for path, content in files.items()):
        if content is None:
            del found[path]
        else:
            found[path] = found.get(path, Traced((), ())).edited(content, name)
    return found


def test_a_plan_says_beforehand_what_it_takes_from_where_and_what_collides_with_what() -> None:
    attempts = {
        "12": attempt("12", menu="ONE\ntwo\nthree\nfour\nfive\nSIX\n", new="new\n"),
        "17": attempt("17", menu="Uno\ntwo\nthree\nfour\nfive\nsix\n"),
        "23": attempt("23", menu="one\ntwo\nTHREE\nfour\nfive\nsix\n", old=None),
    }
    plan = [Take(of="12", path="menu.py", hunks=(0,)), Take(of="17"), Take(of="23"), Take(of="12", path="new.py")]
    made = foreseen(BASE_FILES, BASE_FILES, attempts, plan)
    assert made.files["menu.py"].text == "ONE\ntwo\nTHREE\nfour\nfive\nsix\n"
    assert made.files["menu.py"].origins == ("12", BASE, "23", BASE, BASE, BASE)
    assert made.files.keys() == {"menu.py", "new.py"}
    assert [step.files for step in made.steps] == [("menu.py",), (), ("menu.py", "old.py"), ("new.py",)]
    (clash,) = made.steps[1].clashes
    assert (clash.base, clash.ours, clash.theirs, clash.against) == ("one\n", "ONE\n", "Uno\n", ("12",))
    assert not made.clean


def test_a_file_that_one_side_removed_and_the_other_changed_is_a_conflict() -> None:
    attempts = {"12": attempt("12", old=None), "17": attempt("17", old="older\n")}
    made = foreseen(BASE_FILES, BASE_FILES, attempts, [Take(of="17"), Take(of="12")])
    assert made.files["old.py"].text == "older\n"
    assert made.steps[1].clashes[0].against == ("17",)


def test_a_plan_that_takes_what_is_not_there_is_refused() -> None:
    with pytest.raises(KeyError):
        foreseen(BASE_FILES, BASE_FILES, {"12": attempt("12", new="x\n")}, [Take(of="12", path="menu.py")])
