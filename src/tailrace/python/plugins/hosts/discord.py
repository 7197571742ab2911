"""discord.py: extensions have a setup(bot), commands take a context."""

from __future__ import annotations

from tailrace.python.plugins.hosts.interface import Host

HOST = Host(
    roots=frozenset({"discord"}),
    named={("setup", "bot"): ("discord.ext.commands.bot.Bot",), ("teardown", "bot"): ("discord.ext.commands.bot.Bot",)},
    decorated={"command": {0: ("discord.ext.commands.context.Context",)}},
)
