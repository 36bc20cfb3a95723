# pyright: basic, reportMissingImports=false
# (its parts lie in the folder beside it; it is run by its path)
"""Refactors one module, by rule."""

import sys

from refactorings.run import main

if __name__ == "__main__":
    sys.exit(main())
