"""Work trees, results, diffs and merges: git, always in a sandbox."""

from maquette.workspace.merges import Mergeable
from maquette.workspace.watched import Watched
from maquette.workspace.workspace import Workspace

__all__ = ["Mergeable", "Watched", "Workspace"]
