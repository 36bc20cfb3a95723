"""Choosing by evidence: tasks with hidden tests, and attempts at them, some nearly right, run for real in a box."""

from __future__ import annotations

from pathlib import Path

import pytest

from maquette.curation.picking import Evidence, picked
from maquette.testing.picks import shares

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]


async def test_the_pick_closes_four_fifths_of_the_gap_and_beats_size_and_talk(tmp_path: Path) -> None:
    """From any one of them to one that is right. A sample; `make prove` does it with more."""
    found = await shares(tmp_path, [5], 2)
    assert found.closed >= 0.8
    assert found.ours > max(found.largest, found.talkative) + 0.2


@pytest.mark.prove
@pytest.mark.timeout(1800)
async def test_over_many_makings_the_pick_closes_four_fifths_of_the_gap(tmp_path: Path) -> None:
    found = await shares(tmp_path, range(5), 12)
    assert found.closed >= 0.8, found
    assert found.ours > max(found.largest, found.talkative) + 0.2


def evidence(name: str, output: str | None, size: int, kin: str = "", *, passes: bool = True) -> Evidence:
    return Evidence(name, {"check": passes}, {"input": output}, kin=kin, size=size)


def test_checks_come_first_then_what_others_do_then_size() -> None:
    best = picked(
        [evidence("a", "1", 9), evidence("b", "1", 5), evidence("c", "2", 1), evidence("d", "1", 1, passes=False)]
    )
    assert [one.name for one in best] == ["b", "a", "c", "d"]
    assert best[0].why == ("passes 1 of 1 checks", "does what most others do on 1 of 1 inputs", "changes 5 lines")


def test_copies_have_one_voice_and_what_failed_has_none() -> None:
    copies = [evidence(f"copy {n}", "2", 1, "copies") for n in range(5)]
    failed = [evidence(f"failed {n}", None, 1) for n in range(5)]
    assert picked([*copies, evidence("a", "1", 9), evidence("b", "1", 9), *failed])[0].name == "a"


def test_a_risk_is_told_and_counts() -> None:
    risky = Evidence("risky", {"check": True}, size=1, risks=("adds a dependency",))
    best = picked([risky, Evidence("plain", {"check": True}, size=20)])
    assert best[0].name == "plain"
    assert "adds a dependency" in best[1].why


def test_without_any_evidence_the_smaller_is_first() -> None:
    assert [one.name for one in picked([Evidence("a", size=3), Evidence("b", size=2)])] == ["b", "a"]
    assert picked([]) == []
