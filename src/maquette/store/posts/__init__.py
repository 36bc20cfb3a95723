"""What others said elsewhere, kept so that a million of them can be gone through in seconds."""

from maquette.store.posts.posts import NAME, Posts
from maquette.store.posts.reader import Reader
from maquette.store.posts.reading import END, START

__all__ = ["END", "NAME", "START", "Posts", "Reader"]
