# pyright: basic, reportMissingImports=false
# (its parts lie in the folder beside it; it is run by its path)
"""Finds code that nothing uses, removes it in small groups, and keeps a group only if the checks still pass."""

import sys

from deadcode.run import main

if __name__ == "__main__":
    sys.exit(main())
