# pyright: basic, reportMissingImports=false
"""Chooses a module and a refactoring by the words of an attempt, and writes the module anew."""

import argparse
import ast
import re
import sys
from pathlib import Path

from refactorings.rules import RULES, TurnedAround


def module(request, named):
    if named:
        return Path(named)
    paths = [path for path in sorted(Path().rglob("*.py")) if not any(p.startswith((".", "test")) for p in path.parts)]
    told = [path for path in paths if path.name in request]
    return (told or sorted(paths, key=lambda path: -path.stat().st_size) or [None])[0]


def main():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--request", default="")
    parser.add_argument("--module")
    parser.add_argument("--number", type=int)
    args = parser.parse_args()
    path = module(args.request, args.module)
    if path is None or not path.is_file():
        sys.stderr.write("There is no Python module here: name one with --module.\n")
        return 2
    told = re.search(r"This is attempt (\d+)", args.request)
    number = args.number or (int(told[1]) if told else 1)
    tree = ast.parse(path.read_text("utf-8"))
    name = tuple(RULES)[(number - 1) % len(RULES)]
    rule = TurnedAround() if number % 7 == 0 else RULES[name]()
    made = ast.unparse(ast.fix_missing_locations(rule.visit(tree)))
    if rule.done:
        path.write_text(made + "\n", "utf-8")
    print(f"# {path}: {'a condition turned around' if number % 7 == 0 else name}\n")
    print(f"Changed by rule in {rule.done} places; comments in the module are lost.")
    if number % 7 == 0:
        print("Broken on purpose: a condition says the opposite.")
    return 0
