"""Writes the goldens anew: `python tests/replay/renew.py`, after a wanted change; read the difference."""

from __future__ import annotations

import json
from pathlib import Path

from replayed import NAMES, golden, replayed

if __name__ == "__main__":
    for name in NAMES:
        text = json.dumps(golden(replayed(name)), indent=1, ensure_ascii=False) + "\n"
        (Path(__file__).parent / "golden" / f"{name}.json").write_text(text, encoding="utf-8")
