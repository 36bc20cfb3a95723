"""What may be said of an aim: what is near needs an owner and checks; what is far stays one line, without dates."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from maquette.curation.horizons import too_definite, why_not
from maquette.domain.horizons import Aim, Horizon


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Basket in Q3", "Q3"),
        ("Ship it by Friday", "by Friday"),
        ("Open a shop in March", "in March"),
        ("Live next week", "next week"),
        ("A baby version before the end of the year", "end of the year"),
        ("Launch on 2027-03-01", "2027-03-01"),
        ("Launch on 1.3.2027", "1.3.2027"),
        ("Twice as fast, in 200 ms", "200 ms"),
        ("Convert 40 % more", "40 %"),
        ("Earn $5,000", "$5,000"),
        ("Reach 10k readers", "10k"),
        ("Done within two weeks", "within two weeks"),
        ("Readers may say what they march for", ""),
        ("Speak HTTP/2 and OAuth2, in 3D", ""),
        ("People who don't code feel at home", ""),
    ],
)
def test_a_date_or_a_number_is_found_and_a_name_is_none(text: str, found: str) -> None:
    assert too_definite(text).casefold() == found.casefold()


def aim(horizon: Horizon, text: str = "Somewhere calm to read", owner: str = "", *checks: str) -> Aim:
    return Aim(id="aim_1", project="p", text=text, horizon=horizon, owner=owner, checks=checks, since=datetime.now(UTC))


def test_what_is_near_needs_an_owner_and_checks_and_what_comes_next_may_have_them() -> None:
    assert "an owner and checks" in why_not(aim(Horizon.NOW))
    assert "checks by which" in why_not(aim(Horizon.NOW, owner="Ada"))
    assert why_not(aim(Horizon.NOW, "By 1 May", "Ada", "it is up")) == ""
    assert why_not(aim(Horizon.NEXT, "In 3 weeks")) == why_not(aim(Horizon.NEXT, "x", "Ada", "y")) == ""


def test_what_is_far_stays_one_line_and_is_told_gently_what_is_too_much() -> None:
    assert why_not(aim(Horizon.LATER)) == ""
    assert why_not(aim(Horizon.LATER, "In 3 weeks")).startswith("It is too far off for “3”: nobody knows that yet.")
    assert "stays one line" in why_not(aim(Horizon.LATER, "One\ntwo"))
    assert "stays one line" in why_not(aim(Horizon.LATER, "a" * 141))
    assert "no owner and no checks yet" in why_not(aim(Horizon.LATER, owner="Ada"))
