"""Attempts to get out of a sandbox, judged on the host: `python -m maquette.testing.escapes` runs them."""
