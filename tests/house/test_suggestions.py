"""Which attempt the evidence speaks for: by its checks, and by what it does when probes are run."""

from __future__ import annotations

import orjson

from maquette.actions import suggestions
from maquette.domain.checks import Check, Probe
from maquette.domain.events import EVENT, EvidenceGathered, ExplorationStarted
from maquette.domain.explorations import Attempt, Brief, Evidence, Medium, Origin, Variation
from maquette.domain.projects import Budget

PROBES = ("python slug.py 'Hello World'", "python slug.py ''")


def attempt(number: int, *said: tuple[int | None, str], size: int = 5) -> Attempt:
    """One that passes the check, and what it says to the probes."""
    evidence = Evidence(
        commit=f"c{number}",
        tree=f"t{number}",
        checks=(Check(command="check", status=0, seconds=0.1, output=""),),
        probes=tuple(
            Probe(command=command, status=status, output=output)
            for command, (status, output) in zip(PROBES, said, strict=False)
        ),
        added=size,
    )
    return Attempt(
        exploration="e",
        number=number,
        thread=f"thread_{number}",
        plan=Variation(),
        source=Origin(),
        budget=Budget(),
        evidence=evidence,
    )


def test_of_those_that_pass_the_same_checks_what_most_do_wins_over_the_smaller_change() -> None:
    most = (0, "hello-world\n"), (2, "Nothing to make a slug of.\n")
    small = attempt(1, (0, "Hello-World\n"), (0, "\n"), size=1)
    best = suggestions.of_attempts([small, attempt(2, *most, size=9), attempt(3, *most, size=8)])
    assert [one.attempt for one in best] == [3, 2, 1]
    assert best[0].why == (
        "passes 1 of 1 checks",
        "does what most others do on 2 of 2 inputs",
        "changes 8 lines",
        "2 of 3 say the same to all 2 probes",
    )
    assert best[2].why[-1] == "changes 1 lines"


def test_what_never_ran_was_cut_short_or_was_not_probed_has_no_voice_and_is_no_better_for_it() -> None:
    broken = [attempt(number, (127, "sh: python: not found"), (None, "Ended")) for number in (1, 2, 3)]
    good = attempt(5, (0, "hello-world\n"), (0, "\n"), size=9)
    best = suggestions.of_attempts([*broken, attempt(4), good])
    assert best[0].attempt == 5
    assert not any("say the same" in words for one in best for words in one.why)


def test_whose_checks_never_ran_has_passed_none() -> None:
    unchecked = attempt(1, size=1)
    assert unchecked.evidence
    unchecked = unchecked.model_copy(update={"evidence": unchecked.evidence.model_copy(update={"checks": ()})})
    best = suggestions.of_attempts([unchecked, attempt(2)])
    assert [(one.attempt, one.why[0]) for one in best] == [(2, "passes 1 of 1 checks"), (1, "passes 0 of 1 checks")]


def test_without_probes_the_suggestion_is_as_it_was() -> None:
    best = suggestions.of_attempts([attempt(1, size=3), attempt(2, size=2)])
    assert [one.why for one in best] == [
        ("passes 1 of 1 checks", "changes 2 lines"),
        ("passes 1 of 1 checks", "changes 3 lines"),
    ]


def test_a_log_from_before_there_were_probes_still_reads() -> None:
    brief = Brief(question="Do it", medium=Medium.CHANGE, why="", base="b")
    started = ExplorationStarted(project="p", brief=brief, at_once=1)
    found = EvidenceGathered(attempt=1, evidence=Evidence(commit="c", tree="t"))
    for event, inner in ((started, "brief"), (found, "evidence")):
        old = orjson.loads(event.model_dump_json())
        assert old[inner].pop("probes") == []
        assert EVENT.validate_json(orjson.dumps(old)) == event
