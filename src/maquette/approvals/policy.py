"""The sandbox decides what is possible; this decides only when a person is asked."""

from __future__ import annotations

from collections.abc import Set

from maquette.domain.labels import Integrity, Label
from maquette.kinds.sandboxes import Tier
from maquette.kinds.tools import Effect

OUTWARD: Set[Effect] = frozenset({Effect.NETWORK, Effect.SCREEN})


def reaches_out(effects: Set[Effect], tier: Tier) -> bool:
    """Whether it can change more than the tree that the thread works in."""
    return bool(effects & (OUTWARD | {Effect.AUTHORITY})) or (tier is Tier.NONE and Effect.RUNS in effects)


def why_ask(effects: Set[Effect], *, tier: Tier, label: Label) -> str | None:
    """Why a person must be asked before a call with these effects runs where `tier` holds, after reading what `label`
    says was read; None when nobody need be.
    """
    if Effect.AUTHORITY in effects:
        return "It changes what agents may do."
    if effects & OUTWARD:
        what = "It reaches outside this machine"
        if label.integrity is Integrity.EXTERNAL:
            return f"{what}, and this thread has read text from {label.origin}, which is not vouched for."
        return f"{what}."
    if tier is Tier.NONE and Effect.RUNS in effects:
        return "No sandbox holds on this machine, so this command could touch anything of yours."
    return None
