"""Work on a Dask cluster: a function and its inputs out, the results in their order back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from tailrace.model import redact
from tailrace.verify.errors import VerifyError

In = TypeVar("In")
Out = TypeVar("Out")


class ClusterError(VerifyError):
    """The cluster cannot be used."""


def map_on_cluster(
    address: str, function: Callable[[In], Out], inputs: Sequence[In], lost: Callable[[In, str], Out]
) -> tuple[Out, ...]:
    """The result of each input. `lost`: the result for an input whose worker died or raised, with the reason.

    Raises `ClusterError` where the scheduler does not answer.
    """
    try:
        import distributed
    except ImportError:
        raise ClusterError(
            "running on a cluster needs the library distributed.", hint="Install it with `pip install tailrace[dask]`."
        ) from None
    dask: Any = distributed  # it has no types
    try:
        client = dask.Client(address, timeout=20, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise ClusterError(
            f"the Dask scheduler {redact(address)} does not answer: {redact(str(error))[:200]}.",
            hint="Name its address, such as tcp://HOST:8786, and start it with `dask scheduler`.",
        ) from None
    found: list[Out] = []
    with client:
        futures = [client.submit(function, one, pure=False, retries=1) for one in inputs]
        for one, future in zip(inputs, futures, strict=True):
            try:
                found.append(future.result())
            except Exception as error:  # whatever a worker raises or loses is the outcome of its own input
                found.append(lost(one, f"it was lost on the cluster: {type(error).__name__}: {str(error)[:200]}"))
    return tuple(found)
