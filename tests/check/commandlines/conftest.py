"""The tests here build releases with `release_trees.py`, which the tests of the command-line surface share."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "python" / "commandlines"))
