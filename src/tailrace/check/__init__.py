"""Checks a candidate and a baseline against downstreams: narrow, resolve twice, match with changes, judge guards. The
result is a `CheckReport`.
"""

from tailrace.check.options import AllowEntry, CheckOptions, Progress
from tailrace.check.run import check

__all__ = ["AllowEntry", "CheckOptions", "Progress", "check"]
