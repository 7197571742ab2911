"""MkDocs: events of plug-ins and hooks, whose parameters have agreed names."""

from __future__ import annotations

from tailrace.python.plugins.hosts.interface import Host

HOST = Host(
    roots=frozenset({"mkdocs"}),
    named={
        ("on_", "page"): ("mkdocs.structure.pages.Page",),
        ("on_", "nav"): ("mkdocs.structure.nav.Navigation",),
        ("on_", "files"): ("mkdocs.structure.files.Files",),
        ("on_", "config"): ("mkdocs.config.defaults.MkDocsConfig", "mkdocs.config.base.Config"),
        ("on_", "server"): ("mkdocs.livereload.LiveReloadServer",),
    },
)
