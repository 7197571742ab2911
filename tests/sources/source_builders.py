"""The packages and indexes of `support.releases`, by the name these tests know."""

from support.releases import Index, sdist_bytes, wheel_bytes

__all__ = ["Index", "sdist_bytes", "wheel_bytes"]
