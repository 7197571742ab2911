"""Channels for tests, written as one line a package: `name version build | depends, … | constrains, …`."""

from __future__ import annotations

import re
from typing import Any

from tailrace.conda.records import Channel
from tailrace.conda.repodata import channel_from_packages


def record(line: str, *, when: int | None = 1_650_000_000_000, **more: Any) -> dict[str, Any]:
    head, *rest = [part.strip() for part in line.split("|")]
    name, version, *build = head.split()
    text = build[0] if build else "0"
    number = re.search(r"(\d+)$", text)
    parts = [[item.strip() for item in part.split(";") if item.strip()] for part in rest]
    made: dict[str, Any] = {
        "name": name,
        "version": version,
        "build": text,
        "build_number": int(number[1]) if number else 0,
        "depends": parts[0] if parts else [],
        "constrains": parts[1] if len(parts) > 1 else [],
    }
    if when is not None:
        made["timestamp"] = when
    return {**made, **more}


def channel(name: str, *lines: str | dict[str, Any], subdir: str = "noarch") -> Channel:
    records = [record(line) if isinstance(line, str) else line for line in lines]
    subdirs: dict[str, dict[str, Any]] = {subdir: {}}
    for item in records:
        place = item.get("subdir", subdir)
        subdirs.setdefault(place, {})[f"{item['name']}-{item['version']}-{item['build']}.conda"] = item
    return channel_from_packages(name, subdirs)
