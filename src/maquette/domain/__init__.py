"""Nouns and facts. Imports pydantic and the standard library only."""
