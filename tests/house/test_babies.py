"""Baby versions: made of the real one by the skill, begun with, and told how far the real one has gone on."""

from __future__ import annotations

from pathlib import Path

import pytest

from house.checkouts import Checkout
from house.homes import a_home, rest
from maquette.actions import attempts, babies, explorations, projects, reviews, threads
from maquette.actions.explorations import Wish
from maquette.curation.babies import drift
from maquette.domain.errors import Refused
from maquette.settings import APPRENTICE
from maquette.testing.models import Call, Calls, Says, ScriptedModels
from maquette.web.views import babies as baby_page
from maquette.web.views import threads as thread_page

pytestmark = pytest.mark.anyio
FILES = {
    "basket.py": "import money\n\n\ndef total(x):\n    return money.rounded(x)\n",
    "money.py": "def rounded(x):\n    return round(x, 2)\n",
    "mail.py": "def send():\n    pass\n",
    "stock.py": "def left():\n    return 3\n",
}
PATCH = b"""\
--- a/money.py
+++ b/money.py
@@ -1,2 +1,2 @@
 def rounded(x):
-    return round(x, 2)
+    return round(x, 1)
"""


@pytest.mark.boxed
async def test_the_apprentice_makes_a_baby_version_explorations_begin_with_it_and_its_drift_is_measured(
    tmp_path: Path,
) -> None:
    repo = Checkout.made(tmp_path / "shop", FILES)
    async with a_home(tmp_path / "state", {}) as home:
        project = await projects.add(home, repo.path)
        await projects.change(home, project.id, checks=("python3 -B -c 'import basket'",))
        with pytest.raises(Refused, match="has no baby version yet"):
            await explorations.start(home, Wish("?", project=project.id, base="baby"))
        sent = await babies.make(home, project.id, ["basket.py"], model=APPRENTICE)
        await rest(home, sent)
        for refused in (reviews.check, reviews.merge):
            with pytest.raises(
                Refused, match=r"would cut the real project\. Take it as what it is: `maquette baby take"
            ):
                await refused(home, sent.thread)
        shown = bytes((await thread_page.one(home, sent.thread)).body).decode()
        assert "Take as the baby version" in shown
        assert "/merge" not in shown
        assert (await threads.begun(home, (await threads.fork(home, sent.thread)).id)).baby
        assert (repo.path / "stock.py").is_file()
        taken = (await babies.take(home, sent.thread)).baby
        assert taken
        assert (taken.files, taken.of_files, taken.lines, taken.of_lines) == (2, 4, 7, 11)
        assert taken.of == repo.git("rev-parse", "HEAD")
        now = await babies.drifted(home, project.id)
        assert (now.share, now.changed) == (0, ())
        assert now.says == "The real one is as it was, in all 2 files that the baby mimics."

        repo.write({"money.py": "def rounded(x):\n    return round(x, 3)\n", "mail.py": "", "new.py": "1\n"})
        repo.commit("On it goes")
        now = await babies.drifted(home, project.id)
        assert now.changed == ("money.py",), "what it doesn't hold is nothing it could have drifted from"
        assert now.share == pytest.approx(1 / 7)
        assert now.says == (
            "Of 2 files that it mimics, 1 changed in the real one: 14% of its lines. The real one has 1 new file."
        )

        drawn = bytes((await baby_page.baby(home, project.name)).body).decode()
        assert "2 of 4 files, 7 of 11 lines" in drawn
        assert now.says in drawn

        wish = Wish("Another rounding", project=project.id, attempts=0, base="baby", views=())
        at = await explorations.start(home, wish)
        assert at.brief.base == taken.commit
        one = await attempts.bring(home, at.id, "patch", "mine.patch", PATCH)
        held = await home.workspace.changed(project, taken.commit, str(one.result))
        assert held == {"money.py": (FILES["money.py"].encode(), FILES["money.py"].replace("2", "1").encode())}
        with pytest.raises(Refused, match="it began with something else"):
            await attempts.merge(home, at.id, 1)
        assert (repo.path / "stock.py").is_file()


@pytest.mark.boxed
async def test_what_cuts_nothing_or_breaks_a_check_is_no_baby_version(tmp_path: Path) -> None:
    repo = Checkout.made(tmp_path / "shop", FILES)
    cuts = Calls(Call("shell", {"command": "rm mail.py"}))
    with ScriptedModels({"stock.py": [Says("no")], "basket.py": [cuts, Says("done")]}) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            project = await projects.add(home, repo.path)
            await projects.change(home, project.id, checks=("test -f mail.py",), model="openai-chat:scripted")
            with pytest.raises(Refused, match="Name what matters"):
                await babies.make(home, project.id, [" "])
            for keep, told in (("stock.py", "nothing was cut"), ("basket.py", "must pass as before: test -f mail.py")):
                sent = await babies.make(home, project.id, [keep])
                await rest(home, sent)
                with pytest.raises(Refused, match=told):
                    await babies.take(home, sent.thread)
            taken = await babies.take(home, sent.thread, unchecked=True)
            assert taken.baby
            assert taken.baby.files == 3


def test_drift_counts_what_the_baby_mimics_and_nothing_else() -> None:
    real = {"a": (b"1\n2\n3\n", b"1\n3\nnew\n"), "b": (b"x\n", None), "cut": (b"y\n", b"z\n"), "new": (None, b"n\n")}
    found = drift(real, {"cut": (b"y\n", None), "own": (b"o\n", b"p\n")}, files=3, lines=10)
    assert (found.changed, found.gone, found.own, found.new) == (("a",), ("b",), ("own",), 1)
    assert (found.moved, found.share) == (2, 0.2)


@pytest.mark.boxed
async def test_a_baby_version_that_was_asked_for_in_words_is_not_merged_either(tmp_path: Path) -> None:
    repo = Checkout.made(tmp_path / "shop", FILES)
    async with a_home(tmp_path / "state", {}) as home:
        words = "Make a baby version of this project: keep basket.py"
        sent = await threads.start(home, words, project=str(repo.path), model=APPRENTICE)
        await rest(home, sent)
        with pytest.raises(Refused, match="would cut the real project"):
            await reviews.merge(home, sent.thread)
        shown = bytes((await thread_page.one(home, sent.thread)).body).decode()
        assert "Take as the baby version" in shown
        assert "/merge" not in shown
