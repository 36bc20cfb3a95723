"""Files that an agent made, read for a person: never by the base itself, but by a program in a box of its own."""

from maquette.workspace.previews.reading import READ, Previews

__all__ = ["READ", "Previews"]
