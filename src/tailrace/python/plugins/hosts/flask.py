"""Flask: extensions have an init_app(app)."""

from __future__ import annotations

from tailrace.python.plugins.hosts.interface import Host

HOST = Host(
    roots=frozenset({"flask"}),
    parameters={("init_app", 0): ("flask.app.Flask",)},
)
