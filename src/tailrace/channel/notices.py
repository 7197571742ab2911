"""Writes the channel's `notices.json` (CEP 6) from its holds: what conda shows to everyone who uses the channel."""

from __future__ import annotations

import hashlib

import msgspec

from tailrace.channel.state import State


def notices_of(state: State, label: str) -> bytes | None:
    """The notices of one label; `None` when there is nothing to say."""
    notices = [
        {
            # The same hold keeps its id, so that conda shows it once and not after every re-index.
            "id": hashlib.sha256(f"{hold.subdir}/{hold.file_name} {hold.since}".encode()).hexdigest()[:16],
            "message": f"{hold.file_name} ({hold.subdir}) is on hold: {hold.reason}",
            "level": "warning",
            "created_at": hold.since,
            # No date: one to come would keep conda 26.7 from asking again until then, so that it missed the next hold
            # and this one's end; one gone by hides the notice from rattler. (`conda notices --json` fails without.)
            "expired_at": None,
            "interval": None,
        }
        for hold in state.holds
        if label in hold.labels
    ]
    return msgspec.json.format(msgspec.json.encode({"notices": notices}), indent=1) + b"\n" if notices else None
