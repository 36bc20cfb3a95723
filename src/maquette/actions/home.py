"""What actions act on: one base, with everything it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from maquette.connections import Reached
from maquette.connections.secrets import Secrets
from maquette.engine.port import Engine
from maquette.kinds.sandboxes import Probe, Sandbox
from maquette.kinds.tools import Tool
from maquette.kinds.triggers import Trigger
from maquette.settings import Settings
from maquette.store import Store
from maquette.store.posts import Reader
from maquette.workspace import Workspace


@dataclass(frozen=True)
class Home:
    """A base that is up."""

    settings: Settings
    store: Store
    engine: Engine
    workspace: Workspace
    providers: Reached
    tools: Sequence[Tool[Any]]
    sandbox: Sandbox
    reader: Reader
    """Reads sources, into the store of posts (`reader.posts`)."""
    secrets: Secrets
    probes: Sequence[Probe]
    """What each sandbox of this machine can do, best first; `sandbox` is the first that works."""
    triggers: Mapping[str, Trigger] = field(default_factory=dict[str, Trigger])
    """By name."""
