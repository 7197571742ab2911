"""nox: a function with the decorator takes a session."""

from __future__ import annotations

from tailrace.python.plugins.hosts.interface import Host

HOST = Host(
    roots=frozenset({"nox"}),
    decorated={"session": {0: ("nox.sessions.Session",)}},
)
