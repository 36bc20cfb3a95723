# pyright: basic, reportMissingImports=false
# (its parts lie in the folder beside it, and in the dead-code skill's; it is run by its path)
"""Finds code that can go, one idea at a time, or makes one idea real."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "dead-code" / "scripts"))

from gardening.run import main

if __name__ == "__main__":
    sys.exit(main())
