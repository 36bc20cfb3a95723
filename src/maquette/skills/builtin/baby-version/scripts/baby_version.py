# pyright: basic, reportMissingImports=false
# (its parts lie in the folder beside it; it is run by its path)
"""Keeps named files and what they lead to, and cuts the rest."""

import sys

from babies.run import main

if __name__ == "__main__":
    sys.exit(main())
