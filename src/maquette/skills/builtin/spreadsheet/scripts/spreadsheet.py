# pyright: basic, reportMissingImports=false
# (its parts lie in the folder beside it; it is run by its path)
"""Makes one workbook out of a folder's data files: typed columns, totals, charts, and a summary."""

import sys

from tables.run import main

if __name__ == "__main__":
    sys.exit(main())
