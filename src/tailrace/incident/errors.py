"""What can go wrong with the records of incidents."""

from __future__ import annotations

from tailrace.model.errors import TailraceError


class IncidentError(TailraceError):
    """A record, a post-mortem or an argument cannot be used."""


class UnknownIncidentError(IncidentError):
    """No incident has this id, or none was named and there are several."""


class IncidentDiskError(IncidentError):
    """A file of the ledger could not be read or written."""

    exit_status = 3
