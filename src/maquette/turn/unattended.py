"""What a run that nobody watches does beside its work: it looks whether there is news, and proves what it did."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from maquette.domain.automations import Leaves, Passes, Reports, Terms
from maquette.domain.errors import Refused
from maquette.domain.events import AnswerGiven, RunChecked, RunLooked
from maquette.kinds.sandboxes import Box
from maquette.turn.room import Room
from maquette.workspace import Workspace

Shows = Callable[[str], None]


async def looked(workspace: Workspace, turn: str, room: Room, terms: Terms, show: Shows) -> RunLooked:
    """By the plan's command: what it prints is news, and so is that it failed, which somebody has to see to."""
    await room.made()
    (check,) = await workspace.check(room.box, (terms.look,), room.files.root, show)
    return RunLooked(turn=turn, news=not check.passed or bool(check.output.strip()), check=check)


async def proved(
    workspace: Workspace, turn: str, room: Room, terms: Terms, last: AnswerGiven | None, show: Shows
) -> RunChecked:
    """The postcondition, looked up on the spot."""
    tells = partial(RunChecked, turn=turn)
    match terms.postcondition:
        case Passes(command=command):
            return await _passes(workspace, room.box, command, room, tells, show)
        case Leaves(files=files):
            missing = [file for file in files if not _is_there(room, file)]
            told = f"Not there, or empty: {', '.join(missing)}." if missing else f"There: {', '.join(files)}."
            return tells(met=not missing, told=told)
        case Reports():
            words = len(last.answer.text.split()) if last else 0
            return tells(met=words > 0, told=f"It answered in {words} words." if words else "It answered nothing.")
        case _:
            return tells(met=None, told="")


async def _passes(
    workspace: Workspace, box: Box, command: str, room: Room, tells: Callable[..., RunChecked], show: Shows
) -> RunChecked:
    (check,) = await workspace.check(box, (command,), room.files.root, show)
    status = "took too long" if check.status is None else f"ended with {check.status}"
    return tells(met=check.passed, told=f"{command}: {'passes' if check.passed else status}.", check=check)


def _is_there(room: Room, path: str) -> bool:
    try:
        found = room.files.stat(path)
    except Refused:
        return False
    return found is not None and found.size > 0
