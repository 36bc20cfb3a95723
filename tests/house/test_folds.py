"""Folding by git, in the store: what was foreseen comes, or the conflict is shown; nobody's files are touched."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random

import pytest

from house.checkouts import Checkout, print_of
from maquette.curation.folding import chosen, folded
from maquette.curation.lines import Traced
from maquette.domain.errors import Refused
from maquette.domain.folds import BASE
from maquette.domain.ids import new_id
from maquette.domain.projects import Project
from maquette.workspace import Workspace

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]

MENU = "".join(f"dish {n}\n" for n in range(40))


class Kitchen:
    """A repo with attempts on branches of its own, all in a store."""

    def __init__(self, workspace: Workspace, checkout: Checkout, project: Project) -> None:
        self.workspace, self.checkout, self.project = workspace, checkout, project
        self.base = checkout.git("rev-parse", "main")

    def text(self, commit: str, path: str) -> str:
        # The store's own words, with nothing taken off their ends.
        store = Checkout(self.workspace.store(self.project))
        return store.git("cat-file", "blob", f"{commit}:{path}") + "\n"

    def paths(self, commit: str) -> list[str]:
        return Checkout(self.workspace.store(self.project)).git("ls-tree", "-r", "--name-only", commit).splitlines()


async def kitchen(
    workspace: Workspace, folder: Path, attempts: list[Mapping[str, str | None]]
) -> tuple[Kitchen, list[str]]:
    checkout = Checkout.made(folder / "menu", {"menu.txt": MENU, "old.txt": "old\n"})
    commits: list[str] = []
    for number, files in enumerate(attempts):
        checkout.git("switch", "--quiet", "-c", f"attempt-{number}", "main")
        for path, content in files.items():
            if content is None:
                (checkout.path / path).unlink()
            else:
                checkout.write({path: content})
        commits.append(checkout.commit(f"attempt {number}"))
    checkout.git("switch", "--quiet", "main")
    project = checkout.project()
    await workspace.make_tree(new_id("thread"), project)
    return Kitchen(workspace, checkout, project), commits


async def test_all_a_file_or_a_hunk_is_taken_and_a_conflict_is_shown(workspace: Workspace, tmp_path: Path) -> None:
    ours = MENU.replace("dish 1\n", "our soup\n")
    theirs = MENU.replace("dish 5\n", "their fish\n").replace("dish 9\n", "their cake\n")
    place, (one, two, three) = await kitchen(
        workspace,
        tmp_path,
        [
            {"menu.txt": ours},
            {"menu.txt": theirs, "new.txt": "new\n", "old.txt": None},
            {"menu.txt": MENU.replace("dish 1\n", "soup of 3\n")},
        ],
    )
    before = print_of(place.checkout.path)
    whole = await workspace.fold(place.project, place.base, one, two)
    assert place.text(whole.commit, "menu.txt") == ours.replace("dish 5\n", "their fish\n").replace(
        "dish 9\n", "their cake\n"
    )
    assert place.paths(whole.commit) == ["menu.txt", "new.txt"]

    file = await workspace.fold(place.project, place.base, one, two, paths=["new.txt"])
    assert place.text(file.commit, "menu.txt") == ours
    assert place.paths(file.commit) == ["menu.txt", "new.txt", "old.txt"]

    held, holds = (await workspace.changed(place.project, place.base, two))["menu.txt"]
    assert held is not None
    assert holds is not None
    part = chosen(Traced.of(held.decode(), BASE), Traced.of(holds.decode(), "2"), [1])
    hunk = await workspace.fold(place.project, place.base, one, two, paths=(), instead={"menu.txt": part.text.encode()})
    assert place.text(hunk.commit, "menu.txt") == ours.replace("dish 9\n", "their cake\n")
    assert place.paths(hunk.commit) == ["menu.txt", "old.txt"]

    clash = await workspace.fold(place.project, place.base, hunk.commit, three)
    assert clash.commit == hunk.commit
    assert [conflict.path for conflict in clash.conflicts] == ["menu.txt"]
    with pytest.raises(Refused, match=r"didn't change old\.txt"):
        await workspace.fold(place.project, place.base, one, three, paths=["old.txt"])
    assert print_of(place.checkout.path) == before


async def test_a_folded_tree_is_what_was_foreseen_with_every_line_from_where_it_says(
    workspace: Workspace, tmp_path: Path
) -> None:
    random = Random(7)
    texts = [
        "".join(f"{n} {random.random()}\n" if random.random() < 0.06 else f"dish {k}\n" for k in range(40))
        for n in range(5)
    ]
    place, commits = await kitchen(workspace, tmp_path, [{"menu.txt": text} for text in texts])
    base = Traced.of(MENU, BASE)
    now, commit = base.edited(texts[0], "0"), commits[0]
    taken = 0
    for n in range(1, 5):
        seen = folded("menu.txt", base, now, base.edited(texts[n], str(n)))
        came = await workspace.fold(place.project, place.base, commit, commits[n])
        if seen.clashes:
            continue
        assert not came.conflicts
        assert seen.text is not None
        now, commit, taken = seen.text, came.commit, taken + 1
        assert place.text(commit, "menu.txt") == now.text
    assert taken >= 1
    assert all(
        line.startswith("dish" if origin == BASE else f"{origin} ")
        for line, origin in zip(now.lines, now.origins, strict=True)
    )
