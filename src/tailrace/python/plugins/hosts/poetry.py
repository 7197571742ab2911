"""Poetry: plug-ins are activated with the project."""

from __future__ import annotations

from tailrace.python.plugins.hosts.interface import Host

HOST = Host(
    roots=frozenset({"poetry"}),
    named={
        ("activate", "poetry"): ("poetry.poetry.Poetry",),
        ("activate", "application"): ("poetry.console.application.Application",),
    },
)
