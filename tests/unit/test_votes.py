"""Votes of one person: said again they count again, taken back they don't, and they come to an end."""

from __future__ import annotations

from maquette.actions.votes import counted
from maquette.curation import asking, judges
from maquette.domain.votes import Choice, Judge, Vote

ADA, MODEL = Judge(name="ada"), Judge(name="reviewer", kind="model")


def said(left: str, right: str, choice: Choice, judge: Judge = ADA) -> Vote:
    return Vote(judge=judge, left=left, right=right, choice=choice)


def test_what_is_said_again_counts_again_until_it_is_said_otherwise_and_a_models_word_counts_once() -> None:
    twice = [said("1", "2", "left"), said("2", "1", "right")]
    assert counted(twice) == twice
    changed = said("1", "2", "right")
    assert counted([*twice, changed]) == [changed]
    assert counted([said("1", "2", "left", MODEL), said("1", "2", "left", MODEL)]) == [said("1", "2", "left", MODEL)]
    assert counted([*twice, said("1", "2", "right", MODEL)])[:2] == twice


def test_one_person_who_knows_what_they_like_is_sure_after_some_two_votes_an_attempt() -> None:
    best = [str(number) for number in (3, 1, 12, 5, 2, 4, 6, 7, 11, 8, 9, 10)]
    votes: list[Vote] = []
    while not asking.standing(ranking := judges.ranked_by(sorted(best), counted(votes))).sure:
        left, right = asking.next_pairs(ranking)[0]
        votes.append(said(left, right, "left" if best.index(left) < best.index(right) else "right"))
        assert len(votes) <= 40
    assert ranking.places[0].item == best[0]
