"""The parts of the what-changed script."""
