"""Maquette: a home base for agents."""

__version__ = "0.1.0.dev0"
