"""Skills by the standard's rules: found in order, checked, listed within a budget; the apprentice, who runs them."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from house.checkouts import Checkout
from house.homes import a_home, events, rest, said
from maquette.actions import projects, threads
from maquette.domain.errors import Refused
from maquette.domain.events import AnswerGiven, CallFinished, CallStarted, TurnFinished
from maquette.domain.messages import Call, FromModel, FromPerson, FromTool, Message
from maquette.domain.threads import Outcome
from maquette.kinds.providers import Answered, Request, SkillSpec
from maquette.providers.apprentice import PROVIDER, SAYS, command, match
from maquette.skills import folders

RULES = "apprentice:rules"
BOMB = "b0: &b0 [x]\n" + "".join(f"b{n}: &b{n} [{', '.join([f'*b{n - 1}'] * 9)}]\n" for n in range(1, 9))
boxed = pytest.mark.boxed


def skill(place: Path, name: str, front: str = "", body: str = "Do it.\n") -> Path:
    folder = place / name
    folder.mkdir(parents=True)
    front = front or f"name: {name}\ndescription: Does {name}.\n"
    (folder / "SKILL.md").write_text(f"---\n{front}---\n{body}")
    return folder


@pytest.mark.parametrize(
    ("name", "front", "why"),
    [
        ("one", "name: two\ndescription: d\n", "name must be the folder's own"),
        ("One", "name: One\ndescription: d\n", "name must be the folder's own"),
        ("a--b", "name: a--b\ndescription: d\n", "name must be the folder's own"),
        ("one", "name: one\n", "description must have"),
        ("one", f"name: one\ndescription: {'x' * 1025}\n", "description must have"),
        ("one", "name: [one\n", "must begin with YAML"),
        ("one", "name: one\ndescription: &a [x, x, x]\nmore: [*a, *a]\n", "description must have"),
        ("one", "[" * 5000 + "\n", "must begin with YAML"),
        ("one", "name: !!int ''\ndescription: !!bool x\n", "name must be the folder's own"),
        ("one", "- just\n- a list\n", "name must be the folder's own"),
        ("one", "name: one\ndescription: d\nmetadata: {maquette-script: ../../out.sh}\n", "is no file of this skill"),
        ("one", "name: one\ndescription: d\nmetadata: {maquette-script: gone.py}\n", "is no file of this skill"),
    ],
)
def test_what_is_no_skill_says_why_and_the_others_are_found(tmp_path: Path, name: str, front: str, why: str) -> None:
    skill(tmp_path, name, front)
    skill(tmp_path, "good")
    (tmp_path / "no-skill").mkdir()
    found, broken = folders.found([tmp_path])
    assert [s.name for s in found] == ["good"]
    assert [b.folder for b in broken] == [str(tmp_path / name)]
    assert why in broken[0].why


@pytest.mark.parametrize(
    "front",
    [
        "metadata: [a, list]\n",
        "when: 2026-99-99\nmore: !!int ''\n",
        BOMB,
        "what: !!python/object/apply:os.system [touch made]\n",
    ],
)
def test_whatever_yaml_a_skill_holds_beside_what_counts_does_nothing(tmp_path: Path, front: str) -> None:
    skill(tmp_path, "one", f"name: one\ndescription: d\n{front}")
    found, _ = folders.found([tmp_path])
    assert [(s.name, s.when, s.script, s.matches) for s in found] == [("one", "d", None, ())]


def test_of_two_skills_with_one_name_the_nearer_counts(tmp_path: Path) -> None:
    skill(tmp_path / "near", "one", "name: one\ndescription: near\n")
    skill(tmp_path / "far", "one", "name: one\ndescription: far\n")
    found, _ = folders.found([tmp_path / "near", tmp_path / "far", tmp_path / "nowhere"])
    assert [s.when for s in found] == ["near"]


def test_every_built_in_skill_keeps_the_rules() -> None:
    found, broken = folders.found([folders.BUILT_IN])
    assert not broken
    assert {s.name for s in found} >= {"dead-code", "spreadsheet"}
    assert all((s.script or s.tool) and s.matches for s in found)


def test_the_listing_keeps_to_its_budget_and_says_how_many_it_leaves_out() -> None:
    many = [SkillSpec(f"skill-{n:03}", "x" * 90, "/") for n in range(100)]
    text = folders.listing(many)
    assert len(text) < folders.LISTING + 100
    assert text.splitlines()[-1].startswith(f"(and {100 - len(text.splitlines()) + 1} more")


@pytest.mark.parametrize(
    ("task", "name"),
    [
        ("delete the dead code", "dead-code"),
        ("Please remove all the unused imports!", "dead-code"),
        ("make a spreadsheet of the files in data", "spreadsheet"),
        ("write me a poem", None),
        ("", None),
    ],
)
def test_a_request_is_matched_to_the_skill_whose_words_it_holds(task: str, name: str | None) -> None:
    found = match(task, folders.found([folders.BUILT_IN])[0])
    assert (found and found.name) == name


def test_what_a_person_says_reaches_a_script_as_one_word() -> None:
    one = SkillSpec("x", "y", "/s", "/s/x.sh", "--request {request} {checks}")
    line = command(one, "$(rm -rf ~); 'quoted'", ("make test", "a b"))
    assert line == """/s/x.sh --request '$(rm -rf ~); '"'"'quoted'"'"'' --check 'make test' --check 'a b'"""


@pytest.mark.anyio
async def test_the_apprentice_says_what_it_is_and_what_it_can_do(tmp_path: Path) -> None:
    async with a_home(tmp_path / "state", {}) as home:
        sent = await threads.start(home, "write me a poem", project=None)
        ended = await rest(home, sent)
        assert isinstance(ended, TurnFinished)
        assert ended.outcome is Outcome.FAILED
        (given,) = events(home, sent.thread, AnswerGiven)
        assert given.rules
        assert given.answer.text.startswith(SAYS)
        assert "dead-code" in given.answer.text
        assert "OPENAI_API_KEY" in given.answer.text
        with pytest.raises(Refused, match="OPENAI_API_KEY"):
            await threads.start(home, "hi", project=None, model="openai:gpt-6.1-terra")


@boxed
@pytest.mark.anyio
async def test_the_apprentice_runs_a_skill_with_the_ordinary_tools_then_the_checks(tmp_path: Path) -> None:
    repo = Checkout.made(tmp_path / "shop", {"data.csv": "day,sold\n2026-01-01,3\n2026-01-02,4\n"})
    async with a_home(tmp_path / "state", {}) as home:
        project = (await projects.add(home, repo.path)).id
        await projects.change(home, project, checks=("test -f data.csv",))
        sent = await threads.start(home, "make a spreadsheet", project=project, model=RULES)
        await rest(home, sent)
        assert [c.name for c in events(home, sent.thread, CallStarted)] == ["skill", "shell", "shell"]
        assert [c.status for c in events(home, sent.thread, CallFinished)] == ["ok"] * 3
        assert said(home, sent.thread).startswith(SAYS)
        assert "test -f data.csv" in said(home, sent.thread)
        assert list(home.workspace.tree(sent.thread).glob("*.xlsx"))


@boxed
@pytest.mark.anyio
async def test_the_apprentice_does_not_call_done_what_a_script_could_not_do(tmp_path: Path) -> None:
    repo = Checkout.made(tmp_path / "shop", {"empty.txt": "nothing to make a table of\n"})
    async with a_home(tmp_path / "state", {}) as home:
        sent = await threads.start(home, "make a spreadsheet", project=str(repo.path), model=RULES)
        ended = await rest(home, sent)
        assert isinstance(ended, TurnFinished)
        assert ended.outcome is Outcome.FAILED
        assert "nothing here is done" in said(home, sent.thread)


@pytest.mark.anyio
async def test_the_apprentice_runs_again_what_was_cut_off_where_the_skill_says_that_it_may() -> None:
    def came(call: Call, text: str = "# Done", *, lost: bool = False) -> tuple[FromModel, FromTool]:
        return FromModel(parts=(call,)), FromTool(call=call.id, name=call.name, text=text, error=lost, lost=lost)

    async def goes_on(again: bool, *since: tuple[Message, ...]) -> Answered:
        spec = SkillSpec("tidy", "Tidies.", "/s", "/s/x.sh", again=again, matches=("tidy up",))
        said = (FromPerson(text="tidy up"), *itertools.chain.from_iterable(since))
        request = Request(
            model="rules", instructions="", messages=said, tools=(), skills=(spec,), checks=("make test",)
        )
        (answered,) = [delta async for delta in PROVIDER.open("rules").stream(request) if isinstance(delta, Answered)]
        return answered

    opened = came(Call(id="rule_1", name="skill", arguments='{"name": "tidy"}'))
    (script,) = (await goes_on(True, opened)).answer.calls
    ended = await goes_on(False, opened, came(script, "nobody can say", lost=True))
    assert (ended.undone, ended.answer.calls) == (True, ())
    (again,) = (await goes_on(True, opened, came(script, lost=True))).answer.calls
    assert again == script.model_copy(update={"id": "rule_3"})
    (check,) = (await goes_on(True, opened, came(script, lost=True), came(again))).answer.calls
    assert "make test" in check.arguments
    (once_more,) = (await goes_on(False, opened, came(script), came(check, lost=True))).answer.calls
    assert once_more == check.model_copy(update={"id": "rule_4"})
    last = await goes_on(True, opened, came(script, lost=True), came(again), came(check, lost=True), came(once_more))
    assert "checks pass: make test" in last.answer.text
