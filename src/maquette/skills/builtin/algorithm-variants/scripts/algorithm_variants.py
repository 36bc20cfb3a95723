# pyright: basic, reportMissingImports=false
# (its parts lie in the folder beside it; it is run by its path)
"""Gives one function another known algorithm, by rule."""

import sys

from algorithms.run import main

if __name__ == "__main__":
    sys.exit(main())
