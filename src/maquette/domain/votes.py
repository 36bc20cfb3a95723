"""Votes: which of two is better, said by a person or by a model."""

from __future__ import annotations

from typing import Literal, get_args

from maquette.domain.labels import Fact

Facet = Literal["look", "fit", "direction", "voice", "behaviour"]
"""How it looks, how it fits the system, where we are going, how it says it, how it behaves."""

FACETS: tuple[Facet, ...] = get_args(Facet)

Choice = Literal["left", "right", "both", "neither"]
"""`both`: one is as good as the other. `neither`: none of them will do; of the two that says no more."""

Answer = Literal["first", "second", "both", "neither"]
"""A model's, of what it was shown first and second."""


class Judge(Fact):
    """Who votes. What a model says counts by how often it agrees with people (`curation/judges.py`)."""

    name: str
    kind: Literal["person", "model"] = "person"


class Vote(Fact):
    """`left` and `right` are what was shown, as it was shown. `facet` None: all in all."""

    judge: Judge
    left: str
    right: str
    choice: Choice
    facet: Facet | None = None
    reason: str = ""

    @property
    def winner(self) -> str | None:
        """None: as good."""
        return {"left": self.left, "right": self.right}.get(self.choice)

    @property
    def pair(self) -> tuple[str, str]:
        """The same, however they were shown."""
        return (self.left, self.right) if self.left <= self.right else (self.right, self.left)
