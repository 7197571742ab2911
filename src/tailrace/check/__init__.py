"""A candidate, a baseline and downstreams in, a `CheckReport` out: narrow, resolve twice, join, put in context."""

from tailrace.check.options import AllowEntry, CheckOptions, Progress
from tailrace.check.run import check

__all__ = ["AllowEntry", "CheckOptions", "Progress", "check"]
