"""The parts of the dead-code script."""
