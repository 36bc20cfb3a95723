"""Small programming tasks with hidden tests, and attempts at them that are right, wrong and nearly right.

Nearly right is what does well on the examples and not on all inputs: made by changing one thing in something right, as
is known from mutation testing (`mutants.py`). What is which is found by running it, in a box.

Long because: it is a list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

Inputs = Callable[[Random], tuple[Any, ...]]


@dataclass(frozen=True)
class Puzzle:
    """`ways`: right ones; the first says what is right. `easy` makes inputs as examples have them, `any` makes all."""

    name: str
    ways: tuple[str, ...]
    easy: Inputs
    any: Inputs


def _numbers(low: int, high: int, least: int, most: int) -> Inputs:
    return lambda random: ([random.randint(low, high) for _ in range(random.randint(least, most))],)


def _words(letters: str, least: int, most: int) -> Inputs:
    return lambda random: ("".join(random.choice(letters) for _ in range(random.randint(least, most))),)


def _and(one: Inputs, low: int, high: int) -> Inputs:
    return lambda random: (*one(random), random.randint(low, high))


def _pairs(least: int, most: int) -> Inputs:
    def made(random: Random) -> tuple[Any, ...]:
        starts = [random.randint(0, 20) for _ in range(random.randint(least, most))]
        return ([[start, start + random.randint(0, 6)] for start in starts],)

    return made


SOME, ALL = _numbers(1, 9, 3, 5), _numbers(-9, 9, 0, 8)

PUZZLES = (
    Puzzle(
        "the second largest of different values, or None",
        (
            """
def f(xs):
    u = sorted(set(xs))
    return u[-2] if len(u) > 1 else None
""",
            """
def f(xs):
    a = b = None
    for x in xs:
        if a is None or x > a:
            a, b = x, a
        elif x < a and (b is None or x > b):
            b = x
    return b
""",
        ),
        SOME,
        ALL,
    ),
    Puzzle(
        "runs of letters, counted: aab is a2b1",
        (
            """
def f(s):
    out = ''
    i = 0
    while i < len(s):
        j = i
        while j < len(s) and s[j] == s[i]:
            j += 1
        out += s[i] + str(j - i)
        i = j
    return out
""",
            """
from itertools import groupby

def f(s):
    return ''.join(k + str(len(list(g))) for k, g in groupby(s))
""",
        ),
        _words("abc", 2, 5),
        _words("ab", 0, 14),
    ),
    Puzzle(
        "overlapping spans merged, touching ones too",
        (
            """
def f(spans):
    out = []
    for a, b in sorted(spans):
        if out and a <= out[-1][1]:
            out[-1][1] = max(out[-1][1], b)
        else:
            out.append([a, b])
    return out
""",
            """
def f(spans):
    rest = sorted(spans)
    out = []
    while rest:
        a, b = rest.pop(0)
        while rest and rest[0][0] <= b:
            b = max(b, rest.pop(0)[1])
        out.append([a, b])
    return out
""",
        ),
        _pairs(1, 3),
        _pairs(0, 7),
    ),
    Puzzle(
        "the greatest sum of numbers in a row, at least one of them; 0 for none",
        (
            """
def f(xs):
    if not xs:
        return 0
    best = here = xs[0]
    for x in xs[1:]:
        here = max(x, here + x)
        best = max(best, here)
    return best
""",
            """
def f(xs):
    sums = [sum(xs[i:j]) for i in range(len(xs)) for j in range(i + 1, len(xs) + 1)]
    return max(sums) if sums else 0
""",
        ),
        SOME,
        ALL,
    ),
    Puzzle(
        "whether brackets are balanced",
        (
            """
def f(s):
    pairs = {')': '(', ']': '['}
    stack = []
    for c in s:
        if c in '([':
            stack.append(c)
        elif c in pairs:
            if not stack or stack.pop() != pairs[c]:
                return False
    return not stack
""",
            """
def f(s):
    t = ''.join(c for c in s if c in '()[]')
    while '()' in t or '[]' in t:
        t = t.replace('()', '').replace('[]', '')
    return t == ''
""",
        ),
        _words("()", 2, 4),
        _words("()[]a", 0, 9),
    ),
    Puzzle(
        "a number in roman letters",
        (
            """
def f(n):
    out = ''
    signs = [(1000, 'M'), (900, 'CM'), (500, 'D'), (400, 'CD'), (100, 'C'), (90, 'XC'), (50, 'L'), (40, 'XL')]
    for v, t in signs + [(10, 'X'), (9, 'IX'), (5, 'V'), (4, 'IV'), (1, 'I')]:
        while n >= v:
            out += t
            n -= v
    return out
""",
            """
