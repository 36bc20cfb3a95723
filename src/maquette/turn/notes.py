"""What stands in a request in place of what was left out of it: in short what happened, what was decided, the plan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import orjson

from maquette.domain.cards import PlanStep
from maquette.domain.events import ApprovalDeclined
from maquette.domain.messages import Call, FromModel, FromPerson, FromTool, Message
from maquette.turn.fold import OpenCall

LINE = 200
ANSWER = 1_000
"""Characters of what a person answered."""
APPROVED = 20
"""Approvals that are told one by one. Each was for one call; what was answered and declined stays in force."""
HEAD = "[Left out here, to make room."
PLAN = "\n[The plan as it stands:]\n"
DECIDED = "\n[What the person decided:]\n"
EARLIER = "(and more before that)"
SAID = "You said: "
_ENDING = re.compile(r"\[([^\[\]\n]{1,80})\]\s*$")
"""The last line of a command's result."""
_PATCHED = re.compile(r"^\*\*\* (?:Add|Update|Delete) File: (.+)$", re.MULTILINE)


def note(run: Sequence[Message], room: int, where: Path, stands: str = "") -> FromPerson:
    """What happened in a run of messages, in at most about `room` characters. Words outlast calls, late lines early
    ones. `where` names the files that have all of it; `stands` is added whole.
    """
    lines = list(_lines(run))
    kept, left = set[int](), 3 * room // 4
    for words in (True, False):
        for number in reversed([n for n, line in enumerate(lines) if line.startswith(SAID) is words]):
            left -= len(lines[number]) + 1
            if left < 0:
                break
            kept.add(number)
        left = max(left, 0) + room // 4
    told = [line for number, line in enumerate(lines) if number in kept]
    earlier = [EARLIER] if len(told) < len(lines) else []
    head = f"{HEAD} In short, oldest first; all of it is in {where}, to grep or read:]"
    return FromPerson(text="\n".join([head, *earlier, *told]) + stands, ours=True)


def stands(plan: Sequence[PlanStep], decided: Sequence[OpenCall]) -> str:
    """What holds on, whatever is left out."""
    steps = PLAN + "\n".join(f"{step.state}: {step.text}" for step in plan) if plan else ""
    return _decisions(decided) + steps


def _decisions(decided: Sequence[OpenCall]) -> str:
    lines, approved = list[str](), list[str]()
    for one in decided:
        what = _line(f"{one.call.name} {_what(one.call)}")
        if one.question is not None and one.answer is not None:
            lines.append(f"Asked: {_line(one.question.question)} They answered: {_line(one.answer.text, ANSWER)}")
        elif isinstance(one.decision, ApprovalDeclined):
            said = f" They said: {_line(one.decision.reason, ANSWER)}" if one.decision.reason else ""
            lines.append(f"Declined: {what}.{said}")
        else:
            approved.append(f"Approved, for once: {what}")
    if more := len(approved) - APPROVED:
        lines += [f"Approved, for once: {more} calls"] * (more > 0)
    lines += approved[-APPROVED:]
    return DECIDED + "\n".join(lines) if lines else ""


def rendered(run: Sequence[Message]) -> Iterator[str]:
    """All of it, for a person or a model to read and to search."""
    for message in run:
        match message:
            case FromPerson():
                yield message.text
            case FromModel():
                if message.text.strip():
                    yield f"{SAID}{message.text}"
                yield from (f"You called {call.name}: {call.arguments}" for call in message.calls)
            case FromTool():
                yield f"{message.name} gave:\n{message.text}"


def _lines(run: Sequence[Message]) -> Iterator[str]:
    calls: dict[str, str] = {}
    for message in run:
        match message:
            case FromPerson():
                if message.text.startswith(HEAD):
                    told = message.text.partition(DECIDED)[0].partition(PLAN)[0].splitlines()[1:]
                    yield from (line for line in told if line != EARLIER)
            case FromModel():
                if message.text.strip():
                    yield f"{SAID}{_line(message.text)}"
                calls |= {call.id: _line(f"{call.name} {_what(call)}") for call in message.calls}
            case FromTool():
                yield f"{calls.get(message.call, message.name)} → {_came(message)}"


def _what(call: Call) -> str:
    """The command, the files, or whatever texts a call was given."""
    try:
        given = orjson.loads(call.arguments or "{}")
    except orjson.JSONDecodeError:
        return ""
    if not isinstance(given, dict):
        return ""
    fields = cast("dict[str, object]", given)
    inner = fields.get("arguments")
    fields = cast("dict[str, object]", {**fields, **inner}) if isinstance(inner, dict) else fields
    chosen = [value for key in ("command", "path") if isinstance(value := fields.get(key), str)]
    texts = chosen or [value for value in fields.values() if isinstance(value, str)]
    return " ".join([found for text in texts for found in _PATCHED.findall(text)] or texts)


def _came(result: FromTool) -> str:
    ended = _ENDING.search(result.text[-100:])
    return ended[1] if ended else _line(result.text, 80) if result.error else "done"


def _line(text: str, most: int = LINE) -> str:
    line = " ".join(text[: 4 * most].split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
