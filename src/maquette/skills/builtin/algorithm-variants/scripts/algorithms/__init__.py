"""The parts of the script beside this folder."""
