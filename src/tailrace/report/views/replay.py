"""What is shown of a replay: the replay itself, without the secrets of addresses in it."""

from __future__ import annotations

import msgspec

from tailrace.model.inert import sayable
from tailrace.replay.view import Replay
from tailrace.report.options import RenderOptions


def view_replay(replay: Replay, options: RenderOptions) -> Replay:
    """The replay with each text redacted before anything wraps or joins it."""
    return msgspec.convert(sayable(msgspec.to_builtins(replay)), Replay)
