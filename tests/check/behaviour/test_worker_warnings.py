"""What the pool of workers has to say to its maker does not reach the user."""

from __future__ import annotations

import warnings

from tailrace.check import engine


def test_a_renewed_worker_is_no_news() -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        engine._spare_the_reader()
        warnings.warn("A worker was restarted while some jobs were given to the executor because …", stacklevel=1)
        warnings.warn("A worker stopped while some jobs were given to the executor.", stacklevel=1)
    assert [str(one.message)[:16] for one in told] == ["A worker stopped"]
