"""What can go wrong with notifications."""

from __future__ import annotations

from tailrace.model.errors import TailraceError


class NotifyError(TailraceError):
    """Settings, a report or an argument cannot be used."""


class NotifyDiskError(NotifyError):
    """A file of the ledger could not be read or written."""

    exit_status = 3


class DeliveryError(NotifyError):
    """A channel did not take what it was given. It is tried again with the next run."""

    exit_status = 3
