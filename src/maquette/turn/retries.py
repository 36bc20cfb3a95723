"""How long to wait before a model is asked again."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Retries:
    """Doubling, with jitter and a cap; what the other side asked for counts, up to `patience`. In seconds."""

    first: float = 0.5
    cap: float = 30
    patience: float = 120

    def wait(self, attempt: int, asked: float | None) -> float:
        """After failed try number `attempt` (from 1)."""
        if asked is not None:
            return min(asked, self.patience) * random.uniform(1, 1.1)
        return min(self.cap, self.first * 2 ** (attempt - 1)) * random.uniform(0.5, 1)
