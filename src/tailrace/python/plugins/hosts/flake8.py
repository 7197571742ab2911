"""flake8: plug-ins add options to its option manager."""

from __future__ import annotations

from tailrace.python.plugins.hosts.interface import Host

_MANAGER = ("flake8.options.manager.OptionManager",)

HOST = Host(
    roots=frozenset({"flake8"}),
    parameters={
        ("add_options", 0): _MANAGER,
        ("register_options", 0): _MANAGER,
    },
)
