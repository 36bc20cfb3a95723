"""How far along a thing is, whatever it looks like: its stage, and the risks that are closed on the way."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """How far along a thing is, whatever it looks like."""

    SKETCH = "sketch"
    CANDIDATE = "candidate"
    SHIPPING = "shipping"


class Risk(StrEnum):
    """What is still open about a thing: whether it is what we are for, was looked at, holds, is safe, is wanted."""

    PURPOSE = "purpose"
    DESIGN = "design"
    CHECKS = "checks"
    SAFETY = "safety"
    WANTED = "wanted"


CLOSES: dict[Stage, tuple[Risk, ...]] = {
    Stage.SKETCH: (),
    Stage.CANDIDATE: (Risk.PURPOSE, Risk.DESIGN),
    Stage.SHIPPING: (Risk.PURPOSE, Risk.DESIGN, Risk.CHECKS, Risk.SAFETY, Risk.WANTED),
}
"""The risks that must be closed before a thing is at a stage."""
