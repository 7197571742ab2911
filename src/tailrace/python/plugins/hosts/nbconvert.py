"""nbconvert: preprocessors, postprocessors and filters of exporters."""

from __future__ import annotations

from tailrace.python.plugins.hosts.interface import Host

HOST = Host(
    roots=frozenset({"nbconvert"}),
    named={("jupyter_", "exporter"): ("nbconvert.exporters.exporter.Exporter",)},
)
