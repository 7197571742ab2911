"""Sphinx: extensions have a setup(app), and handlers of events that begin with the application."""

from __future__ import annotations

from tailrace.python.plugins.hosts.interface import Host

_APP = ("sphinx.application.Sphinx",)
_ENV = ("sphinx.environment.BuildEnvironment",)

HOST = Host(
    roots=frozenset({"sphinx"}),
    parameters={("setup", 0): _APP},
    handlers={
        "connect": {
            "": {0: _APP},
            "env-get-outdated": {0: _APP, 1: _ENV},
            "env-purge-doc": {0: _APP, 1: _ENV},
            "env-before-read-docs": {0: _APP, 1: _ENV},
            "env-merge-info": {0: _APP, 1: _ENV},
            "env-updated": {0: _APP, 1: _ENV},
            "env-check-consistency": {0: _APP, 1: _ENV},
            "missing-reference": {0: _APP, 1: _ENV},
        }
    },
    named={
        ("builder_inited", "app"): _APP,
        ("on_build", "app"): _APP,
    },
)
