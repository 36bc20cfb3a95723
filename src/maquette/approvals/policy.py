"""Allow, ask or deny. The sandbox decides what is possible; this decides only when a person is asked."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum

from maquette.domain.labels import Integrity, Label
from maquette.kinds.sandboxes import Tier
from maquette.kinds.tools import Effect


class Verdict(StrEnum):
    """What becomes of a call."""

    ALLOW = "allow"
    ASK = "ask"
    DENY = "deny"


@dataclass(frozen=True)
class Judged:
    """A verdict and, unless it allows, why, as a sentence for the person."""

    verdict: Verdict
    why: str = ""


OUTWARD: Set[Effect] = frozenset({Effect.NETWORK, Effect.SCREEN})


def reaches_out(effects: Set[Effect], tier: Tier) -> bool:
    """Whether it can change more than the tree that the thread works in."""
    return bool(effects & (OUTWARD | {Effect.AUTHORITY})) or (tier is Tier.NONE and Effect.RUNS in effects)


def judge(effects: Set[Effect], *, tier: Tier, label: Label, unattended: bool = False) -> Judged:
    """Whether a call with these effects may run where `tier` holds, after reading what `label` says was read."""
    if Effect.AUTHORITY in effects:
        return _ask("It changes what agents may do.", unattended)
    if effects & OUTWARD:
        what = "It reaches outside this machine"
        if label.integrity is Integrity.EXTERNAL:
            return _ask(
                f"{what}, and this thread has read text from {label.origin}, which is not vouched for.", unattended
            )
        return _ask(f"{what}.", unattended)
    if tier is Tier.NONE and Effect.RUNS in effects:
        return _ask("No sandbox holds on this machine, so this command could touch anything of yours.", unattended)
    return Judged(Verdict.ALLOW)


def _ask(why: str, unattended: bool) -> Judged:
    if unattended:
        return Judged(Verdict.DENY, f"{why} Nobody is there to ask.")
    return Judged(Verdict.ASK, why)
