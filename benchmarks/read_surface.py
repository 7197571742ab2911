"""A release spec in, every module of its surface read once; prints how many. What `speed.py` times as `read`."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from tailrace.artifacts import open_release
from tailrace.python.modules import Surface
from tailrace.sources import Sources, SourceSettings


def main() -> None:
    """`read_surface.py SPEC CACHE_DIR`."""
    gc.set_threshold(200_000, 20, 100)  # as the program itself does
    spec, cache = sys.argv[1:3]
    sources = Sources(SourceSettings(cache_dir=Path(cache), offline=True))
    surface = Surface(open_release(spec, sources))
    print(sum(surface.module(name) is not None for name in surface.sources))


if __name__ == "__main__":
    main()