def f(n):
    def digit(d, one, five, ten):
        low = ['', one, one * 2, one * 3, one + five]
        return (low + [five, five + one, five + one * 2, five + one * 3, one + ten])[d]
    hundreds, tens = digit(n // 100 % 10, 'C', 'D', 'M'), digit(n // 10 % 10, 'X', 'L', 'C')
    return 'M' * (n // 1000) + hundreds + tens + digit(n % 10, 'I', 'V', 'X')
""",
        ),
        lambda random: (random.randint(1, 12),),
        lambda random: (random.randint(1, 3500),),
    ),
    Puzzle(
        "a list turned by k to the right",
        (
            """
def f(xs, k):
    if not xs:
        return []
    k %= len(xs)
    return xs[len(xs) - k:] + xs[:len(xs) - k]
""",
            """
def f(xs, k):
    return [xs[(i - k) % len(xs)] for i in range(len(xs))]
""",
        ),
        _and(SOME, 1, 2),
        _and(ALL, -9, 12),
    ),
    Puzzle(
        "the longest run without a repeated letter, its length",
        (
            """
def f(s):
    last = {}
    start = best = 0
    for i, c in enumerate(s):
        if c in last and last[c] >= start:
            start = last[c] + 1
        last[c] = i
        best = max(best, i - start + 1)
    return best
""",
            """
def f(s):
    best = 0
    for i in range(len(s)):
        for j in range(i + 1, len(s) + 1):
            if len(set(s[i:j])) == j - i:
                best = max(best, j - i)
    return best
""",
        ),
        _words("abcdef", 2, 4),
        _words("abcd", 0, 10),
    ),
    Puzzle(
        "the positions of the two that sum up to k, the earliest second first; or None",
        (
            """
def f(xs, k):
    seen = {}
    for j, x in enumerate(xs):
        if k - x in seen:
            return [seen[k - x], j]
        seen.setdefault(x, j)
    return None
""",
            """
def f(xs, k):
    for j in range(len(xs)):
        for i in range(j):
            if xs[i] + xs[j] == k:
                return [i, j]
    return None
""",
        ),
        _and(SOME, 6, 10),
        _and(ALL, -8, 8),
    ),
    Puzzle(
        "words of a sentence with the first letter large, spaces as they were",
        (
            """
def f(s):
    out = ''
    fresh = True
    for c in s:
        out += c.upper() if fresh else c
        fresh = c == ' '
    return out
""",
            """
def f(s):
    return ' '.join(w[:1].upper() + w[1:] for w in s.split(' '))
""",
        ),
        _words("abc", 2, 6),
        _words("aBc  ", 0, 10),
    ),
    Puzzle(
        "primes up to n",
        (
            """
def f(n):
    out = []
    for k in range(2, n + 1):
        if all(k % p for p in out if p * p <= k):
            out.append(k)
    return out
""",
            """
def f(n):
    gone = set()
    out = []
    for k in range(2, n + 1):
        if k not in gone:
            out.append(k)
            gone.update(range(k * k, n + 1, k))
    return out
""",
        ),
        lambda random: (random.randint(5, 8),),
        lambda random: (random.randint(-2, 60),),
    ),
    Puzzle(
        "where a sorted list would take x, before equals",
        (
            """
def f(xs, k):
    xs = sorted(xs)
    lo, hi = 0, len(xs)
    while lo < hi:
        mid = (lo + hi) // 2
        if xs[mid] < k:
            lo = mid + 1
        else:
            hi = mid
    return lo
""",
            """
def f(xs, k):
    return sum(x < k for x in xs)
""",
        ),
        _and(SOME, 2, 8),
        _and(ALL, -9, 9),
    ),
    Puzzle(
        "a number in words of another base",
        (
            """
def f(n, b):
    if n == 0:
        return '0'
    out = ''
    m = abs(n)
    while m > 0:
        out = '0123456789'[m % b] + out
        m //= b
    return '-' + out if n < 0 else out
""",
            """
def f(n, b):
    if n < 0:
        return '-' + f(-n, b)
    if n < b:
        return str(n)
    return f(n // b, b) + str(n % b)
""",
        ),
        lambda random: (random.randint(2, 20), 2),
        lambda random: (random.randint(-60, 90), random.randint(2, 10)),
    ),
    Puzzle(
        "moving averages over k, rounded to 2",
        (
            """
def f(xs, k):
    if k < 1 or k > len(xs):
        return []
    return [round(sum(xs[i:i + k]) / k, 2) for i in range(len(xs) - k + 1)]
""",
            """
def f(xs, k):
    out = []
    i = k
    while 1 <= k and i <= len(xs):
        out.append(round(sum(xs[i - k:i]) / k, 2))
        i += 1
    return out
""",
        ),
        _and(SOME, 2, 2),
        _and(ALL, 0, 6),
    ),
    Puzzle(
        "the commonest letter; of equals, the first of the alphabet; '' for none",
        (
            """
def f(s):
    best = ''
    for c in sorted(set(s)):
        if best == '' or s.count(c) > s.count(best):
            best = c
    return best
""",
            """
def f(s):
    counts = {}
    for c in s:
        counts[c] = counts.get(c, 0) + 1
    return min(counts, key=lambda c: (-counts[c], c)) if counts else ''
""",
        ),
        _words("aabc", 2, 4),
        _words("abcd", 0, 9),
    ),
    Puzzle(
        "steps of one or two up n stairs: how many ways",
        (
            """
def f(n):
    if n < 0:
        return 0
    a, b = 1, 1
    for _ in range(n - 1):
        a, b = b, a + b
    return b
""",
            """
def f(n):
    if n < 0:
        return 0
    ways = [1, 1]
    while len(ways) <= n:
        ways.append(ways[-1] + ways[-2])
    return ways[n]
""",
        ),
        lambda random: (random.randint(2, 4),),
        lambda random: (random.randint(-3, 15),),
    ),
)
