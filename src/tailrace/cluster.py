"""The connection to a Dask cluster. The only module that imports dask."""

from __future__ import annotations

from typing import Any

from tailrace.model import TailraceError, redact

# Seconds until a scheduler that does not answer is given up.
TIMEOUT = 20.0


class ClusterError(TailraceError):
    """The cluster cannot be used."""

    exit_status = 3


def connect(address: str) -> tuple[Any, Any]:
    """The library `distributed` and a client of the scheduler at an address, to be used as a context manager.

    Raises `ClusterError` where the library is not installed or the scheduler does not answer.
    """
    try:
        import distributed
    except ImportError:
        raise ClusterError(
            "running on a cluster needs the library distributed.", hint="Install it with `pip install tailrace[dask]`."
        ) from None
    dask: Any = distributed  # it has no types
    scheme, separator, _ = address.partition("://")
    known = dask.comm.registry.backends
    if separator and scheme not in known:  # a client of such an address takes most of a minute to end
        raise ClusterError(
            f"the Dask scheduler {redact(address)} cannot be reached by {redact(scheme)[:40]}://.",
            hint=f"Name its address, such as tcp://HOST:8786; the schemes are {', '.join(sorted(known))}.",
        )
    try:
        return dask, dask.Client(address, timeout=TIMEOUT, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise ClusterError(
            f"the Dask scheduler {redact(address)} does not answer: {redact(str(error))[:200]}.",
            hint="Name its address, such as tcp://HOST:8786, and start it with `dask scheduler`.",
        ) from None
