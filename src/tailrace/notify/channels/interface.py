"""What a channel is: it takes issues, or messages. Each raises `DeliveryError` where it did not take one."""

from __future__ import annotations

from typing import Protocol

from tailrace.notify.model import KnownCause, VerdictChange


class IssueChannel(Protocol):
    """Shows each cause as an issue that opens, changes and closes."""

    name: str

    def show(self, cause: KnownCause, place: str) -> str:
        """Makes the issue say what the cause says. `place`: the issue it has, empty for none; the one it has now.

        Doing it twice changes nothing, and opens no second issue.
        """


class MessageChannel(Protocol):
    """Takes a message whenever a verdict changes."""

    name: str

    def send(self, message: VerdictChange) -> None:
        """Sends it once."""
