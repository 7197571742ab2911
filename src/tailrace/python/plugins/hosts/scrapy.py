"""Scrapy: components are made from a crawler."""

from __future__ import annotations

from tailrace.python.plugins.hosts.interface import Host

HOST = Host(
    roots=frozenset({"scrapy"}),
    parameters={("from_crawler", 0): ("scrapy.crawler.Crawler",), ("from_settings", 0): ("scrapy.settings.Settings",)},
)
