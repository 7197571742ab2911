"""Work on a Dask cluster: a function and its inputs out, the results in their order back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from tailrace.cluster import connect

In = TypeVar("In")
Out = TypeVar("Out")


def map_on_cluster(
    address: str, function: Callable[[In], Out], inputs: Sequence[In], lost: Callable[[In, str], Out]
) -> tuple[Out, ...]:
    """The result of each input. `lost`: the result for an input whose worker died or raised, with the reason.

    Raises `ClusterError` where the scheduler does not answer.
    """
    _, client = connect(address)
    found: list[Out] = []
    with client:
        futures = [client.submit(function, one, pure=False, retries=1) for one in inputs]
        for one, future in zip(inputs, futures, strict=True):
            try:
                found.append(future.result())
            except Exception as error:  # whatever a worker raises or loses is the outcome of its own input
                found.append(lost(one, f"it was lost on the cluster: {type(error).__name__}: {str(error)[:200]}"))
    return tuple(found)
