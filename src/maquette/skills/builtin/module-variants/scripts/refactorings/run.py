# pyright: basic, reportMissingImports=false
"""Chooses a module and a refactoring by the words of an attempt, and writes the module anew."""

import argparse
import ast
import re
import sys
from pathlib import Path

from refactorings.rules import RULES, TurnedAround


def module(request, named):
    """None: there is none, or none of those that the words name."""
    if named:
        return Path(named)
    paths = [path for path in sorted(Path().rglob("*.py")) if not any(p.startswith((".", "test")) for p in path.parts)]
    if told := re.findall(r"[\w-]+\.py\b", request):
        return next((path for path in paths if path.name in told), None)
    return max(paths, key=lambda path: path.stat().st_size, default=None)


def changed(source, rules):
    """By the first rule that finds something: which, how often, and what came of it."""
    for name, rule in rules.items():
        found = rule()
        made = ast.unparse(ast.fix_missing_locations(found.visit(ast.parse(source))))
        if found.done:
            return name, found.done, made + "\n"
    return None


def main():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--request", default="")
    parser.add_argument("--module")
    parser.add_argument("--number", type=int)
    args = parser.parse_args()
    path = module(args.request, args.module)
    if path is None or not path.is_file():
        sys.stderr.write("There is no such Python module here, tests left out: name another.\n")
        return 2
    told = re.search(r"This is attempt (\d+)", args.request)
    number = args.number or (told and int(told[1]))
    rules = RULES
    if number and number % 7 == 0:
        rules = {"a condition turned around": TurnedAround}
    elif number:
        name = tuple(RULES)[(number - 1) % len(RULES)]
        rules = {name: RULES[name]}
    came = changed(path.read_text("utf-8"), rules)
    if came is None:
        print(f"# {path}: nothing to change\n\nThese rules found nothing in it: {', '.join(rules)}.")
        return 0
    name, times, made = came
    path.write_text(made, "utf-8")
    print(f"# {path}: {name}\n")
    print(f"Changed by rule in {times} place{'s' if times > 1 else ''}; comments in the module are lost.")
    if name not in RULES:
        print("Broken on purpose: a condition says the opposite.")
    return 0
