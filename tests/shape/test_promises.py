"""The ledger of promises: each row is proven by tests that exist, each test that proves one stands in its row."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shape.house import ROOT, definitions, tracked

LEDGER = ROOT / "docs" / "reference" / "promises.md"
IN_NAME = re.compile(r"(?:^|_)([ESF]\d{1,2})(?=_|$)", re.IGNORECASE)
IN_DOCSTRING = re.compile(r"\b([ESF]\d{1,2})\b")


def rows(ledger: str) -> list[tuple[str, list[str]]]:
    """Id and tests of each row of `| id | promise | tests |`."""
    cells = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in ledger.splitlines()
        if line.startswith("|")
    ]
    return [(row[0].strip("`"), re.findall(r"`([^`]+)`", row[2])) for row in cells[2:]]


def proves(test: str, docstring: str) -> set[str]:
    """The ids that a test names."""
    return {found.upper() for found in IN_NAME.findall(test)} | set(IN_DOCSTRING.findall(docstring))


def every_test() -> dict[str, set[str]]:
    """Every test by its id in pytest, and the promises that it says it proves."""
    return {
        f"{path}::{name.replace('.', '::')}": proves(name.rpartition(".")[2], docstring)
        for path in tracked()
        if path.parts[0] == "tests" and path.name.startswith("test_") and path.suffix == ".py"
        for name, docstring in definitions(path).items()
        if name.rpartition(".")[2].startswith("test_")
    }


def test_ids_are_read_from_names_and_docstrings() -> None:
    assert proves("test_e3_git_is_intact", "") == {"E3"}
    assert proves("test_git_is_intact", "E3, S14: nothing ran.") == {"E3", "S14"}
    assert proves("test_mode_644_is_kept", "One of three; see FS1 and utf-8.") == set()


def test_the_ledger_names_tests_that_exist_and_say_so() -> None:
    there = every_test()
    assert f"{Path(__file__).relative_to(ROOT)}::{test_ids_are_read_from_names_and_docstrings.__name__}" in there
    for promise, proofs in rows(LEDGER.read_text()):
        assert proofs, f"{promise}: no test"
        for proof in proofs:
            assert proof in there, f"{promise}: no such test: {proof}"
            if re.fullmatch(r"[ESF]\d+", promise):
                assert promise in there[proof], f"{proof} doesn't say that it proves {promise}"


def test_every_test_that_proves_a_promise_stands_in_the_ledger() -> None:
    told = {(promise, proof) for promise, proofs in rows(LEDGER.read_text()) for proof in proofs}
    proven = {(promise, test) for test, promises in every_test().items() for promise in promises}
    untold = sorted(proven - told)
    assert not untold


def test_a_promise_has_one_row() -> None:
    promises = [promise for promise, _ in rows(LEDGER.read_text())]
    assert len(promises) == len(set(promises))


@pytest.mark.parametrize("line", ["| E1 | nothing outside changed | `tests/a.py::test_b`, `tests/a.py::test_c` |"])
def test_a_row_may_name_several_tests(line: str) -> None:
    ledger = f"# Promises\n\n| id | promise | tests |\n| --- | --- | --- |\n{line}\n"
    assert rows(ledger) == [("E1", ["tests/a.py::test_b", "tests/a.py::test_c"])]
