"""tox: its hook specifications are not annotated before tox 4."""

from __future__ import annotations

from tailrace.python.plugins.hosts.interface import Host

HOST = Host(
    roots=frozenset({"tox"}),
    named={
        ("tox_", "parser"): ("tox.config.cli.parser.ToxParser", "tox.config.Parser"),
        ("tox_", "config"): ("tox.config.main.Config", "tox.config.Config"),
        ("tox_", "envconfig"): ("tox.config.TestenvConfig",),
        ("tox_", "venv"): ("tox.venv.VirtualEnv",),
        ("tox_", "action"): ("tox.action.Action", "tox.session.Action"),
        ("tox_", "session"): ("tox.session.Session",),
        ("tox_", "tox_env"): ("tox.tox_env.api.ToxEnv",),
    },
)
