"""Removes in groups, keeps what the checks allow, and finds what they don't."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from .checks import Bench, Checks
from .index import Definition, Key
from .lint import undefined, unused
from .mentions import Mentions, read_mentions
from .reach import Dead, find_dead, index_all
from .removal import CannotApply, Removal, apply
from .surgery import Cut
from .tree import Tree
from .unreachable import Unused, scan, unreachable


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@dataclass
class Left:
    """What stays although little or nothing seems to use it, and why."""

    name: str
    kind: str
    where: str
    why: str


@dataclass
class Plan:
    removals: list[Removal]
    left: list[Left]


@dataclass
class Sweep:
    """One run over a tree. `removed` grows as groups pass."""

    tree: Tree
    bench: Bench
    checks: Checks
    public: bool
    most_runs: int
    deadline: float
    """By `time.monotonic()`."""
    seconds: float
    """What one run of the checks takes."""
    removed: list[Removal] = field(default_factory=list[Removal])
    blocked: dict[str, str] = field(default_factory=dict[str, str])
    left: list[Left] = field(default_factory=list[Left])
    found: list[Removal] | None = None
    """Only set by `look`."""
    ran_out: bool = False
    _mentions: Mentions = field(init=False)
    _unused: dict[tuple[str, str], Unused] = field(init=False)
    _undefined: Counter[tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        self._mentions = read_mentions(self.tree)
        self._unused = {(u.path, u.name): u for u in scan(self.tree.python)}
        self._undefined = undefined(self.bench.root, list(self.tree.python))

    def run(self) -> None:
        """Until nothing more is found, or the bound on check runs is reached."""
        while True:
            plan = self._plan()
            self.left = plan.left
            if not plan.removals or self.ran_out:
                break
            say(f"found {len(plan.removals)} things that nothing uses")
            self._work(plan.removals)
        if self.ran_out:
            self.left += [
                Left(r.name, r.kind, f"{r.path}:{r.line}", "not tried: the bound on check runs or time was reached")
                for r in plan.removals
            ]

    def look(self) -> None:
        """Finds, and changes nothing."""
        plan = self._plan()
        self.found, self.left = plan.removals, plan.left

    def _work(self, removals: list[Removal]) -> None:
        """Grows the prefix of `removals` that is known to pass; blocks the first one that doesn't."""
        base = dict(self.tree.python)
        groups = max(1, int(5 / max(self.seconds, 0.05)))
        size = max(4, -(-len(removals) // groups))
        good = 0
        while good < len(removals):
            bad = min(good + size, len(removals))
            if self._passes(base, removals, good, bad):
                good = bad
                continue
            while bad - good > 1 and not self.ran_out:
                middle = (good + bad) // 2
                if self._passes(base, removals, good, middle):
                    good = middle
                else:
                    bad = middle
            if not self.ran_out:
                culprit = removals[good]
                self.blocked[culprit.id] = "the checks failed without it"
                say(f"kept {culprit.kind} {culprit.name}: the checks failed without it")
            return

    def _passes(self, base: dict[str, bytes], removals: list[Removal], good: int, upto: int) -> bool:
        """Tries the first `upto`; if that passes it is the tree's new state."""
        if self.checks.runs >= self.most_runs or time.monotonic() + self.seconds > self.deadline:
            self.ran_out = True
            return False
        try:
            state = apply(base, removals[:upto])
        except CannotApply as error:
            say(f"can't be cut cleanly: {error}")
            return False
        before = self.tree.python
        self.bench.put(before, state)
        passed = False
        try:
            changed = [p for p in state if before.get(p) != state[p]]
            fresh = undefined(self.bench.root, changed) - self._undefined
            if not fresh:
                start = time.monotonic()
                passed = self.checks.run(self.bench.root).passed
                say(
                    f"{removals[good].name} … {removals[upto - 1].name} ({upto - good}): "
                    f"checks {'passed' if passed else 'failed'} ({time.monotonic() - start:.1f} s)"
                )
        finally:
            if not passed:
                self.bench.put(state, before)
        if passed:
            self.bench.accept(before, state)
            self.tree.python = state
            for gone in before.keys() - state.keys():
                self.tree.roles.pop(gone, None)
            self.removed += removals[good:upto]
        return passed

    def _plan(self) -> Plan:
        files, _ = index_all(self.tree)
        blocked = {k for f in files.values() for k in [*f.definitions, Key(f.path, "")] if str(k) in self.blocked}
        dead = find_dead(self.tree, files, self._mentions, public=self.public, blocked=blocked)
        found = [r for r in unreachable(self.tree) if r.id not in self.blocked]
        found += [self._removal(dead, key) for key in _ordered(dead)]
        left = [Left(d.name, d.kind, f"{k.path}:{d.line}", self._why_kept(k, why)) for k, (d, why) in dead.kept.items()]
        gone = {path for r in found for path in r.deletes}
        for item in unused(self.bench.root, self.tree, files, self._mentions):
            if isinstance(item, tuple):
                left.append(Left(item[0].rpartition(" of ")[2], "import", item[0].partition(" ")[0], item[1]))
            elif item.id not in self.blocked and item.path not in gone:
                found.append(item)
        return Plan(found, left)

    def _why_kept(self, key: Key, why: str) -> str:
        return self.blocked.get(str(key), why)

    def _removal(self, dead: Dead, key: Key) -> Removal:
        item = dead.items[key]
        if item.kind == "module":
            text = self.tree.python[key.path]
            why = "nothing imports it" if not dead.users[key] else f"only imported by {_names(dead, key)}"
            return Removal(
                str(key), "module", self.tree.dotted(key.path), key.path, 1, text.count(b"\n"), why,
                deletes=frozenset({key.path}),
            )  # fmt: skip
        cuts = {key.path: Cut(names={key.qualname})}
        for path, imported in dead.unused_aliases[key]:
            cuts.setdefault(path, Cut()).aliases.add((imported.line, imported.local))
        known = self._unused.get((key.path, item.name))
        if dead.users[key]:
            why = f"only used by {_names(dead, key)}, which goes too"
        else:
            why = f"vulture: {known.message}" if known else "nothing that is left refers to it"
        return Removal(str(key), item.kind, key.qualname, key.path, item.line, _lines(item), why, cuts)


def _names(dead: Dead, key: Key) -> str:
    names = sorted(k.qualname or k.path for k in dead.users[key])
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")


def _lines(item: Definition) -> int:
    total = 0
    for node in item.nodes:
        decorators = [d.lineno for d in getattr(node, "decorator_list", [])]
        total += (node.end_lineno or node.lineno) - min([node.lineno, *decorators]) + 1
    return total


def _ordered(dead: Dead) -> list[Key]:
    """Users before what they use, so that any first part of the list can go by itself; files in order."""
    done: list[Key] = []
    seen: set[Key] = set()

    def visit(key: Key, users: Callable[[Key], set[Key]]) -> None:
        stack = [(key, False)]
        while stack:
            current, leaving = stack.pop()
            if leaving:
                done.append(current)
            elif current not in seen:
                seen.add(current)
                stack.append((current, True))
                stack += [(u, False) for u in sorted(users(current) - seen, reverse=True)]

    for key in sorted(dead.items):
        visit(key, lambda k: dead.users[k])
    return done
