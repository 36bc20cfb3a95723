"""Finds code that nothing uses, removes it in small groups, and keeps a group only if the checks still pass."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

from .checks import Bench, Checks, Copy, InPlace, Outcome, find_checks, restore
from .report import Report, as_json, as_markdown
from .sweep import Sweep, say
from .tree import CannotTell, Tree, read_tree

DONE, BAD_INPUT, FAILING = 0, 2, 3


def main() -> int:
    options = _options()
    signal.signal(signal.SIGTERM, _stop)
    root = Path.cwd()
    start = time.monotonic()
    put_back = restore(root)
    if put_back:
        say(f"put back what an interrupted run had left untried: {', '.join(put_back)}")
    try:
        tree = read_tree(root, tests=options.tests)
    except CannotTell as error:
        return _refuse(str(error))
    if not any(tree.changeable(p) for p in tree.python):
        return _refuse("There are no Python source files here that git tracks, so there is nothing to clean.")
    commands: list[str] = options.check or find_checks(tree)
    if not commands:
        return _refuse("No checks were found (pytest, unittest, make test): name one with --check 'COMMAND'.")
    say(f"checks: {'; '.join(commands)}")
    checks = Checks(commands, options.timeout)
    report = Report(commands, tree.tracked, _lines(tree), put_back)
    bench, outcome = a_bench(root, tree, checks)
    report.check_seconds = outcome.seconds
    if bench is None:
        report.failing = outcome
    else:
        report.where = bench.name
        checks.limit = min(checks.limit, 30 + 5 * outcome.seconds)
        sweep = Sweep(tree, bench, checks, options.public, options.runs, start + options.seconds, outcome.seconds)
        try:
            if not options.list:
                sweep.run()
            else:
                sweep.look()
        finally:
            bench.close()
        report.removed, report.left, report.found = sweep.removed, sweep.left, sweep.found
        report.ran_out = sweep.ran_out
    report.lines_after, report.runs, report.seconds = _lines(tree), checks.runs, time.monotonic() - start
    print(as_markdown(report))
    if options.json:
        options.json.write_text(as_json(report), "utf-8")
    return FAILING if report.failing else DONE


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dead_code.py", description=__doc__)
    add = parser.add_argument
    add("--check", action="append", metavar="CMD", help="a command that must pass (may repeat); else found")
    add("--public", action="store_true", help="public names may go as well")
    add("--tests", action="store_true", help="clean the tests, too")
    add("--list", action="store_true", help="only say what would be tried; change nothing")
    add("--runs", type=int, default=80, metavar="N", help="run the checks at most so often (default 80)")
    add("--seconds", type=float, default=540, metavar="S", help="stop trying after so long (default 540)")
    add("--timeout", type=float, default=900, metavar="S", help="seconds for one run of the checks (default 900)")
    add("--json", type=Path, metavar="FILE", help="write the result as JSON, too")
    return parser.parse_args()


def a_bench(root: Path, tree: Tree, checks: Checks) -> tuple[Bench | None, Outcome]:
    """Where the checks pass as things are, and fail once the code is broken: else they prove nothing."""
    try:
        copy = Copy(root)
    except OSError as error:
        say(f"no copy could be made ({error})")
    else:
        outcome = checks.run(copy.root)
        if outcome.passed and _noticed(copy, tree, checks):
            say(f"the checks pass in a copy ({outcome.seconds:.1f} s), and fail there when the code is broken")
            return copy, outcome
        copy.close()
        if outcome.passed:
            say("the checks in a copy don't see the code there; trying them in the project itself")
        else:
            say("the checks fail in a copy; trying them in the project itself")
    outcome = checks.run(root)
    if not outcome.passed:
        return None, outcome
    place = InPlace(root)
    try:
        noticed = _noticed(place, tree, checks)
    except BaseException:
        place.close()
        raise
    if noticed:
        return place, outcome
    sys.exit(
        _refuse(
            "The checks pass even when the code is broken on purpose, so they prove nothing: "
            "name better ones with --check."
        )
    )


def _noticed(bench: Bench, tree: Tree, checks: Checks) -> bool:
    broken = {
        path: b'raise RuntimeError("broken on purpose")\n' + data if tree.changeable(path) else data
        for path, data in tree.python.items()
    }
    bench.put(tree.python, broken)
    try:
        return not checks.run(bench.root).passed
    finally:
        bench.put(broken, tree.python)


def _lines(tree: Tree) -> int:
    return sum(data.count(b"\n") for path, data in tree.python.items() if tree.changeable(path))


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return BAD_INPUT


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    """So that what is being tried is put back."""
    raise SystemExit(128 + number)
