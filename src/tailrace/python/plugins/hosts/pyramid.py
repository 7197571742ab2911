"""Pyramid: packages are included by an includeme(config)."""

from __future__ import annotations

from tailrace.python.plugins.hosts.interface import Host

HOST = Host(
    roots=frozenset({"pyramid"}),
    parameters={("includeme", 0): ("pyramid.config.Configurator",)},
)
