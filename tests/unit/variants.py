"""Variants of one function whose kin is known: some ways to do it, each rewritten in ways that change nothing of it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

WAYS: Mapping[str, str] = {
    "loop": """
def total(prices, discount):
    result = 0
    for price in prices:
        if price > 100:
            result += price - price * discount / 100
        else:
            result += price
    return round(result, 2)
""",
    "comprehension": """
def total(prices, discount):
    reduced = [price * (1 - discount / 100) for price in prices if price > 100]
    others = [price for price in prices if price <= 100]
    return round(sum(reduced) + sum(others), 2)
""",
    "recursion": """
def total(prices, discount):
    if not prices:
        return 0
    head, *tail = prices
    share = (100 - discount) / 100 if head > 100 else 1
    return round(head * share + total(tail, discount), 2)
""",
    "sorting": """
def total(prices, discount):
    ordered = sorted(prices, reverse=True)
    position = 0
    while position < len(ordered) and ordered[position] > 100:
        position += 1
    expensive, cheap = ordered[:position], ordered[position:]
    return round(sum(cheap) + sum(expensive) * (100 - discount) / 100, 2)
""",
    "table": """
from collections import Counter

def total(prices, discount):
    counted = Counter(prices)
    factors = {price: 1 - discount / 100 if price > 100 else 1 for price in counted}
    amounts = map(lambda item: item[0] * item[1] * factors[item[0]], counted.items())
    return round(sum(amounts), 2)
""",
    "generator": """
def total(prices, discount):
    def reduced():
        yield from (0,)
        for amount in prices:
            over = amount > 100
            yield amount - over * amount * discount / 100
    return round(sum(reduced()), 2)
""",
}


@dataclass(frozen=True)
class Variant:
    """`way`: how it is done; variants of one way are kin."""

    name: str
    way: str
    source: str


def variants(each: int, random: Random) -> list[Variant]:
    """`each` of every way, the first as it is written above, mixed up."""
    made = [
        Variant(f"{way}-{number}", way, source if number == 0 else rewritten(source, random))
        for way, source in WAYS.items()
        for number in range(each)
    ]
    random.shuffle(made)
    return made


def rewritten(source: str, random: Random) -> str:
    """The same with other names of its own, laid out anew, and a comment or a line more."""
    tree = ast.parse(source)
    own = sorted(
        {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        | {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    )
    taken = random.sample(
        ["items", "value", "acc", "rate", "left", "right", "row", "entry", "out", "part", "bits"], len(own)
    )
    names = dict(zip(own, taken, strict=True))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = names.get(node.id, node.id)
        elif isinstance(node, ast.arg):
            node.arg = names.get(node.arg, node.arg)
    lines = ast.unparse(tree).splitlines()
    at = random.randrange(len(lines))
    lines.insert(at, "# " + random.choice(["this is the tricky part", "see the brief", "careful here"]))
    if random.random() < 0.5:
        lines += ["", "", "VERSION = " + str(random.randint(1, 9))]
    return "\n".join(lines) + "\n"
