"""A replay view in, its JSON out: format `tailrace.replay/1`. Leaves nothing out."""

from __future__ import annotations

import msgspec

from tailrace.replay.view import Replay
from tailrace.report.json import dump_json


def render_json(replay: Replay) -> str:
    """Indented JSON; the order of everything is that of the view."""
    return dump_json(msgspec.to_builtins(replay))
