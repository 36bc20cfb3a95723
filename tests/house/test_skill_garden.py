"""The garden skill on a real repo: what it finds, what it leaves alone, and one idea made real."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from house.skill_runs import git, make_repo, run_skill

CHECK = f"{sys.executable} -m unittest -q"
PRICES = '''"""Prices."""

from decimal import Decimal
from typing import Protocol, overload


class Taxed(Protocol):
    def tax(self, amount: Decimal) -> Decimal:
        """In whole cents."""
        ...

    def rate(self) -> Decimal:
        """In whole cents."""
        ...


@overload
def rounded(amount: int) -> int: ...
@overload
def rounded(amount: Decimal) -> Decimal: ...
def rounded(amount):
    cents = amount * 100
    whole = int(cents)
    return type(amount)(whole) / 100


def total(prices):
    """What all cost together."""
    found = Decimal(0)
    for price in prices:
        if price > 0:
            found += price
    return found


def forgotten(prices):
    best = None
    for price in prices:
        best = _better(best, price)
    return best


def _better(one, other):
    return one if one is not None and one < other else other
'''
ORDERS = '''"""Orders."""

from decimal import Decimal


def summed(amounts):
    result = Decimal(0)
    for amount in amounts:
        if amount > 0:
            result += amount
    return result


def order(*amounts):
    return summed(amounts)
'''
TESTS = """import unittest
from decimal import Decimal
from shop import orders, prices


def made(names):
    found = []
    for name in names:
        if name:
            found.append(name.upper())
    return found


def built(words):
    result = []
    for word in words:
        if word:
            result.append(word.upper())
    return result


class T(unittest.TestCase):
    def test_totals(self):
        self.assertEqual(orders.order(Decimal(1), Decimal(-1), Decimal(2)), 3)
        self.assertEqual(prices.total([Decimal(2)]), 2)
        self.assertEqual(prices.rounded(Decimal("1.234")), Decimal("1.23"))
        self.assertEqual(made(["a"]), built(["a"]))
        self.assertTrue(prices.Taxed)
"""
PYPROJECT = """[project]
name = "shop"
version = "1"
dependencies = [
    "leftovers>=1",  # for what was
    "pytest-sugar",
    "psycopg>=3",
    "colorful",
]

[project.entry-points."shop.themes"]
plain = "colorful.plain:THEME"
"""
SETTINGS = 'url = "postgresql+psycopg://localhost/shop"\n'


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files: dict[str, str | bytes] = {
        "shop/__init__.py": "",
        "shop/prices.py": PRICES,
        "shop/orders.py": ORDERS,
        "tests/__init__.py": "",
        "tests/test_shop.py": TESTS,
        "pyproject.toml": PYPROJECT,
        "settings.toml": SETTINGS,
    }
    return make_repo(tmp_path_factory.mktemp("a") / "shop", files)


@pytest.fixture(scope="module")
def told(shop: Path) -> str:
    done = run_skill("garden", shop, "--check", CHECK)
    assert done.status == 0, done.err
    assert git(shop, "status", "--porcelain") == ""
    return done.out


def ideas(out: str) -> list[dict[str, Any]]:
    return json.loads(out.partition("```json\n")[2].partition("\n```")[0])["ideas"]


def test_what_is_dead_there_twice_or_needed_by_nothing_is_an_idea_each(told: str) -> None:
    assert {(one["kind"], one["file"], one["what"]) for one in ideas(told)} == {
        ("dead-code", "shop/prices.py", "unused functions forgotten, _better in shop/prices.py"),
        ("duplicate", "shop/prices.py", "total in shop/prices.py, which is summed in shop/orders.py again"),
        ("dependency", "pyproject.toml", "unused dependency leftovers, declared in pyproject.toml"),
    }
    assert all(one["lines"] > 0 for one in ideas(told))


def test_what_may_be_used_by_a_name_is_left_alone_and_told(told: str) -> None:
    left = told.partition("Left alone:")[2]
    for name, why in {
        "pytest-sugar": "by its name it is a plugin",
        "psycopg": "settings.toml speaks of it",
        "colorful": "pyproject.toml speaks of it",
    }.items():
        assert f"{name}, declared in pyproject.toml: {why}" in left


@pytest.mark.parametrize("kind", ["dead-code", "duplicate", "dependency"])
def test_one_idea_made_real_saves_the_lines_it_said_and_the_checks_pass(
    shop: Path, told: str, kind: str, tmp_path: Path
) -> None:
    (idea,) = [one for one in ideas(told) if one["kind"] == kind]
    git(tmp_path, "clone", "-q", str(shop), "tree")
    tree = tmp_path / "tree"
    done = run_skill("garden", tree, "--request", f"Garden: make idea {idea['key']} real.")
    assert done.status == 0, done.err
    (changed,) = git(tree, "diff", "--numstat").splitlines()
    added, removed, file = changed.split("\t")
    assert (int(removed) - int(added), file) == (idea["lines"], idea["file"])
    assert git(tree, "status", "--porcelain") == f" M {file}\n"
    if kind != "dependency":
        sys_check = run_skill("garden", tree, "--check", CHECK)
        assert sys_check.status == 0, sys_check.err
        assert idea["key"] not in {one["key"] for one in ideas(sys_check.out)}


def test_without_checks_nothing_is_looked_for(shop: Path) -> None:
    done = run_skill("garden", shop)
    assert (done.status, done.out) == (2, "")
    assert "no checks" in done.err
