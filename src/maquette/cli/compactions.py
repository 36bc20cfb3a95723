"""Compactions: what requests to the model leave out of a thread's past, and having it said again."""

from __future__ import annotations

import argparse

from maquette.cli import endings, screen
from maquette.cli.commands import Commands
from maquette.cli.endings import Failed
from maquette.cli.link import Json, Link, segment
from maquette.cli.screen import count, line_of


def add(commands: Commands) -> None:
    one = commands.add("compactions", "What the model no longer sees of a thread, to make room", _compactions)
    one.add_argument(
        "thread", nargs="?", default="latest", help="its id, the end of one, or latest (so, when not given)"
    )
    one.add_argument("--whole", action="store_true", help="with all of the text")
    one.add_argument("--undo", action="store_true", help="have what the last one left out said again")
    one.add_argument("--json", action="store_true", help="as the base gives it")


def _compactions(link: Link, args: argparse.Namespace) -> int:
    where = f"/threads/{segment(args.thread)}/compactions"
    found = link.get(where)
    out = screen.out()
    if args.json:
        return screen.as_json(found)
    if args.undo:
        if not found:
            raise Failed("The model sees all of this thread: there is nothing to put back.")
        link.post(f"{where}/undo", {"turn": found[-1]["turn"], "step": found[-1]["step"]})
        out.line("It is said again with the next request. Is that too long, it is left out again, and you are told.")
        return endings.DONE
    for one in found:
        _tell(out, one, whole=args.whole)
    if not found:
        out.line(("The model sees all of this thread.", "dim"))
    return endings.DONE


def _tell(out: screen.Screen, one: Json, *, whole: bool) -> None:
    left = one["left_out"]
    entries = f"entries {left[0]['position']} to {left[-1]['position']}" if left else "nothing"
    out.line((f"Left out at step {one['step']}: {entries}", "bold"), f"  {count(one['characters'])} characters")
    out.line((one["why"], "dim"))
    for gone in left:
        text = _text(gone["message"])
        out.line((f"{gone['position']:>7}  ", "dim"), text if whole else line_of(text, max(20, out.width - 9)))
    if one["stands"]:
        out.line(("`maquette compactions --undo` has it said again, to a model that reads more.", "dim"))


def _text(message: Json) -> str:
    if message["role"] != "model":
        return str(message["text"])
    parts = (
        f"{part['name']} {part['arguments']}" if part["kind"] == "call" else part["text"] for part in message["parts"]
    )
    return "\n".join(part for part in parts if part)
