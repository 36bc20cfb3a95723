"""Posts that say the same, or belong to one conversation, made into one line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from maquette.curation.reports.sights import Known, Sight, stem

SAME = 0.6
"""Of the words of two posts together: the part that both have, from which on they say the same."""
_LOOKED_UP = 5


@dataclass
class Group:
    """`lead` is the best of them; `others` follow, best first."""

    lead: Sight
    others: list[Sight] = field(default_factory=list[Sight])

    @property
    def posts(self) -> list[str]:
        return [self.lead.post.id, *(sight.post.id for sight in self.others)]

    @property
    def more(self) -> int:
        """How many more there are like the lead, also of those that were only counted."""
        return max(len(self.others), self.lead.alike - 1)


def grouped(sights: Iterable[Sight], known: Known, most: int | None = None) -> list[Group]:
    """In the order given, which says who leads. Two that are alike share a telling word, so few are compared.

    `most`: once there are so many groups, only answers of their threads still join them.
    """
    groups: list[Group] = []
    by_thread: dict[int, Group] = {}
    by_word: dict[str, list[tuple[frozenset[str], Group]]] = {}
    for sight in sights:
        if (group := by_thread.get(sight.glance.thread)) is not None:
            group.others.append(sight)
            continue
        if most is not None and len(groups) >= most:
            continue
        words = frozenset(map(stem, sight.words))
        telling = {stem(word) for word in known.telling(sight.words, _LOOKED_UP)}
        candidates = (pair for word in telling for pair in by_word.get(word, ()))
        group = next((group for lead, group in candidates if _same(lead, words)), None)
        if group is None:
            group = Group(sight)
            groups.append(group)
            for word in telling:
                by_word.setdefault(word, []).append((words, group))
        else:
            group.others.append(sight)
        by_thread[sight.glance.thread] = group
    return groups


def _same(first: frozenset[str], second: frozenset[str]) -> bool:
    shared = len(first & second)
    return shared >= SAME * (len(first) + len(second) - shared) > 0
