"""Finds code that can go, one idea at a time, or makes one idea real."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from deadcode.checks import Checks, restore
from deadcode.run import a_bench
from deadcode.tree import CannotTell, Tree, read_tree

from .dead import dead_code
from .idea import Idea, Unsure
from .needs import unused_dependencies
from .twins import duplicates

DONE, BAD_INPUT, FAILING = 0, 2, 3
ONE = re.compile(r"\bidea ([0-9a-f]{12})\b")
TOLD, MOST = 12, 40
"""Of what is left alone; of ideas."""


def main() -> int:
    options = _options()
    root = Path.cwd()
    restore(root)
    wanted = options.idea or next(iter(ONE.findall(options.request)), "")
    try:
        tree = read_tree(root, tests=False)
    except CannotTell as error:
        return _refuse(str(error))
    if not wanted and (why := _unproved(root, tree, options)):
        return _refuse(why[1], why[0])
    ideas, unsure = found(tree, root)
    if wanted:
        return _make(root, [one for one in ideas if one.key == wanted])
    _tell(ideas[:MOST], unsure)
    return DONE


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="garden.py", description=__doc__)
    parser.add_argument("--check", action="append", default=[], metavar="CMD", help="what must pass (may repeat)")
    parser.add_argument("--idea", metavar="KEY", help="make this one real, in the files here")
    parser.add_argument("--request", default="", metavar="TEXT", help="the words of the task, which may name an idea")
    parser.add_argument("--timeout", type=float, default=900, metavar="S", help="seconds for one run of the checks")
    return parser.parse_args()


def found(tree: Tree, root: Path) -> tuple[list[Idea], list[Unsure]]:
    """What saves most comes first. What goes altogether is no duplicate as well."""
    dead = list(dead_code(tree, root))
    gone = {name for one in dead if isinstance(one, Idea) for name in one.names}
    twins = [one for one in duplicates(tree) if isinstance(one, Unsure) or not gone & set(one.names)]
    every = [*dead, *twins, *unused_dependencies(tree)]
    ideas = [one for one in every if isinstance(one, Idea) and one.lines > 0]
    return sorted(ideas, key=lambda one: (-one.lines, one.file, one.key)), [o for o in every if isinstance(o, Unsure)]


def _unproved(root: Path, tree: Tree, options: argparse.Namespace) -> tuple[int, str] | None:
    """Why nothing found here could be proved."""
    if not options.check:
        return BAD_INPUT, "The project has no checks, so no idea could be proved: set them first."
    bench, outcome = a_bench(root, tree, Checks(options.check, options.timeout))
    if bench is None:
        return FAILING, f"The checks fail as things are ({outcome.command}), so no idea could be proved."
    bench.close()
    return None


def _make(root: Path, ideas: Sequence[Idea]) -> int:
    if not ideas:
        print("# The garden\n\nThat idea is no longer there: the code has changed.\n\nNothing new.")
        return DONE
    (idea,) = ideas
    for path, data in idea.after.items():
        if data is None:
            (root / path).unlink()
        else:
            (root / path).write_bytes(data)
    print(f"# {idea.what[0].upper()}{idea.what[1:]}\n\nWhy it is safe: {idea.why}.\n\nSaves {_lines(idea.lines)}.")
    return DONE


def _tell(ideas: Sequence[Idea], unsure: Sequence[Unsure]) -> None:
    print("# The garden\n")
    for one in ideas:
        print(f"- {one.what} ({_lines(one.lines)}; idea {one.key}). Why it is safe: {one.why}.")
    if not ideas:
        print("There is nothing that could surely go.")
    if unsure:
        print("\nLeft alone:\n")
        print("\n".join(f"- {one.kind}: {one.what}: {one.why}" for one in unsure[:TOLD]))
        if len(unsure) > TOLD:
            print(f"- and {len(unsure) - TOLD} more")
    offered = [{"kind": o.kind, "key": o.key, "file": o.file, "what": o.what, "lines": o.lines} for o in ideas]
    print(f"\n```json\n{json.dumps({'ideas': offered})}\n```")


def _lines(count: int) -> str:
    return f"{count} line{'' if count == 1 else 's'}"


def _refuse(sentence: str, status: int = BAD_INPUT) -> int:
    print(sentence, file=sys.stderr)
    return status
