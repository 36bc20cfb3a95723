"""Explorations as they stand, and the votes that were cast in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Connection, Integer, Table, Text

from maquette.domain.events import (
    AttemptAdded,
    DecisionMade,
    DefinitionWritten,
    Entry,
    EvidenceGathered,
    ExplorationSet,
    ExplorationShelved,
    ExplorationStarted,
    JudgingAsked,
    JudgingEnded,
    VoteCast,
)
from maquette.domain.explorations import Exploration
from maquette.store.rows import Rows
from maquette.store.schema import BIG, METADATA

EXPLORATIONS = Table(
    "explorations",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("project", Text, nullable=False),
    Column("cursor", BIG, nullable=False),  # of the last that happened in it
    Column("exploration", Text, nullable=False),  # all of it, as JSON
)
VOTES = Table(
    "votes",
    METADATA,
    Column("exploration", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("vote", Text, nullable=False),
)
TABLES = (EXPLORATIONS, VOTES)
EVENTS = (
    ExplorationStarted,
    ExplorationSet,
    ExplorationShelved,
    AttemptAdded,
    EvidenceGathered,
    VoteCast,
    JudgingAsked,
    JudgingEnded,
    DecisionMade,
    DefinitionWritten,
)
_ROWS, _VOTES = map(Rows, TABLES)


def apply(conn: Connection, entries: Sequence[Entry]) -> None:
    known: dict[str, Exploration | None] = {}
    cursors: dict[str, int] = {}
    for entry in entries:
        if entry.stream not in known:
            row = _ROWS.get(conn, entry.stream)
            known[entry.stream] = Exploration.model_validate_json(row["exploration"]) if row else None
        if isinstance(entry.event, ExplorationStarted):
            known[entry.stream] = _started(entry, entry.event)
        elif (one := known[entry.stream]) is not None:
            known[entry.stream] = _fold(one, entry)
        cursors[entry.stream] = entry.cursor
        if isinstance(entry.event, VoteCast):
            vote = entry.event.vote
            _VOTES.put(
                conn, [{"exploration": entry.stream, "position": entry.position, "vote": vote.model_dump_json()}]
            )
    rows = [
        {"id": one.id, "project": one.project, "cursor": cursors[one.id], "exploration": one.model_dump_json()}
        for one in known.values()
        if one is not None
    ]
    _ROWS.put(conn, rows)


def _started(entry: Entry, event: ExplorationStarted) -> Exploration:
    return Exploration(
        id=entry.stream,
        project=event.project,
        brief=event.brief,
        at_once=event.at_once,
        budget=event.budget,
        started=entry.at,
        changed=entry.at,
    )


def _fold(one: Exploration, entry: Entry) -> Exploration:
    changes: dict[str, Any] = {"changed": entry.at}
    match entry.event:
        case ExplorationSet() as event:
            given = {"at_once": event.at_once, "budget": event.budget}
            changes |= {name: value for name, value in given.items() if value is not None}
        case ExplorationShelved(why=why):
            changes["shelved"] = why
        case AttemptAdded():
            changes["attempts"] = one.attempts + 1
        case VoteCast():
            changes["votes"] = one.votes + 1
        case JudgingAsked(id=judging):
            changes["judging"] = judging
        case JudgingEnded():
            changes["judging"] = ""
        case DecisionMade(attempt=int() as number):
            changes["picked"] = number
        case DefinitionWritten(definition=definition):
            changes["definition"] = definition
        case _:
            pass
    return one.model_copy(update=changes)
