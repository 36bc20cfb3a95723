"""What a call can bring about: what tools declare, approvals judge and people are told."""

from __future__ import annotations

from enum import StrEnum


class Effect(StrEnum):
    """What a tool can bring about; approvals judge these, never names."""

    READS = "reads"
    WRITES = "writes"
    RUNS = "runs"
    NETWORK = "network"
    SCREEN = "screen"
    AUTHORITY = "authority"
