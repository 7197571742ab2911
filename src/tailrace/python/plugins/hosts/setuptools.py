"""setuptools: hooks of entry points that take a distribution, and build back ends."""

from __future__ import annotations

from tailrace.python.plugins.hosts.interface import Host

_DISTRIBUTION = ("setuptools.dist.Distribution",)

HOST = Host(
    roots=frozenset({"setuptools"}),
    parameters={("finalize_distribution_options", 0): _DISTRIBUTION},
)
