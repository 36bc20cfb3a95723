"""What became of the night gardener's ideas."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from maquette.domain.automations import Receipt, Result
from maquette.domain.gardening import SLOT, first, is_again
from maquette.store.projections import automations, threads


@dataclass(frozen=True)
class Known:
    """Of a project: the slots of ideas that were ever begun; those undecided, those declined; those of a thread; those
    whose first try was broken off, and which are to be tried once more.
    """

    begun: frozenset[str]
    waiting: frozenset[str]
    declined: frozenset[str]
    own: frozenset[str]
    broken: frozenset[str]


def known_ideas(conn: Connection, project: str, thread: str) -> Known:
    """From the receipts of all automations of the project, and where the threads of these are now."""
    runs: list[Receipt] = []
    for one in automations.automations(conn):
        if one.plan.project == project:
            runs += [run for run in automations.receipts(conn, one.id) if run.slot.startswith(SLOT)]
    twice = {first(run.slot) for run in runs if is_again(run.slot)}
    broken = {run.slot for run in runs if run.result is Result.FAILED and not is_again(run.slot)} - twice
    begun = [run for run in runs if run.slot not in broken | twice]
    there = {one.id: one for one in threads.those(conn, *(run.thread for run in begun if run.thread))}
    waiting: set[str] = set()
    declined: set[str] = set()
    for run in begun:
        at = there.get(run.thread or "")
        if run.state != "ended" or (at is not None and not at.archived and not at.merged):
            waiting.add(first(run.slot))
        elif at is not None and at.archived and not at.merged and run.result is Result.DONE:
            declined.add(first(run.slot))
    own = {first(run.slot) for run in begun if run.told == found_in(thread)}
    return Known(*map(frozenset, ({first(run.slot) for run in begun}, waiting, declined, own, broken)))


def found_in(thread: str) -> str:
    return f"An idea that was found in {thread}."
