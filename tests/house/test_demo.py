"""The demonstration, as a newcomer runs it: no key, no terminal, a home of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from house.bases import a_machine, refused
from house.checkouts import Checkout
from house.terminals import at_terminal
from maquette.kinds.sandboxes import Tier
from maquette.samples.shop import ALIVE, PLANTED
from seams.boxes import best

pytestmark = pytest.mark.boxed


def test_the_demo_merges_what_was_planted_away_and_leaves_the_rest(tmp_path: Path) -> None:
    with a_machine(tmp_path) as machine:
        told = machine.ok("demo")
        shop = tmp_path / "home/maquette-demo/bookshop"
        for path, name in PLANTED:
            file = shop / path
            assert not file.exists() or (name and f"def {name.rpartition('.')[2]}" not in file.read_text()), (
                path,
                name,
            )
        for path, name, why in ALIVE:
            assert name.rpartition(".")[2] in (shop / path).read_text(), why
        env = {**machine.env, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        checks = subprocess.run([sys.executable, "-m", "pytest", "-q"], cwd=shop, env=env, check=False)
        assert checks.returncode == 0
        git = Checkout(shop).git
        assert git("log", "-1", "--format=%s") == "delete the dead code"
        made = {Tier.FULL: "data.xlsx", Tier.LANDLOCK: "data/data.xlsx"}[best().tier]
        assert git("status", "--porcelain").split() == ["??", made]
        assert "By rule, not by a language model" in told
        assert told.count("Done after 4 steps") == 2
        assert "The demo approves this itself" not in told
        assert not machine.pid, "the demo leaves no base behind that it started"


def test_the_demo_works_on_a_copy_of_a_persons_repo_and_leaves_its_thread_open_for_a_person_who_is_there(
    tmp_path: Path,
) -> None:
    mine = Checkout.made(tmp_path / "it's mine", {"sales.csv": "day,sold\n2026-01-01,3\n2026-01-02,4\n"})
    before = mine.git("rev-parse", "HEAD")
    words = ("demo", "--repo", str(mine.path), "--task", "make a spreadsheet of 'all of it'")
    with a_machine(tmp_path) as machine, at_terminal(machine, *words) as terminal:
        assert terminal.status() == 0
        assert machine.pid, "the base stays for the page"
        thread = machine.json("threads")[0]["id"]
        plain = re.sub(r"\x1b\[\d*m", "", terminal.seen)
        assert f"/threads/{thread} in a browser of this machine, and type " in plain
    assert mine.git("rev-parse", "HEAD") == before
    assert mine.git("status", "--porcelain") == ""
    assert list((tmp_path / "home/maquette-demo/it's mine").glob("*.xlsx"))


def test_the_demo_leaves_no_base_to_a_ci_and_has_nothing_to_merge_where_a_task_changed_nothing(tmp_path: Path) -> None:
    mine = Checkout.made(tmp_path / "mine", {"a.txt": "a\n"})
    words = ("demo", "--repo", str(mine.path), "--task", "what changed in this repo")
    with a_machine(tmp_path, {"CI": "true"}) as machine, at_terminal(machine, *words) as terminal:
        assert terminal.status() == 0
        assert "in a browser of this machine" not in terminal.seen
        assert "Nothing differs, so there is nothing to merge." in terminal.seen
        assert "maquette merge" not in terminal.seen
        assert not machine.pid


def test_the_demo_gives_an_account_of_the_whole_task_also_where_each_command_waits_and_leaves_a_base_that_was_up(
    tmp_path: Path,
) -> None:
    with a_machine(tmp_path, {"MAQUETTE_SANDBOX": "bare"}) as machine:
        machine.ok("threads")
        told = machine.ok("demo", "--task", "what changed in this repo")
        assert machine.pid
    assert told.count("Done after 4 steps") == 2
    assert "The demo approves this itself" in told


def test_the_demo_says_what_it_can_not_work_on(tmp_path: Path) -> None:
    with a_machine(tmp_path) as machine:
        machine.ok("threads")
        ended = machine.run("demo", "--repo", str(tmp_path))
        assert ended.returncode == 2
        assert "is no git repo" in ended.stderr
        (tmp_path / "empty").mkdir()
        Checkout(tmp_path / "empty").git("init", "-q")
        assert f"{tmp_path / 'empty'} has no commit yet" in refused(
            machine.run("demo", "--repo", str(tmp_path / "empty"))
        )
        assert "needs git" in refused(machine.run("demo", PATH=str(tmp_path)))
