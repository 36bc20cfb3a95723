"""A thread as a trajectory in ATIF, the format by which agents' runs are exchanged (Harbor's first RFC).

A message of the person is a step where the model heard it; a whole answer is one, with what came of its calls; the
instructions and each compaction are steps of the system.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

from pydantic import TypeAdapter, ValidationError

from maquette import __version__
from maquette.domain.errors import Refused
from maquette.domain.events import (
    AnswerGiven,
    AnswerInterrupted,
    CallFinished,
    ChecksRan,
    Compacted,
    CompactionUndone,
    Entry,
    InstructionsGiven,
    LimitReached,
    MessageSent,
    ResultKept,
    ThreadStarted,
    TurnFinished,
)
from maquette.domain.messages import Call, Image, Thinking, Usage
from maquette.turn.hearing import heard

VERSION = "ATIF-v1.8"
Json = dict[str, object]
_OBJECT: TypeAdapter[Json] = TypeAdapter(Json)


def trajectory(thread: str, entries: Sequence[Entry]) -> Json:
    """Of the whole past of a thread, in order. What it shares with the thread it was forked from is marked as copied.

    Refused: `nothing-said`.
    """
    told = _Told(thread)
    for before, entry in heard(entries):
        for message in before:
            told.message(message)
        if entry is not None:
            told.entry(entry)
    if not told.steps:
        raise Refused("Nothing was said in it yet, so there is nothing to export.", code="nothing-said")
    return {
        "schema_version": VERSION,
        "session_id": thread,
        "trajectory_id": thread,
        "agent": _given(name="maquette", version=__version__, model_name=told.model),
        "steps": told.steps,
        "final_metrics": told.totals(),
        "extra": {**told.about, "turns": list(told.turns.values())},
    }


class _Told:
    def __init__(self, thread: str) -> None:
        self._thread = thread
        self._results: dict[str, list[Json]] = {}
        """For each call, the results of the step that asked for it."""
        self._used: list[Usage] = []
        self.steps: list[Json] = []
        self.turns: dict[str, Json] = {}
        self.about: Json = {}
        self.model: str | None = None

    def message(self, entry: Entry) -> None:
        event = entry.event
        assert isinstance(event, MessageSent)
        extra = _given(turn=event.turn, steers=event.steers or None)
        self._step(entry, "user", message=_content(event.text, event.images), extra=extra)

    def entry(self, entry: Entry) -> None:  # noqa: C901 - one arm an event, nothing else
        match entry.event:
            case ThreadStarted() as event:
                fork = event.forked_from and event.forked_from[0]
                self.model = event.model
                self.about = _given(title=event.title, project=event.project, mode=event.mode.value, forked_from=fork)
            case InstructionsGiven(text=text):
                self._step(entry, "system", message=text)
            case AnswerGiven() as event:
                self._answer(entry, event)
            case AnswerInterrupted(why="lost"):
                pass
            case AnswerInterrupted() as event:
                extra = {"turn": event.turn, "interrupted": event.why}
                self._step(entry, "agent", message=event.text, model_name=event.model, llm_call_count=1, extra=extra)
            case CallFinished() as event:
                self._result(event)
            case Compacted() as event:
                extra = {"turn": event.turn, "context_management": {"type": "compaction", "boundary": "replace"}}
                told = f"From here on requests say less of what came before: {event.why}"
                self._step(entry, "system", message=told, extra=extra)
            case CompactionUndone(turn=turn):
                self._step(entry, "system", message="From here on requests say all of it again.", extra={"turn": turn})
            case LimitReached(turn=turn, asks=asks) if asks:
                self._step(entry, "system", message=asks, extra={"turn": turn, "limit": True})
            case ResultKept() as event:
                kept = _given(commit=event.commit, files=list(event.files), added=event.added, removed=event.removed)
                self._turn(event.turn)["result"] = kept
            case ChecksRan() as event:
                ran = [{"command": check.command, "status": check.status} for check in event.checks]
                self._turn(event.turn)["checks"] = ran
            case TurnFinished() as event:
                self._turn(event.turn).update(outcome=event.outcome.value, reason=event.reason)
            case _:
                pass

    def totals(self) -> Json:
        """Of this thread's own steps. Without a sum of money, where one price isn't known."""
        prices = [used.price for used in self._used]
        known = [price for price in prices if price is not None]
        return _given(
            total_prompt_tokens=sum(used.input for used in self._used),
            total_completion_tokens=sum(used.output for used in self._used),
            total_cached_tokens=sum(used.cached for used in self._used),
            total_cost_usd=float(sum(known)) if len(known) == len(prices) else None,
            total_steps=len(self.steps),
        )

    def _answer(self, entry: Entry, event: AnswerGiven) -> None:
        thought = "".join(part.text for part in event.answer.parts if isinstance(part, Thinking))
        more: Json = {"llm_call_count": 0}
        if not event.rules:
            more = _given(llm_call_count=1, reasoning_content=thought or None)
            if entry.stream == self._thread:  # the copied ones were paid for in the thread they come from
                more["metrics"] = _metrics(event.usage)
                self._used.append(event.usage)
        calls, results = event.answer.calls, list[Json]()
        self._results.update(dict.fromkeys((call.id for call in calls), results))
        self._step(
            entry,
            "agent",
            message=event.answer.text,
            model_name=event.model,
            **more,
            tool_calls=[_call(call) for call in calls] or None,
            observation={"results": results} if calls else None,
            extra=_given(turn=event.turn, seconds=event.seconds, cut=event.cut or None, undone=event.undone or None),
        )

    def _result(self, event: CallFinished) -> None:
        result: Json = {
            "source_call_id": event.call,
            "content": _content(event.text, event.images),
            "extra": {"status": event.status, "seconds": event.seconds},
        }
        self._results[event.call].append(result)

    def _turn(self, turn: str) -> Json:
        return self.turns.setdefault(turn, {"turn": turn})

    def _step(self, entry: Entry, source: str, **more: object) -> None:
        step: Json = {"step_id": len(self.steps) + 1, "timestamp": entry.at.isoformat(), "source": source}
        step |= _given(**more, is_copied_context=entry.stream != self._thread or None)
        self.steps.append(step)


def _given(**more: object) -> Json:
    return {name: value for name, value in more.items() if value is not None}


def _metrics(usage: Usage) -> Json:
    return _given(
        prompt_tokens=usage.input,
        completion_tokens=usage.output,
        cached_tokens=usage.cached,
        cost_usd=None if usage.price is None else float(usage.price),
        extra={"cache_written_tokens": usage.written} if usage.written else None,
    )


def _call(call: Call) -> Json:
    told: Json = {"tool_call_id": call.id, "function_name": call.name}
    try:
        return told | {"arguments": _OBJECT.validate_json(call.arguments or "{}")}
    except ValidationError:  # the format knows only objects
        return told | {"arguments": {}, "extra": {"as_it_came": call.arguments}}


def _content(text: str, images: Sequence[Image]) -> str | list[Json]:
    """Pictures are at an address that holds them: `data:`."""
    if not images:
        return text
    parts: list[Json] = [{"type": "text", "text": text}] if text else []
    for image in images:
        at = f"data:{image.media_type};base64,{base64.b64encode(image.data).decode()}"
        parts.append({"type": "image", "source": {"media_type": image.media_type, "path": at}})
    return parts
