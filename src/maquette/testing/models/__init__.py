"""A model server for tests: it plays a script over real HTTP, checks what it is sent, and misbehaves on demand."""

from maquette.testing.models.plays import Scripts
from maquette.testing.models.server import ScriptedModels
from maquette.testing.models.turns import (
    Answer,
    Asked,
    Breaks,
    Call,
    Calls,
    Fails,
    Faults,
    Garbles,
    Says,
    Script,
    Slow,
    Splits,
    Stalls,
    Thinks,
    Turn,
    script_from,
)

__all__ = [
    "Answer",
    "Asked",
    "Breaks",
    "Call",
    "Calls",
    "Fails",
    "Faults",
    "Garbles",
    "Says",
    "Script",
    "ScriptedModels",
    "Scripts",
    "Slow",
    "Splits",
    "Stalls",
    "Thinks",
    "Turn",
    "script_from",
]
