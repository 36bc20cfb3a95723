"""The parts of the garden script."""
