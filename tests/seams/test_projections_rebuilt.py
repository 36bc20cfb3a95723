"""Projections are folds of the log: whichever way it was written, and made again, they are the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Connection, text

from maquette.domain.events import (
    AnswerGiven,
    AnswerInterrupted,
    ApprovalAsked,
    ApprovalDeclined,
    ApprovalGiven,
    AttemptAdded,
    AttemptStopped,
    BabyMade,
    CallFinished,
    ChecksRan,
    DecisionChanged,
    DecisionMade,
    DefinitionWritten,
    Event,
    EvidenceGathered,
    ExplorationSet,
    ExplorationShelved,
    ExplorationStarted,
    JudgeAnswered,
    JudgeFailed,
    JudgingAsked,
    JudgingEnded,
    Merged,
    MessageSent,
    ProjectAdded,
    ProjectSet,
    QuestionAnswered,
    QuestionAsked,
    ResultKept,
    RiskClosed,
    StageMoved,
    StopAsked,
    ThreadSet,
    ThreadStarted,
    TurnFinished,
    TurnQueued,
    TurnResumed,
    TurnStarted,
    TurnWaiting,
    VoteCast,
)
from maquette.domain.explorations import Brief, Closed, Definition, Evidence, Medium
from maquette.domain.messages import FromModel, Text, Usage
from maquette.domain.projects import Baby, ProjectKind
from maquette.domain.stages import Risk, Stage
from maquette.domain.threads import Mode, Outcome
from maquette.domain.votes import Judge, Vote
from maquette.store import Conflict, Store, rebuild
from maquette.store.projections import messages, threads


@pytest.fixture
def store(place: Path | str) -> Iterator[Store]:
    store = Store.open(place)
    yield store
    store.close()


def any_event(random: Random) -> Event:
    """Of a few turns and calls, in any order, also such as makes no sense."""
    turn, call, run = random.choice(["u1", "u2", "u3"]), random.choice(["c1", "c2", "c3"]), f"r{random.random()}"
    words = " ".join(random.choices(["parser", "naïve", "tree", "ÉTÉ", "\x02mark\x03", "nul\x00", "漢字"], k=3))
    digest, commit = random.choice("de"), random.choice("fgh")
    usage = Usage(input=9, output=random.randrange(9), price=random.choice([None, Decimal("0.1"), Decimal("1e-9")]))
    answer = FromModel(parts=(Text(text=words),))
    brief, number = Brief(question=words, medium=Medium.PAGE, why="", base="b"), random.randrange(1, 4)
    expires = datetime(2026, 6, random.randrange(1, 30), tzinfo=UTC)
    return random.choice(
        [
            lambda: ThreadStarted(project="p1", title=words, mode=Mode.LOCAL, model="m"),
            lambda: ThreadSet(title=random.choice([None, words]), pinned=random.choice([None, True, False])),
            lambda: MessageSent(id=run, turn=turn, text=words),
            lambda: TurnQueued(turn=turn, run=run),
            lambda: TurnStarted(turn=turn, run=run, epoch=1),
            lambda: TurnWaiting(turn=turn, calls=(call,)),
            lambda: TurnResumed(turn=turn, run=run),
            lambda: StopAsked(turn=turn),
            lambda: TurnFinished(turn=turn, outcome=random.choice(list(Outcome))),
            lambda: AnswerGiven(turn=turn, step=random.randrange(99), seen=0, model=digest, answer=answer, usage=usage),
            lambda: AnswerInterrupted(turn=turn, step=1, seen=0, model="m", text=words, why="failed"),
            lambda: CallFinished(turn=turn, call=call, name="shell", status="ok", text=words),
            lambda: QuestionAsked(turn=turn, call=call, question=words),
            lambda: QuestionAnswered(turn=turn, call=call, text=words),
            lambda: ApprovalAsked(turn=turn, call=call, why="", shown=(), digest=digest, expires=expires),
            lambda: ApprovalGiven(turn=turn, call=call, digest=digest),
            lambda: ApprovalDeclined(turn=turn, call=call, digest=digest),
            lambda: ResultKept(turn=turn, commit=commit, files=(), added=random.randrange(9), removed=1),
            lambda: ChecksRan(turn=turn, commit=commit, checks=()),
            lambda: Merged(commit=commit, into="main", before="a", after="b"),
            lambda: ProjectAdded(name=words, kind=ProjectKind.DESK, path="/" + words),
            lambda: ProjectSet(name=random.choice([None, words])),
            lambda: BabyMade(baby=Baby(commit=commit, of="a", thread=run, files=1, lines=2, of_files=3, of_lines=4)),
            lambda: ExplorationStarted(project="p1", brief=brief, at_once=2),
            lambda: ExplorationSet(at_once=random.randrange(1, 9)),
            lambda: ExplorationShelved(why=random.choice(["", words])),
            lambda: AttemptAdded(attempt=number, thread=random.choice(["t1", "t2"]), begins=turn),
            lambda: AttemptStopped(attempt=number, why=words),
            lambda: EvidenceGathered(attempt=number, evidence=Evidence(commit=commit, tree=digest, summary=words)),
            lambda: RiskClosed(attempt=number, closed=Closed(risk=Risk.DESIGN, by="p", evidence=words)),
            lambda: StageMoved(attempt=number, stage=Stage.CANDIDATE, reason=words, by="p"),
            lambda: VoteCast(vote=Vote(judge=Judge(name="p"), left="1", right="2", choice="left")),
            lambda: JudgingAsked(id=f"judging_{run}", model="m:x", pairs=3),
            lambda: JudgeAnswered(judging=run, model="m:x", first=1, second=2, answer="both", usage=usage),
            lambda: JudgeFailed(judging=run, first=1, second=2, reason=words),
            lambda: JudgingEnded(judging=run, votes=1),
            lambda: DecisionMade(id=run, project="p1", reason=words, attempt=random.choice([None, number])),
            lambda: DecisionMade(id=digest, project="p1", reason=words),
            lambda: DecisionChanged(id=digest, reason=words, withdrawn=random.choice([None, True])),
            lambda: DefinitionWritten(definition=Definition(goal=words, feature="")),
        ]
    )()


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.prove) for seed in range(1, 12))])
def test_projections_made_again_from_any_log_are_equal(store: Store, seed: int) -> None:
    random = Random(seed)
    kept, tries = 0, 400 if isinstance(store.log.where, Path) else 100
    for _ in range(tries):
        stream = random.choice(["t1", "t2", "t3"])
        try:
            kept += len(store.log.append_now(stream, *[any_event(random) for _ in range(random.choice([1, 1, 2, 5]))]))
        except Conflict:
            continue
    assert kept > tries / 2
    assert store.log.cursor() == kept
    assert rebuild(store) == []


def test_every_difference_is_found_named_and_mended(store: Store) -> None:
    for name in ("t1", "t2", "t3"):
        store.log.append_now(name, ThreadStarted(project="p", title=f"Title {name}", mode=Mode.LOCAL, model="m"))
        store.log.append_now(name, TurnQueued(turn=f"u{name}", run="r"), MessageSent(id="m", turn="u", text="Mend it"))
    right = store.query_now(threads.threads)

    def spoil(conn: Connection) -> None:
        conn.execute(text("UPDATE threads SET state = 'waiting', tokens = 7 WHERE id = 't2'"))
        conn.execute(text("DELETE FROM turns WHERE thread = 't1'"))
        conn.execute(text("INSERT INTO fences VALUES ('t1', 3)"))  # no projection
        conn.execute(text("INSERT INTO costs VALUES ('t1', 'u', 1978000, 'm', 1, 0, 1, 0, 0, 1, 5, 0, 0)"))

    store.log.maintain(spoil)
    assert sorted(rebuild(store)) == [
        "costs t1 u 1978000 m: is there, and should not be.",
        "threads t2: state is 'waiting', should be 'queued', tokens is 7, should be 0.",
        "turns t1 ut1: is missing.",
    ]
    lie = "INSERT INTO messages_words (rowid, text) VALUES (1, 'lies')"
    if isinstance(store.log.where, str):
        lie = "UPDATE messages_words SET words = 'lies' WHERE cursor = 1"
    store.log.maintain(lambda conn: conn.execute(text(lie)))
    assert rebuild(store, replace=True)[-1] == "messages: the words to search don't match the texts."
    assert rebuild(store) == []
    assert store.query_now(threads.threads) == right
    assert store.query_now(messages.search, "lies") == []
    assert len(store.query_now(messages.search, "mend")) == 3
    if isinstance(store.log.where, Path):
        assert [path.name for path in store.log.path.parent.iterdir() if path.is_dir()] == []


def test_of_many_differences_the_first_are_named_and_the_others_counted(store: Store) -> None:
    store.log.append_now("t", *[TurnQueued(turn=f"u{n:03}", run="r") for n in range(50)])
    store.log.maintain(lambda conn: conn.execute(text("DELETE FROM turns")))
    differences = rebuild(store)
    assert (len(differences), differences[0], differences[-1]) == (
        21,
        "turns t u000: is missing.",
        "turns: and 30 more.",
    )
