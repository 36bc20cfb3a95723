# pyright: basic, reportMissingImports=false
# (its parts lie in the folder beside it; it is run by its path)
"""A digest of what changed in a git repo between two dates or commits, each line with the commit it comes from."""

import sys

from changes.run import main

if __name__ == "__main__":
    sys.exit(main())
