"""pylint: plug-ins have a register(linter)."""

from __future__ import annotations

from tailrace.python.plugins.hosts.interface import Host

_LINTER = ("pylint.lint.pylinter.PyLinter", "pylint.lint.PyLinter")

HOST = Host(
    roots=frozenset({"pylint"}),
    parameters={("register", 0): _LINTER, ("load_configuration", 0): _LINTER},
)
