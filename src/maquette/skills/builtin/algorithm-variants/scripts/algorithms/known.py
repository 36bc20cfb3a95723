# pyright: basic, reportMissingImports=false
"""The algorithms that are known for each function: `NAME_n`, told by its docstring; the last is wrong, on purpose.

Their bodies are taken as text: of `items` and `wanted` they make what the function calls these.
"""

import heapq
from bisect import bisect_left, insort


def unique_1(items):
    """A set of what was seen"""
    seen = set()
    return [x for x in items if not (x in seen or seen.add(x))]


def unique_2(items):
    """A dictionary's keys"""
    return list(dict.fromkeys(items))


def unique_3(items):
    """A list, looked through each time"""
    found = []
    for x in items:
        if x not in found:
            found.append(x)
    return found


def unique_4(items):
    """Places first, then by place"""
    first = {}
    for place, x in enumerate(items):
        first.setdefault(x, place)
    return sorted(first, key=first.__getitem__)


def unique_5(items):
    """Neighbours alone (wrong where doubles are apart)"""
    return [x for place, x in enumerate(items) if not place or x != items[place - 1]]


def find_1(items, wanted):
    """The library's bisection"""
    at = bisect_left(items, wanted)
    return at if at < len(items) and items[at] == wanted else -1


def find_2(items, wanted):
    """Bisection by hand"""
    low, high = 0, len(items)
    while low < high:
        middle = (low + high) // 2
        if items[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low if low < len(items) and items[low] == wanted else -1


def find_3(items, wanted):
    """From the front"""
    for place, x in enumerate(items):
        if x == wanted:
            return place
    return -1


def find_4(items, wanted):
    """Bisection that stops early (wrong at the end)"""
    low, high = 0, len(items) - 1
    while low < high:
        middle = (low + high) // 2
        if items[middle] < wanted:
            low = middle + 1
        else:
            high = middle - 1
    return low if items and items[low] == wanted else -1


def top_1(items, wanted):
    """Sorted whole"""
    return sorted(items, reverse=True)[:wanted]


def top_2(items, wanted):
    """A heap"""
    return heapq.nlargest(wanted, items)


def top_3(items, wanted):
    """A short list kept in order"""
    kept = []
    for x in items:
        insort(kept, x)
        del kept[: max(len(kept) - wanted, 0)]
    return kept[::-1]


def top_4(items, wanted):
    """The greatest, again and again"""
    left, found = list(items), []
    while left and len(found) < wanted:
        x = max(left)
        left.remove(x)
        found.append(x)
    return found


def top_5(items, wanted):
    """A set first (wrong where equals count)"""
    return sorted(set(items), reverse=True)[:wanted]
