# pyright: basic, reportMissingImports=false
# (its parts lie in the folder beside it; it is run by its path)
"""Lays a page's content out anew, by rule."""

import sys

from pages.run import main

if __name__ == "__main__":
    sys.exit(main())
