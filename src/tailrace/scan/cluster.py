"""A scan on a Dask cluster: specs out, receipts back.

The facts go from the worker into the store; what comes back is a receipt of a few bytes, so that a worker which dies
takes nothing with it but what it had in hand. That is done again elsewhere, and gives the same object.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tailrace.cluster import connect
from tailrace.model import Address
from tailrace.processes.pool import Lost
from tailrace.store.errors import StoreError

if TYPE_CHECKING:
    from tailrace.scan.run import Receipt, ScanOptions

# Specs that wait at the scheduler at once.
_AHEAD = 2000


def run_on_cluster(
    address: str, setup: bytes, specs: Sequence[str | Address], options: ScanOptions
) -> Iterator[tuple[int, Receipt]]:
    """The position and the receipt of each spec, as they come. Raises `ClusterError`."""
    from tailrace.scan.run import lost_receipt, scan_spec

    dask, client = connect(address)
    with client:
        shared = client.scatter(setup, broadcast=False, hash=True)
        waiting = iter(enumerate(specs))
        numbers: dict[str, int] = {}
        futures: Any = dask.as_completed(loop=client.loop)

        def submit() -> bool:
            number, spec = next(waiting, (-1, ""))
            if number < 0:
                return False
            text = spec.reveal() if isinstance(spec, Address) else spec
            key = f"tailrace-scan-{hashlib.sha256(setup).hexdigest()[:16]}-{hashlib.sha256(text.encode()).hexdigest()}"
            numbers[key] = number
            futures.add(client.submit(scan_spec, shared, spec, key=key, retries=1))
            return True

        for _ in range(_AHEAD):
            if not submit():
                break
        while numbers:
            future = next(futures)
            number = numbers.pop(future.key)
            failed = future.exception() if future.status == "error" else None
            if isinstance(failed, StoreError):
                raise failed
            if failed is None and future.status == "finished":
                yield number, future.result()
            else:
                killed = type(failed).__name__ == "KilledWorker"
                detail = "on the cluster" if killed else f"{type(failed).__name__}: {failed}"
                yield number, lost_receipt(specs[number], Lost("killed" if killed else "failed", detail), options)
            future.release()
            submit()
