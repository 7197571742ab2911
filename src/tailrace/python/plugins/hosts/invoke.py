"""Invoke: a task takes a context."""

from __future__ import annotations

from tailrace.python.plugins.hosts.interface import Host

HOST = Host(
    roots=frozenset({"invoke"}),
    decorated={"task": {0: ("invoke.context.Context",)}},
)
