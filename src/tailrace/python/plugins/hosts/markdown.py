"""Python-Markdown: extensions register what they add on the Markdown object."""

from __future__ import annotations

from tailrace.python.plugins.hosts.interface import Host

HOST = Host(
    roots=frozenset({"markdown"}),
    parameters={("extendMarkdown", 0): ("markdown.core.Markdown", "markdown.Markdown")},
)
