"""Where a kill landed, by what the log and the host say of each thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from maquette.store import Store
from maquette.store.history import history
from maquette.store.projections import threads, turns
from maquette.store.projections.turns import Turn
from maquette.testing.proof.mortal import Where
from maquette.turn.fold import Place, fold

BETWEEN = "between turns"
QUEUED = "a turn is due and not begun"
BEGUN = "a turn has begun, and no model was asked yet"
ASKED = "the model is asked"
STREAMING = "an answer is streaming"
INTENT = "intent is logged, the effect has not begun"
EFFECT = "in an effect"
DONE = "the effect is over, its result not logged"
SOME = "some results of an answer are in, others not"
QUESTION = "a question waits"
APPROVAL = "an approval waits"
DECIDED = "an answer or approval is given, and not taken up"
ENDED = "the model came to an end, the result is not kept"
KEPT = "the result is kept, the turn not finished"
MERGING = "a merge is under way"

CLASSES = (
    *(BETWEEN, QUEUED, BEGUN, ASKED, STREAMING, INTENT, EFFECT, DONE, SOME, QUESTION, APPROVAL, DECIDED),
    *(ENDED, KEPT, MERGING),
)


def landings(where: Where, store: Store) -> Counter[str]:
    """One for each thread, and one for a merge."""
    found: Counter[str] = Counter()
    began, ended = where.traces.read()
    for thread in store.query_now(threads.threads):
        due = next(iter(store.query_now(turns.due, thread.id)), None)
        found[_of(thread.id, fold(history(store.log, thread.id)), due, began, ended)] += 1
    found[MERGING] += sum(1 for _ in (where.state / "projects").glob("*/landing.json"))
    return +found


def _of(thread: str, place: Place, due: Turn | None, began: Mapping[str, int], ended: Mapping[str, int]) -> str:
    if due is None:
        if place.turn is None:
            return BETWEEN
        return QUESTION if any(call.question for call in place.calls.values()) else APPROVAL
    if due.state == "queued":
        return DECIDED if place.turn is not None else QUEUED
    if place.calls:
        return _in_calls(thread, place, began, ended)
    if place.streamed:
        return STREAMING
    if place.ended and not place.unheard:
        kept = place.result is not None and place.result.turn == place.turn
        return KEPT if kept else ENDED
    return BEGUN if place.step == 0 else ASKED


def _in_calls(thread: str, place: Place, began: Mapping[str, int], ended: Mapping[str, int]) -> str:
    if place.last is not None and len(place.calls) < len(place.last.answer.calls):
        return SOME
    started = [f"{thread}/{call.call.id}" for call in place.calls.values() if call.started]
    if any(ended.get(call) for call in started):
        return DONE
    if any(began.get(call) for call in started):
        return EFFECT
    return INTENT
