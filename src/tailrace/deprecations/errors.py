"""What a user of the room can get wrong."""

from __future__ import annotations

from tailrace.model.errors import TailraceError


class DeprecationPolicyError(TailraceError):
    """A profile, a version or a pattern of public names cannot be used."""
